/// The name of an image as a user writes it: `[REGISTRY/]NAME[:TAG][@DIGEST]`.
///
/// Two spellings of one image are equal once parsed: `busybox` and
/// `docker.io/library/busybox:latest` are the same value (distribution/reference grammar).
public struct ImageReference: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  /// The registry's host and port; `docker.io` where none was written.
  public let registry: String
  /// The repository in that registry, such as `library/busybox`.
  public let repository: String
  /// The tag; `latest` where neither a tag nor a digest was written; nil where only a digest was.
  public let tag: String?
  /// The digest that pins it; nil where none was written.
  public let digest: Digest?

  public init(_ text: String) throws(ValueError) {
    func refuse(_ why: String) -> ValueError {
      ValueError(kind: "image name", text: text, reason: why)
    }
    guard !text.isEmpty else { throw refuse("it is empty; write NAME[:TAG]") }
    var rest = Substring(text)
    if let at = rest.firstIndex(of: "@") {
      guard let pin = Digest(rest[rest.index(after: at)...]) else {
        throw refuse("what follows '@' must be sha256: and 64 hexadecimal digits")
      }
      digest = pin
      rest = rest[..<at]
    } else {
      digest = nil
    }
    if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
      let written = rest[rest.index(after: colon)...]
      guard ImageReference.isTag(written) else {
        throw refuse("a tag is up to 128 letters, digits, '_', '.', '-', and begins with none of '.-'")
      }
      tag = String(written)
      rest = rest[..<colon]
    } else {
      tag = digest == nil ? "latest" : nil
    }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    if let first = parts.first, parts.count > 1,
      first.contains(".") || first.contains(":") || first == "localhost"
    {
      registry = String(first)
      repository = parts.dropFirst().joined(separator: "/")
    } else {
      registry = "docker.io"
      repository = parts.count == 1 ? "library/" + rest : String(rest)
    }
    guard registry.utf8.allSatisfy({ isAlphanumeric($0) || ".:-".utf8.contains($0) }) else {
      throw refuse("the registry '\(registry)' is not a host name")
    }
    guard
      repository.split(separator: "/", omittingEmptySubsequences: false)
        .allSatisfy(ImageReference.isPathComponent)
    else {
      throw refuse(
        "a name is made of lower-case letters and digits, joined by '.', '_', '-' or '/'")
    }
  }

  /// The name as a user would write it, without the parts that are understood.
  public var description: String {
    name + (tag.map { ":" + $0 } ?? "") + (digest.map { "@\($0)" } ?? "")
  }

  /// The description without tag and digest.
  public var name: String {
    if registry != "docker.io" { return registry + "/" + repository }
    return repository.hasPrefix("library/") ? String(repository.dropFirst(8)) : repository
  }

  public static func < (a: ImageReference, b: ImageReference) -> Bool {
    a.description < b.description
  }

  private static func isTag(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
    return (isAlphanumeric(first) || first == UInt8(ascii: "_"))
      && text.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
  }

  private static func isPathComponent(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
      && text.utf8.allSatisfy { isLowerAlphanumeric($0) || "._-".utf8.contains($0) }
      && !text.contains("..")
  }

  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
  isLowerAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
}

func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
}
