/// The devices that a container may use: all, or none but those listed.
///
/// There are no "deny" rules: whatever is not allowed is denied, so the order does not matter and
/// both versions of cgroups say the same.
public enum DeviceAccess: Codable, Hashable, Sendable {
  /// `privileged`.
  case all
  case only([DeviceRule])

  /// What every container gets (runc's and Docker's defaults together): make any node; use null,
  /// zero, full, random, urandom, tty, console, ptmx and the pseudoterminals.
  public static let standard = DeviceAccess.only([
    DeviceRule(.character, access: .makeNode),
    DeviceRule(.block, access: .makeNode),
    DeviceRule(.character, major: 1, minor: 3),
    DeviceRule(.character, major: 1, minor: 5),
    DeviceRule(.character, major: 1, minor: 7),
    DeviceRule(.character, major: 1, minor: 8),
    DeviceRule(.character, major: 1, minor: 9),
    DeviceRule(.character, major: 5, minor: 0),
    DeviceRule(.character, major: 5, minor: 1),
    DeviceRule(.character, major: 5, minor: 2),
    DeviceRule(.character, major: 136),
  ])

  /// The standard ones and `rules`.
  public static func standard(and rules: [DeviceRule]) -> DeviceAccess {
    guard case .only(let base) = standard else { return standard }
    return .only(base + rules)
  }
}

/// Devices that are allowed, as `c 1:3 rwm`.
public struct DeviceRule: Codable, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Codable, Hashable, Sendable {
    case character = "c"
    case block = "b"
    case any = "a"
  }

  public struct Access: OptionSet, Codable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    // The values are the kernel's (BPF_DEVCG_ACC_*).
    public static let makeNode = Access(rawValue: 1)
    public static let read = Access(rawValue: 2)
    public static let write = Access(rawValue: 4)
    public static let full: Access = [.makeNode, .read, .write]
  }

  public var kind: Kind
  /// nil: every number.
  public var major: UInt32?
  /// nil: every number.
  public var minor: UInt32?
  public var access: Access

  public init(_ kind: Kind, major: UInt32? = nil, minor: UInt32? = nil, access: Access = .full) {
    self.kind = kind
    self.major = major
    self.minor = minor
    self.access = access
  }

  /// Parses `KIND MAJOR:MINOR ACCESS`, the form of `device_cgroup_rules`; nil where it is not.
  public init?(_ text: String) {
    let fields = text.split(separator: " ", omittingEmptySubsequences: false)
    guard fields.count == 3, let kind = Kind(rawValue: String(fields[0])) else { return nil }
    let numbers = fields[1].split(separator: ":", omittingEmptySubsequences: false)
    guard numbers.count == 2, let major = number(numbers[0]), let minor = number(numbers[1]) else {
      return nil
    }
    var access: Access = []
    for letter in fields[2] {
      let one: Access
      switch letter {
      case "r": one = .read
      case "w": one = .write
      case "m": one = .makeNode
      default: return nil
      }
      guard access.insert(one).inserted else { return nil }
    }
    guard !access.isEmpty else { return nil }
    self.init(kind, major: major.value, minor: minor.value, access: access)
  }

  public var description: String {
    let letters =
      (access.contains(.read) ? "r" : "") + (access.contains(.write) ? "w" : "")
      + (access.contains(.makeNode) ? "m" : "")
    return "\(kind.rawValue) \(major.map(String.init) ?? "*"):\(minor.map(String.init) ?? "*") \(letters)"
  }
}

/// A number or `*`; nil: neither.
private func number(_ text: Substring) -> (value: UInt32?, Void)? {
  if text == "*" { return (nil, ()) }
  guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt32(text) else {
    return nil
  }
  return (value, ())
}
