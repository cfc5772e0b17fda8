/// The files of a project, found and read: the stack file, the directory, the variables.
struct ProjectFiles {
  /// The names that are searched for, the first that exists counts.
  static let defaultNames = [
    "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml", "stack.yaml", "stack.yml",
  ]

  var directory: String
  /// As diagnostics name it; `-` for standard input.
  var file: String
  var bytes: [UInt8]
  /// Absolute; empty for standard input.
  var path: String
  /// The caller's environment over the env files.
  var variables: [String: String]

  /// nil where something is missing, which `findings` then says.
  static func find(_ request: LoadRequest, _ findings: inout Findings, _ sources: inout SourceTexts)
    -> ProjectFiles?
  {
    var finder = Finder(request: request)
    defer { sources = finder.sources }
    return finder.find(&findings)
  }
}

private struct Finder {
  let request: LoadRequest
  var sources = SourceTexts()
  var working: String { request.workingDirectory }

  init(request: LoadRequest) { self.request = request }

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
      guard !hasOverride(beside: found, &findings) else { return nil }
    }
    guard files.count == 1 else {
      findings.error(
        nil,
        "more than one stack file (\(files.joined(separator: ", "))): merging files is not supported yet",
        fix: "give one '-f'")
      return nil
    }
    let project = directory ?? firstDirectory(of: files) ?? working
    return read(files[0], project, variables, &findings)
  }

  /// The directory of the first `-f` file; nil where there is none, or it is standard input.
  private func firstDirectory(of files: [String]) -> String? {
    guard let first = files.first, first != "-" else { return nil }
    return Paths.parent(of: Paths.join(working, first))
  }

  private mutating func read(
    _ file: String, _ directory: String, _ variables: [String: String], _ findings: inout Findings
  ) -> ProjectFiles? {
    if file == "-" {
      guard let text = request.stdin else {
        findings.error(nil, "'-f -' reads standard input, and there is none")
        return nil
      }
      let bytes = Array(text.utf8)
      sources.add(bytes, as: "-")
      return ProjectFiles(directory: directory, file: "-", bytes: bytes, path: "", variables: variables)
    }
    let path = Paths.join(working, file)
    let name = request.files.isEmpty ? shown(path) : file
    switch request.access.read(path) {
    case .success(let bytes):
      sources.add(bytes, as: name)
      return ProjectFiles(directory: directory, file: name, bytes: bytes, path: path, variables: variables)
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
      let present = ProjectFiles.defaultNames.filter { exists(Paths.join(directory, $0)) }
      if let first = present.first {
        if present.count > 1 {
          findings.warn(
            nil,
            "\(shown(directory)) has more than one stack file (\(present.joined(separator: ", "))); '\(first)' is used",
            fix: "choose with '-f'")
        }
        return Paths.join(directory, first)
      }
      if directory == "/" { break }
      directory = Paths.parent(of: directory)
    }
    findings.error(
      nil, "there is no stack file in \(start) or above it",
      fix: "write a compose.yaml or stack.yaml there, or name one with '-f'")
    return nil
  }

  /// Docker Compose would merge it without being asked, so it cannot be passed over in silence.
  private func hasOverride(beside path: String, _ findings: inout Findings) -> Bool {
    for name in [
      "compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml",
      "docker-compose.override.yml",
    ] {
      let other = Paths.join(Paths.parent(of: path), name)
      guard exists(other) else { continue }
      findings.error(
        nil,
        "\(quoted(shown(other))) stands beside \(quoted(shown(path))): merging files is not supported yet",
        fix: "leave it out with '-f \(shown(path))'")
      return true
    }
    return false
  }

  private func exists(_ path: String) -> Bool { request.access.read(path) != .failure(.absent) }

  /// A path as the user sees it from where they are.
  private func shown(_ path: String) -> String {
    let prefix = working == "/" ? "/" : working + "/"
    if path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
    return path
  }

  /// The caller's environment over the env files.
  private mutating func environment(in directory: String, _ findings: inout Findings) -> [String: String] {
    var paths = request.envFiles
    if paths.isEmpty, let listed = request.environment["COMPOSE_ENV_FILES"] {
      paths = listed.split(separator: ",").map(String.init)
    }
    let isAsked = !paths.isEmpty
    var values: [String: String] = [:]
    for path in isAsked ? paths.map({ Paths.join(working, $0) }) : [Paths.join(directory, ".env")] {
      let name = shown(path)
      switch request.access.read(path) {
      case .success(let bytes):
        sources.add(bytes, as: name)
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
