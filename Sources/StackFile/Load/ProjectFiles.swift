/// The files of a project, found and read: the stack files, the directory, the variables.
struct ProjectFiles {
  /// The names that are searched for, the first that exists counts.
  static let defaultNames = [
    "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml", "stack.yaml", "stack.yml",
  ]

  /// A file that was read.
  struct File {
    /// As diagnostics name it; `-` for standard input.
    var name: String
    /// Absolute; empty for standard input.
    var path: String
    var bytes: [UInt8]
  }

  var directory: String
  /// The later ones override the earlier.
  var files: [File]
  /// The caller's environment over the env files.
  var variables: [String: String]

  /// nil where something is missing, which `findings` then says.
  static func find(_ request: LoadRequest, _ findings: inout Findings, _ reader: inout FileReader)
    -> ProjectFiles?
  {
    var finder = Finder(request: request, reader: reader)
    defer { reader = finder.reader }
    return finder.find(&findings)
  }
}

private struct Finder {
  let request: LoadRequest
  var reader: FileReader
  var working: String { request.workingDirectory }

  init(request: LoadRequest, reader: FileReader) {
    self.request = request
    self.reader = reader
  }

  mutating func find(_ findings: inout Findings) -> ProjectFiles? {
    var files = request.files
    var directory = request.projectDirectory.map { Paths.join(working, $0) }
    // `.env` may name the files, so it is read where they are expected to be.
    var variables = environment(in: directory ?? firstDirectory(of: files) ?? working, &findings)
    if files.isEmpty, let listed = variables["COMPOSE_FILE"], !listed.isEmpty {
      let separator = variables["COMPOSE_PATH_SEPARATOR"]?.first ?? ":"
      files = listed.split(separator: separator).map(String.init)
    }
    if files.isEmpty {
      guard let found = search(from: directory ?? working, &findings) else { return nil }
      files = [found]
      let place = Paths.parent(of: found)
      if directory == nil, place != working { variables = environment(in: place, &findings) }
      directory = directory ?? place
      if let other = override(in: place, &findings) { files.append(other) }
    }
    let project = directory ?? firstDirectory(of: files) ?? working
    var read = files.compactMap { self.read($0, &findings) }
    guard read.count == files.count else { return nil }
    if let overlay = request.overlay {
      read.append(ProjectFiles.File(name: overlay.name, path: "", bytes: Array(overlay.text.utf8)))
    }
    return ProjectFiles(directory: project, files: read, variables: variables)
  }

  /// The directory of the first `-f` file; nil where there is none, or it is standard input.
  private func firstDirectory(of files: [String]) -> String? {
    guard let first = files.first, first != "-" else { return nil }
    return Paths.parent(of: Paths.join(working, first))
  }

  private mutating func read(_ file: String, _ findings: inout Findings) -> ProjectFiles.File? {
    if file == "-" {
      guard let text = request.stdin else {
        findings.error(nil, "'-f -' reads standard input, and there is none")
        return nil
      }
      return ProjectFiles.File(name: "-", path: "", bytes: Array(text.utf8))
    }
    let path = Paths.join(working, file)
    let name = request.files.isEmpty ? reader.shown(path) : file
    switch reader.bytes(path, as: name) {
    case .success(let bytes): return ProjectFiles.File(name: name, path: path, bytes: bytes)
    case .failure(.absent):
      findings.error(
        nil, "cannot read the stack file \(quoted(name)): there is no such file", fix: "check '-f'")
    case .failure(.unreadable(let why)):
      findings.error(nil, "cannot read the stack file \(quoted(name)): \(why)")
    }
    return nil
  }

  /// The first default file in the directory or the nearest one above it that has any.
  private func search(from start: String, _ findings: inout Findings) -> String? {
    var directory = Paths.clean(start)
    while true {
      if let first = firstFile(of: ProjectFiles.defaultNames, in: directory, &findings) { return first }
      if directory == "/" { break }
      directory = Paths.parent(of: directory)
    }
    findings.error(
      nil, "there is no stack file in \(start) or above it",
      fix: "write a compose.yaml or stack.yaml there, or name one with '-f'")
    return nil
  }

  /// The file that is merged over the one that was found, without being asked for.
  private func override(in directory: String, _ findings: inout Findings) -> String? {
    let names = [
      "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
      "docker-compose.override.yaml", "stack.override.yaml", "stack.override.yml",
    ]
    return firstFile(of: names, in: directory, &findings)
  }

  /// The first of the names that exists there; a warning where others do too.
  private func firstFile(of names: [String], in directory: String, _ findings: inout Findings) -> String? {
    let present = names.filter { exists(Paths.join(directory, $0)) }
    guard let first = present.first else { return nil }
    if present.count > 1 {
      findings.warn(
        nil,
        "\(reader.shown(directory)) has more than one stack file (\(present.joined(separator: ", "))); '\(first)' is used",
        fix: "choose with '-f'")
    }
    return Paths.join(directory, first)
  }

  private func exists(_ path: String) -> Bool { request.access.read(path) != .failure(.absent) }

  /// The caller's environment over the env files.
  private mutating func environment(in directory: String, _ findings: inout Findings) -> [String: String] {
    var paths = request.envFiles
    if paths.isEmpty, let listed = request.environment["COMPOSE_ENV_FILES"] {
      paths = listed.split(separator: ",").map(String.init)
    }
    let isAsked = !paths.isEmpty
    var values: [String: String] = [:]
    for path in isAsked ? paths.map({ Paths.join(working, $0) }) : [Paths.join(directory, ".env")] {
      let name = reader.shown(path)
      switch reader.bytes(path, as: name) {
      case .success(let bytes):
        let own = request.environment
        let more = DotEnv.read(
          bytes, file: findings.add(file: name), earlier: values, lookup: { own[$0] }, findings: &findings)
        values.merge(more) { $1 }
      case .failure(.absent):
        if isAsked {
          findings.error(
            nil, "cannot read the env file \(quoted(name)): there is no such file", fix: "check '--env-file'")
        }
      case .failure(.unreadable(let why)):
        // A directory called `.env` is nobody's env file.
        if isAsked { findings.error(nil, "cannot read the env file \(quoted(name)): \(why)") }
      }
    }
    return values.merging(request.environment) { $1 }
  }
}
