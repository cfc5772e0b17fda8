/// Dictionaries with these keys are encoded as objects, not as lists of alternating keys and values.

/// A key that is any text.
struct TextKey: CodingKey {
  let stringValue: String
  init(_ text: String) { stringValue = text }
  init?(stringValue: String) { self.stringValue = stringValue }
  var intValue: Int? { nil }
  init?(intValue: Int) { nil }
}

extension ContainerID: CodingKeyRepresentable {
  public var codingKey: any CodingKey { TextKey(description) }
  public init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}

extension ImageReference: CodingKeyRepresentable {
  public var codingKey: any CodingKey { TextKey(description) }
  public init?(codingKey: some CodingKey) {
    do { try self.init(codingKey.stringValue) } catch { return nil }
  }
}

extension Slot: CodingKeyRepresentable {
  /// `STACK/SERVICE:NUMBER`.
  public var codingKey: any CodingKey { TextKey("\(stack)/\(description)") }
  public init?(codingKey: some CodingKey) {
    let text = codingKey.stringValue
    guard let slash = text.firstIndex(of: "/") else { return nil }
    self.init(text[text.index(after: slash)...], stack: String(text[..<slash]))
  }
}

extension Slot {
  /// nil unless `text` is `SERVICE:NUMBER`, as `description` writes it.
  public init?(_ text: some StringProtocol, stack: String) {
    guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
      let number = Int(text[text.index(after: colon)...])
    else { return nil }
    self.init(stack: stack, service: String(text[..<colon]), number: number)
  }
}

extension Instance {
  /// nil unless `text` is `SERVICE:NUMBER` or `SERVICE:NUMBER@GENERATION`.
  public init?(_ text: some StringProtocol, stack: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count <= 2, let slot = Slot(parts[0], stack: stack) else { return nil }
    if parts.count == 1 {
      self.init(slot: slot, generation: 1)
    } else if let generation = Int(parts[1]) {
      self.init(slot: slot, generation: generation)
    } else {
      return nil
    }
  }
}
