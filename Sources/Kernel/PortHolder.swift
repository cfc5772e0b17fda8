internal import CLinux
internal import Glibc

/// Who holds a port of this machine.
public struct PortHolder: Hashable, Sendable, CustomStringConvertible {
  public var pid: Int32
  /// The program's name as the kernel knows it, at most 15 characters.
  public var program: String

  public var description: String { "\(program) (process \(pid))" }

  /// The process whose socket stands in the way of binding `place`; nil where it cannot be found:
  /// in another PID namespace, or gone by now.
  public static func find(_ transport: InetSocket.Transport, at place: InetAddress) -> PortHolder? {
    let inodes = [
      "/proc/thread-self/net/\(transport.rawValue)", "/proc/thread-self/net/\(transport.rawValue)6",
    ]
    .flatMap { path in
      ((try? Files.readText(path)) ?? "").split(separator: "\n").dropFirst()
        .compactMap { inode(in: $0, if: place) }
    }
    guard !inodes.isEmpty else { return nil }
    let links = Set(inodes.map { "socket:[\($0)]" })
    for pid in ((try? Files.list("/proc")) ?? []).compactMap({ Int32($0) }) {
      for number in (try? Files.list("/proc/\(pid)/fd")) ?? [] {
        guard let target = readLink("/proc/\(pid)/fd/\(number)"), links.contains(target) else { continue }
        let program = (try? Files.readText("/proc/\(pid)/comm")) ?? ""
        return PortHolder(pid: pid, program: String(program.prefix { $0 != "\n" }))
      }
    }
    return nil
  }

  /// The inode of a line of /proc/net/tcp or udp where its local end is in the way of `place`.
  static func inode(in line: Substring, if place: InetAddress) -> String? {
    let fields = line.split(separator: " ", omittingEmptySubsequences: true)
    guard fields.count > 9 else { return nil }
    let local = fields[1].split(separator: ":")
    guard local.count == 2, UInt16(local[1], radix: 16) == place.port, fields[9] != "0" else { return nil }
    // IPv4 is one word in native byte order; in IPv6 the last of four words is the mapped address.
    guard let word = UInt32(local[0].suffix(8), radix: 16) else { return nil }
    let address = UInt32(bigEndian: word)
    guard address == 0 || place.address == 0 || address == place.address else { return nil }
    return String(fields[9])
  }

  private static func readLink(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 64)
    let n = unsafe readlink(path, &buffer, 63)
    guard n > 0 else { return nil }
    return String(decoding: buffer[..<n].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
