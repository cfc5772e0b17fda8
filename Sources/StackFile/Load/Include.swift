extension ModelLoader {
  /// The tree of an entry of `include`, a project with its own directory and env file; nil where it
  /// cannot be read, which is reported.
  mutating func include(_ entry: Node, _ scope: Scope) -> Node? {
    guard let paths = entry["path"], let first = paths.items.first else {
      if entry["path"]?.items.isEmpty != false, !findings.isFaulty(entry.at) {
        findings.error(entry.at, "an entry of 'include' lacks 'path'", fix: "add 'path: FILE'")
      }
      return nil
    }
    let main = Paths.join(scope.directory, first.string ?? "")
    let directory =
      entry["project_directory"]?.string.map { Paths.join(scope.directory, $0) } ?? Paths.parent(of: main)
    if scope.trail.contains(main) {
      let circle = (scope.trail.drop { $0 != main } + [main]).map(reader.shown).joined(separator: " -> ")
      findings.error(
        first.at, "the files include each other in a circle: \(circle)", fix: "remove one 'include'")
      return nil
    }
    guard scope.trail.count < ModelLoader.depthBudget else {
      findings.error(first.at, "files include each other more than \(ModelLoader.depthBudget) deep")
      return nil
    }
    var files: [ProjectFiles.File] = []
    for path in paths.items {
      guard let file = file(path, Paths.join(scope.directory, path.string ?? "")) else { continue }
      files.append(file)
    }
    guard files.count == paths.items.count else { return nil }
    guard let variables = variables(of: entry, in: directory, scope) else { return nil }
    return load(files, Scope(directory: directory, variables: variables, trail: scope.trail))
  }

  /// The file that a value names; nil where it cannot be read, which is reported there.
  mutating func file(_ node: Node, _ path: String) -> ProjectFiles.File? {
    let written = node.string ?? ""
    let remote = ["https://", "http://", "git://", "ssh://", "oci://", "git@", "github.com/"]
    if remote.contains(where: written.hasPrefix) {
      findings.error(
        node.at, "\(quoted(written)) is not on this machine: remote files are not supported yet",
        fix: "fetch it first, and write the path of the copy")
      return nil
    }
    let name = reader.shown(path)
    switch reader.bytes(path, as: name) {
    case .success(let bytes): return ProjectFiles.File(name: name, path: path, bytes: bytes)
    case .failure(.absent):
      findings.error(
        node.at, "the file \(quoted(name)) does not exist",
        fix: "check the path; it begins at the project directory")
    case .failure(.unreadable(let why)):
      findings.error(node.at, "the file \(quoted(name)) cannot be read: \(why)")
    }
    return nil
  }

  /// The variables of an included project: those of the including one win over its env file.
  private mutating func variables(of entry: Node, in directory: String, _ scope: Scope) -> [String: String]? {
    var files: [(node: Node?, path: String)] = []
    if let written = entry["env_file"] {
      files = written.items.filter { $0.string != "/dev/null" }.map {
        ($0, Paths.join(scope.directory, $0.string ?? ""))
      }
    } else {
      files = [(nil, Paths.join(directory, ".env"))]
    }
    var values: [String: String] = [:]
    for file in files {
      let name = reader.shown(file.path)
      switch reader.bytes(file.path, as: name) {
      case .success(let bytes):
        let known = scope.variables
        let more = DotEnv.read(
          bytes, file: findings.add(file: name), earlier: values, lookup: { known[$0] }, findings: &findings)
        values.merge(more) { $1 }
      case .failure(let failure):
        // Nobody asked for a '.env', and a directory of that name is nobody's env file.
        guard let node = file.node else { continue }
        let why =
          if case .unreadable(let reason) = failure { "cannot be read: \(reason)" } else { "does not exist" }
        findings.error(
          node.at, "the env file \(quoted(name)) \(why)",
          fix: "check the path; it begins at the project directory")
        return nil
      }
    }
    return values.merging(scope.variables) { $1 }
  }
}
