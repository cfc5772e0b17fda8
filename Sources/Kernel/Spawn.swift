internal import CLinux
internal import Glibc

/// Starts programs of ours. The engine never forks: this is vfork and exec in one (posix_spawn(3)).
public enum Spawn {
  /// Starts an open executable in a session of its own, with an empty environment and default
  /// signals. `descriptors` become 0, 1, 2 and so on; it gets no others.
  public static func program(_ executable: Descriptor, arguments: [String], descriptors: [Descriptor])
    throws(SystemError) -> SpawnedProcess
  {
    var process: Int32 = 0
    let numbers = descriptors.map(\.number)
    let code = unsafe withCStrings(arguments) { list in
      unsafe cl_spawn(executable.number, list, numbers, UInt32(numbers.count), &process)
    }
    guard code == 0 else { throw SystemError("start", on: arguments.first ?? "", code: code) }
    // A child that has not been reaped keeps its number.
    return SpawnedProcess(process: process, handle: try PidFD(process: process))
  }

  /// /dev/null, for standard streams that are not used.
  public static func null() throws(SystemError) -> Descriptor {
    try Files.open("/dev/null", flags: O_RDWR)
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var list: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
    unsafe list.append(nil)
    defer { for index in unsafe list.indices { unsafe free(list[index]) } }
    return unsafe list.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
  }
}

/// A child of ours.
public struct SpawnedProcess: Sendable {
  public let process: Int32
  public let handle: PidFD
}
