/// Reads files for the loader: keeps their text for diagnostics, and parses each once.
struct FileReader {
  let access: FileAccess
  /// Absolute; files below it are named from there.
  let workingDirectory: String
  var sources = SourceTexts()
  private var documents: [String: [Node]?] = [:]

  init(access: FileAccess, workingDirectory: String) {
    self.access = access
    self.workingDirectory = workingDirectory
  }

  /// A path as the user sees it from where they are.
  func shown(_ path: String) -> String {
    let prefix = workingDirectory == "/" ? "/" : workingDirectory + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }

  /// The content of a file, kept for diagnostics under `name`.
  mutating func bytes(_ path: String, as name: String) -> Result<[UInt8], FileAccess.Failure> {
    let result = access.read(path)
    if case .success(let bytes) = result { sources.add(bytes, as: name) }
    return result
  }

  /// The documents of a stack file, each a map; nil where it cannot be used, which is reported.
  mutating func documents(of file: ProjectFiles.File, _ findings: inout Findings) -> [Node]? {
    if let known = documents[file.name] { return known }
    sources.add(file.bytes, as: file.name)
    let number = findings.add(file: file.name)
    var read = NodeReader.read(file.bytes, file: number, findings: &findings)
    for root in read ?? [] {
      if case .map = root.content { continue }
      findings.error(root.at, "a stack file must be a map, not \(root.kind)", fix: "begin with 'services:'")
      read = nil
    }
    documents[file.name] = .some(read)
    return read
  }
}
