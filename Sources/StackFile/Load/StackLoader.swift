internal import Stacks

/// Text to a `Stack`: find, parse, interpolate, check, assemble, bind.
///
/// Every phase adds to one list of findings and goes on as long as it makes sense, so that the user
/// sees all faults at once. Nothing here changes anything on the machine.
public enum StackLoader {
  public static func load(_ request: LoadRequest) -> LoadResult {
    var findings = Findings()
    var sources = SourceTexts()
    let loaded = load(request, &findings, &sources)
    let isUsable = !findings.hasErrors
    return LoadResult(
      stack: isUsable ? loaded?.stack : nil, document: isUsable ? loaded?.document : nil,
      diagnostics: findings.sorted, sources: sources)
  }

  private static func load(
    _ request: LoadRequest, _ findings: inout Findings, _ sources: inout SourceTexts
  ) -> (stack: Stack?, document: StackDocument)? {
    guard let project = ProjectFiles.find(request, &findings, &sources) else { return nil }
    let file = findings.add(file: project.file)
    guard let written = NodeReader.read(project.bytes, file: file, findings: &findings) else { return nil }
    guard case .map = written.content else {
      findings.error(
        written.at, "a stack file must be a map, not \(written.kind)", fix: "begin with 'services:'")
      return nil
    }
    let name = projectName(request, project, written, &findings)
    var variables = project.variables
    variables["COMPOSE_PROJECT_NAME"] = name
    let known = variables
    var interpolator = Interpolator { known[$0] }
    let expanded = interpolator.expand(written, &findings)

    let surroundings = Surroundings(
      projectDirectory: project.directory, home: variables["HOME"], variables: variables)
    var check = Check(findings: findings, surroundings: surroundings)
    let canonical = Forms.top.check(expanded, Place(key: "the file"), &check)
    findings = check.findings
    guard let canonical else { return nil }
    let isEmpty = (canonical["services"]?.pairs ?? []).isEmpty
    if request.checksConsistency, isEmpty, !findings.hasErrors {
      findings.error(
        written.at, "the file declares no services", fix: "add 'services:' with at least one service")
    }

    var assembly = Assembly(request: request, surroundings: surroundings, name: name)
    let document = assembly.assemble(canonical, &findings, &sources)
    guard request.checksConsistency else { return (nil, StackDocument(root: document)) }
    Consistency.check(document, Declarations(canonical), &findings)
    var stack = Binder.bind(document, &findings)
    stack.projectDirectory = project.directory
    stack.files = project.path.isEmpty ? [] : [project.path]
    return (stack, StackDocument(root: document))
  }

  /// `-p`, `COMPOSE_PROJECT_NAME`, `name:`, or the directory's name.
  private static func projectName(
    _ request: LoadRequest, _ project: ProjectFiles, _ root: Node, _ findings: inout Findings
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
    if let node = root["name"], let text = node.string {
      let variables = project.variables
      var interpolator = Interpolator { variables[$0] }
      let name = interpolator.expand(text, at: node.at, &findings) ?? ""
      if !name.isEmpty {
        if !ProjectName.isRight(name) {
          findings.error(node.at, "\(quoted(name)) cannot be the stack's name", fix: rule)
        }
        return name
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
