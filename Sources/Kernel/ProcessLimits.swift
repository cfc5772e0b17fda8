internal import CLinux
internal import Glibc

/// What the calling process is allowed: the ceiling for what a container can be given.
public enum ProcessLimits {
  /// The bounding set, bit n for capability n (capabilities(7)). It is asked for once: the kernel tells each
  /// capability in a call of its own, and no thread of ours drops one.
  public static let boundingCapabilities: UInt64 = cl_bounding_capabilities()

  /// The effective set, bit n for capability n.
  public static var effectiveCapabilities: UInt64 { cl_effective_capabilities() }

  /// Soft and hard limit by the kernel's number for the resource (getrlimit(2)); `UInt64.max` is
  /// unlimited.
  public static func limit(of resource: Int32) throws(SystemError) -> (soft: UInt64, hard: UInt64) {
    var soft: UInt64 = 0
    var hard: UInt64 = 0
    guard unsafe cl_get_rlimit(resource, &soft, &hard) == 0 else {
      throw .last("getrlimit", on: "resource \(resource)")
    }
    return (soft, hard)
  }

  /// This process's ID.
  public static var processID: Int32 { getpid() }

  /// The running kernel's release, such as `6.1.0-56-cloud-amd64`.
  public static var kernelRelease: String {
    var name = utsname()
    guard unsafe uname(&name) == 0 else { return "" }
    return unsafe withUnsafePointer(to: name.release) {
      unsafe $0.withMemoryRebound(to: CChar.self, capacity: 65) { unsafe String(cString: $0) }
    }
  }
}
