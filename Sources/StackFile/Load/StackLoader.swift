internal import Stacks

/// Text to a `Stack`: find, parse, interpolate, check, merge, assemble, bind.
///
/// Every phase adds to one list of findings and goes on as long as it makes sense, so that the user
/// sees all faults at once. Nothing here changes anything on the machine.
public enum StackLoader {
  public static func load(_ request: LoadRequest) -> LoadResult {
    var findings = Findings()
    var reader = FileReader(access: request.access, workingDirectory: request.workingDirectory)
    let loaded = load(request, &findings, &reader)
    let isUsable = !findings.hasErrors
    return LoadResult(
      stack: isUsable ? loaded?.stack : nil, document: isUsable ? loaded?.document : nil,
      diagnostics: findings.sorted, sources: reader.sources)
  }

  /// The stack's name alone, and what was found on the way to it: for commands on what runs already, which
  /// need no more of the files. nil where there is none.
  public static func name(_ request: LoadRequest) -> (name: String?, result: LoadResult) {
    var findings = Findings()
    var reader = FileReader(access: request.access, workingDirectory: request.workingDirectory)
    let project = ProjectFiles.find(request, &findings, &reader)
    let name = project.map { projectName(request, $0, &reader, &findings) }
    return (
      findings.hasErrors ? nil : name, LoadResult(diagnostics: findings.sorted, sources: reader.sources)
    )
  }

  private static func load(
    _ request: LoadRequest, _ findings: inout Findings, _ reader: inout FileReader
  ) -> (stack: Stack?, document: StackDocument)? {
    guard let project = ProjectFiles.find(request, &findings, &reader) else { return nil }
    let name = projectName(request, project, &reader, &findings)
    var variables = project.variables
    variables["COMPOSE_PROJECT_NAME"] = name

    var loader = ModelLoader(reader: reader, findings: findings, keepsVariables: !request.interpolates)
    let merged = loader.load(
      project.files, ModelLoader.Scope(directory: project.directory, variables: variables))
    findings = loader.findings
    reader = loader.reader
    guard let merged else { return nil }
    let root = Finish.apply(merged, &findings)
    let isEmpty = (root["services"]?.pairs ?? []).isEmpty && (root["jobs"]?.pairs ?? []).isEmpty
    if request.checksConsistency, isEmpty, !findings.hasErrors {
      findings.error(
        root.at, "the file declares no services", fix: "add 'services:' with at least one service")
    }

    let surroundings = Surroundings(
      directory: project.directory, home: variables["HOME"], variables: variables)
    var assembly = Assembly(request: request, surroundings: surroundings, name: name)
    let document = assembly.assemble(root, &findings, &reader)
    let shown = StackDocument(
      root: document, files: findings.files, declared: root, isInterpolated: request.interpolates,
      variables: variables, paths: project.files.map(\.path))
    guard request.checksConsistency, request.interpolates else { return (nil, shown) }
    let declared = Declarations(root)
    Consistency.check(document, declared, &findings)
    guard request.bindsStack else { return (nil, shown) }
    Consistency.checkJobs(document, declared, &findings)
    Refusals.check(document, &findings)
    Conflicts.check(document, declared, &findings)
    var stack = Binder.bind(document, surroundings, reader.access, &findings)
    stack.projectDirectory = project.directory
    stack.files = project.files.map(\.path).filter { !$0.isEmpty }
    return (stack, shown)
  }

  /// `-p`, `COMPOSE_PROJECT_NAME`, the last `name:`, or the directory's name.
  private static func projectName(
    _ request: LoadRequest, _ project: ProjectFiles, _ reader: inout FileReader, _ findings: inout Findings
  ) -> String {
    let rule = "use lower-case letters, digits, '-' and '_', beginning with a letter or digit"
    let chosen = [
      ("-p", request.projectName), ("COMPOSE_PROJECT_NAME", project.variables["COMPOSE_PROJECT_NAME"]),
    ]
    for (origin, name) in chosen {
      guard let name, !name.isEmpty else { continue }
      if !ProjectName.isRight(name) {
        findings.error(nil, "the project name \(quoted(name)) from \(origin) is not valid", fix: rule)
      }
      return name
    }
    var written: Node?
    for file in project.files {
      for document in reader.documents(of: file, &findings) ?? [] {
        if let node = document["name"], node.string?.isEmpty == false { written = node }
      }
    }
    if let written, let text = written.string {
      let variables = project.variables
      var interpolator = Interpolator { variables[$0] }
      let name = interpolator.expand(text, at: written.at, &findings) ?? ""
      if !name.isEmpty {
        if ProjectName.isRight(name) { return name }
        let normalized = ProjectName.normalized(name)
        if normalized.isEmpty {
          findings.error(written.at, "\(quoted(name)) cannot be the stack's name", fix: rule)
        } else {
          findings.warn(
            written.at, "the stack's name \(quoted(name)) counts as \(quoted(normalized))",
            fix: "write '\(normalized)'")
        }
        return normalized
      }
    }
    let name = ProjectName.normalized(Paths.name(of: project.directory))
    if name.isEmpty {
      findings.error(
        nil, "the directory \(project.directory) gives no project name",
        fix: "add 'name:' to the file or use '-p'")
    }
    return name
  }
}
