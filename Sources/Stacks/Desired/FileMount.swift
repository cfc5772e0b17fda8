/// A config or a secret as one container gets it: a file, read-only, that exists in memory only.
///
/// The content is part of the spec, so that a change of it is a difference like any other.
public struct FileMount: Codable, Hashable, Sendable {
  public enum Kind: String, Codable, Hashable, Sendable { case config, secret }
  public var kind: Kind
  /// Its key at the top level of the file.
  public var key: String
  /// The absolute path in the container.
  public var target: String
  public var content: FileContent
  /// The number of the owner; nil: the user that the container runs as.
  public var owner: UInt32?
  /// The number of the group; nil: that of the user that the container runs as.
  public var group: UInt32?
  /// The permissions, at most 0o777.
  public var mode: UInt32

  public init(
    kind: Kind, key: String, target: String, content: FileContent, owner: UInt32? = nil,
    group: UInt32? = nil, mode: UInt32 = 0o444
  ) {
    self.kind = kind
    self.key = key
    self.target = target
    self.content = content
    self.owner = owner
    self.group = group
    self.mode = mode
  }
}

/// The bytes of a config or a secret. They are never printed by accident: not in a message, not in a
/// dump of what holds them. Stored as text where they are UTF-8, else as numbers.
public struct FileContent: Hashable, Sendable {
  public var bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// The first line in which two contents differ, with its number, for people; a line that one of them
  /// does not have is `none`.
  func firstDifference(to other: FileContent) -> (old: String, new: String)? {
    if self == other { return nil }
    guard let before = text, let after = other.text else { return ("other bytes", "new bytes") }
    let old = before.split(separator: "\n", omittingEmptySubsequences: false)
    let new = after.split(separator: "\n", omittingEmptySubsequences: false)
    let index = zip(old, new).prefix { $0 == $1 }.count
    func word(_ lines: [Substring]) -> String { lines.indices.contains(index) ? "'\(lines[index])'" : "none" }
    return ("line \(index + 1) \(word(old))", word(new))
  }

  private var text: String? { String(validating: bytes, as: UTF8.self) }
}

extension FileContent: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "\(bytes.count) bytes" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension FileContent: Codable {
  private enum Key: String, CodingKey { case text, bytes }

  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: Key.self)
    if let text = try stored.decodeIfPresent(String.self, forKey: .text) {
      self.init(text)
    } else {
      self.init(try stored.decode([UInt8].self, forKey: .bytes))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if let text {
      try container.encode(text, forKey: .text)
    } else {
      try container.encode(bytes, forKey: .bytes)
    }
  }
}
