/// Reads the files of a project, and of those that it includes, into one tree: each file is
/// interpolated, brought into canonical form, joined with what it includes and extends, and merged
/// over the files before it.
struct ModelLoader {
  /// How many files may include, or services extend, one another in a row.
  static let depthBudget = 100

  var reader: FileReader
  var findings: Findings
  /// Whether `${…}` is left as it is.
  let keepsVariables: Bool

  /// What the files of one project are read against.
  struct Scope {
    /// Absolute; relative paths begin here.
    var directory: String
    var variables: [String: String]
    /// The paths of the files that include this one, the outermost first.
    var trail: [String] = []
  }

  /// The merged tree in canonical form; nil where no file could be read.
  mutating func load(_ files: [ProjectFiles.File], _ scope: Scope) -> Node? {
    var merged: Node?
    for file in files {
      var scope = scope
      scope.trail.append(file.path.isEmpty ? file.name : file.path)
      for document in reader.documents(of: file, &findings) ?? [] {
        guard let tree = tree(document, scope) else { continue }
        merged = merged.map { Merge.apply($0, tree, shape: .object { Forms.top }) } ?? tree
        merged = merged?.unmarked
      }
    }
    return merged.map { resolvingDevices($0, scope) }
  }

  /// A volume of the driver `local` that is a directory of the host: its path is made absolute.
  private func resolvingDevices(_ tree: Node, _ scope: Scope) -> Node {
    guard let volumes = tree["volumes"], !keepsVariables else { return tree }
    let surroundings = Surroundings(
      directory: scope.directory, home: scope.variables["HOME"], variables: scope.variables)
    var tree = tree
    tree["volumes"]?.content = .map(
      volumes.pairs.map { pair in
        var pair = pair
        guard pair.value["driver"]?.string == "local", let options = pair.value["driver_opts"],
          options["o"]?.string == "bind", let device = options["device"], let path = device.string
        else { return pair }
        pair.value["driver_opts"]?["device"] = Node(surroundings.resolve(path), at: device.at)
        return pair
      })
    return tree
  }

  /// One document with all that it includes and extends.
  private mutating func tree(_ document: Node, _ scope: Scope) -> Node? {
    let expanded = interpolated(document, scope)
    guard var tree = canonical(expanded, Form(.object { Forms.top }) { Forms.top.check($0, $1, &$2) }, scope)
    else { return nil }
    if let entries = tree["include"] {
      tree["include"] = nil
      for entry in entries.items {
        guard let included = include(entry, scope) else { continue }
        let sections = included.pairs.filter { ModelLoader.sections.contains($0.key) }
        tree = Merge.apply(Node(.map(sections), at: tree.at), tree, shape: .object { Forms.top })
      }
    }
    extendServices(&tree, scope)
    return tree
  }

  /// What a file takes over from one that it includes.
  private static let sections: Set<String> = [
    "services", "networks", "volumes", "configs", "secrets", "models", "jobs",
  ]

  mutating func interpolated(_ node: Node, _ scope: Scope) -> Node {
    if keepsVariables { return node }
    let variables = scope.variables
    var interpolator = Interpolator { variables[$0] }
    return interpolator.expand(node, &findings)
  }

  /// The value in canonical form, with relative paths beginning at the scope's directory.
  mutating func canonical(_ node: Node, _ form: Form, _ scope: Scope, key: String = "the file") -> Node? {
    let surroundings = Surroundings(
      directory: scope.directory, home: scope.variables["HOME"], variables: scope.variables)
    var check = Check(findings: findings, surroundings: surroundings, keepsVariables: keepsVariables)
    // One owner at a time: a copy of the findings for each value would be slow.
    findings = Findings()
    let canonical = form(node, Place(key: key), &check)
    findings = check.findings
    return canonical
  }
}
