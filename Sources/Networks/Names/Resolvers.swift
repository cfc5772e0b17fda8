import Kernel
import Stacks

/// The host's own name servers, from a file like resolv.conf(5), read again when it has changed.
/// Search domains and options do not count: names are complete when they come here. Servers with
/// IPv6 addresses are passed over.
struct Resolvers: Sendable {
  private let path: String
  private var stamp: HostFile.Stamp?
  private var servers: [IPv4Address] = []

  init(path: String) { self.path = path }

  /// At most three, as the C library does; 127.0.0.1 where the file names none.
  mutating func current() -> [IPv4Address] {
    let now = HostFile.stamp(path)
    if now == nil || now != stamp {
      stamp = now
      servers = Self.parse((try? HostFile.read(path)) ?? "")
    }
    return servers
  }

  static func parse(_ text: String) -> [IPv4Address] {
    var servers: [IPv4Address] = []
    var hasOthers = false
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count >= 2, words[0] == "nameserver" else { continue }
      if let address = IPv4Address(words[1]) { servers.append(address) } else { hasOthers = true }
    }
    return servers.isEmpty && !hasOthers ? [.loopback] : Array(servers.prefix(3))
  }
}
