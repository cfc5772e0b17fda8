/// Which kernel settings a container may make: those of its own namespaces, one plain value each
/// (CVE-2022-0811).
public enum Sysctl {
  private static let ofNamespaces: Set<String> = [
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
    "kernel.shmmni", "kernel.shm_rmid_forced", "kernel.domainname",
  ]

  /// Why a container cannot set `name` to `value`; nil: it can.
  public static func problem(_ name: String, _ value: String) -> String? {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
      default: false
      }
    }
    guard isPlain, !name.contains(".."), !name.hasSuffix("."),
      ofNamespaces.contains(name) || name.hasPrefix("fs.mqueue.") || isOfNetwork(name)
    else {
      return "only net.*, fs.mqueue.* and the kernel's msg*, sem, shm* and domainname are the container's own"
    }
    guard !value.isEmpty, value.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) else {
      return "the value must be one line of printable characters"
    }
    return nil
  }

  /// Whether it belongs to the network namespace.
  public static func isOfNetwork(_ name: String) -> Bool { name.hasPrefix("net.") }
}
