package import EngineInterface

extension Requester {
  /// The header fields that carry it, percent-encoded.
  package static let userField = "X-Cairn-User"
  package static let commandField = "X-Cairn-Command"
}
