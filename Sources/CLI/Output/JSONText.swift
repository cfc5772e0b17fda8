import Wire

/// Values as JSON for scripts; keys are sorted, so that equal values give equal text.
enum JSONText {
  /// One line with its line feed.
  static func line(_ value: some Encodable) throws(CLIError) -> String {
    do throws(APIError) { return String(decoding: try WireCoding.encode(value), as: UTF8.self) + "\n" } catch
    {
      throw CLIError("\(error)")
    }
  }
}
