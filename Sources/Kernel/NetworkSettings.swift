internal import CLinux
internal import Glibc

/// The settings under /proc/sys/net of the calling thread's network namespace.
public enum NetworkSettings {
  /// Writes one, such as `ipv4/conf/cn-1/forwarding`. One that the kernel does not have is an
  /// error unless it `mayBeAbsent` (IPv6 can be compiled out or switched off).
  public static func write(_ value: String, to name: String, mayBeAbsent: Bool = false) throws(SystemError) {
    do throws(SystemError) {
      try Files.writeExisting(value, to: "/proc/sys/net/" + name)
    } catch  where mayBeAbsent && error.isNotFound {
    }
  }

  /// The value without the line end.
  public static func read(_ name: String) throws(SystemError) -> String {
    String(try Files.readText("/proc/sys/net/" + name).prefix { $0 != "\n" })
  }

  /// The index of a link of the calling thread's network namespace; nil: there is none.
  public static func index(ofLink name: String) -> UInt32? {
    let index = unsafe if_nametoindex(name)
    return index == 0 ? nil : index
  }
}
