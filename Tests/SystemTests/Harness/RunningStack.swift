import Testing

extension TestEngine {
  /// Brings a stack up from `text`, which must go well; the path of its file.
  func up(_ name: String, _ text: String, environment: [String: String] = [:]) throws -> String {
    let file = try stack(name, text)
    let up = try cairn("-f", file, "up", "-d", environment: environment)
    #expect(up.status == 0, "\(up)\n\(log(tail: 20))")
    return file
  }

  /// What a script prints in a running service; it must end with 0.
  func inside(_ file: String, _ service: String, _ script: String) throws -> String {
    let output = try cairn("-f", file, "exec", "-T", service, "sh", "-c", script)
    #expect(output.status == 0, "\(output)")
    return output.out
  }
}
