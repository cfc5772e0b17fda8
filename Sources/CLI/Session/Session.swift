import EngineInterface
import Kernel
import StackFile
import Stacks

/// What a command works with: the settings, the console, the stack and the engine.
final class Session {
  let settings: Settings
  let console: Console
  /// The words of the command, for the engine's history.
  private let command: String
  private var knownEngine: EngineClient?
  private var knownName: String?
  /// A stack file on standard input, which can be read once.
  private var knownInput: String?

  init(_ settings: Settings, console: Console? = nil, command: [String] = []) {
    self.settings = settings
    // More is not kept, and a request's head has an end.
    self.command = String(command.joined(separator: " ").prefix(200))
    self.console = console ?? Console.standard.with(ansi: settings.ansi)
  }

  /// The engine; it is started where it does not run and no other one was asked for.
  func engine() throws(CLIError) -> EngineClient {
    if let knownEngine { return knownEngine }
    var engine = try Autostart.engine(host: settings.host)
    let environment = settings.environment
    engine.requester = Requester(
      user: environment["SUDO_USER"] ?? environment["USER"] ?? "uid \(ThisProcess.userID)", command: command)
    knownEngine = engine
    return engine
  }

  /// Reads the stack files. Findings go to standard error; errors among them end the command.
  /// `overlay` is merged over them.
  func load(services: [String] = [], overlay: LoadRequest.Overlay? = nil) throws(CLIError) -> Stack {
    var request = try request(services)
    request.overlay = overlay
    let result = StackLoader.load(request)
    show(result)
    guard let stack = result.stack else {
      if result.diagnostics.hasErrors { throw .silent(status: 1) }
      throw CLIError("read the stack file: there is no stack in it")
    }
    for service in services where stack.services[service] == nil && stack.jobs[service] == nil {
      let known = stack.services.keys.sorted().joined(separator: ", ")
      throw CLIError(
        "no such service: \(service); stack '\(stack.name)' has \(known.isEmpty ? "none" : known)")
    }
    return stack
  }

  /// Whether the stack files declare a job with this name; what is wrong with them is told by `load`.
  func hasJob(_ name: String) throws(CLIError) -> Bool {
    var request = try request([])
    request.bindsStack = false
    request.checksConsistency = false
    request.activeProfiles = ["*"]
    return StackLoader.load(request).document?.jobs.contains(name) ?? false
  }

  /// What the stack files say, in which all of the Compose Specification may stand; `adjust` says how
  /// they are to be read. Errors end the command.
  /// `asJSON`: the findings are for a program.
  func document(
    services: [String] = [], asJSON: Bool = false, _ adjust: (inout LoadRequest) -> Void
  ) throws(CLIError) -> StackDocument {
    var request = try request(services)
    request.bindsStack = false
    adjust(&request)
    let result = StackLoader.load(request)
    show(result, asJSON: asJSON)
    guard let document = result.document else { throw .silent(status: 1) }
    return document
  }

  private func show(_ result: LoadResult, asJSON: Bool = false) {
    if asJSON {
      if !result.diagnostics.isEmpty { console.complain(String(result.diagnostics.json.dropLast())) }
      return
    }
    for diagnostic in result.diagnostics {
      console.complain(
        console.hasErrorTerminal ? result.sources.render(diagnostic) : diagnostic.description)
    }
  }

  /// The stack's name: as the user gave it, or else from the stack file.
  func stackName() throws(CLIError) -> String {
    if let name = settings.projectName { return name }
    if let name = settings.environment["COMPOSE_PROJECT_NAME"], !name.isEmpty, settings.files.isEmpty {
      return name
    }
    if let knownName { return knownName }
    let (name, result) = StackLoader.name(try request([]))
    show(result)
    guard let name else { throw .silent(status: 1) }
    knownName = name
    return name
  }

  private func request(_ services: [String]) throws(CLIError) -> LoadRequest {
    do throws(SystemError) {
      var request = LoadRequest(workingDirectory: try ThisProcess.currentDirectory())
      request.access = .host
      request.files = settings.files
      if settings.files.contains("-") {
        if knownInput == nil {
          let bytes = try Descriptor.standardInput.readAll(limit: 16 << 20)
          knownInput = String(decoding: bytes, as: UTF8.self)
        }
        request.stdin = knownInput
      }
      request.projectDirectory = settings.projectDirectory
      request.projectName = settings.projectName
      request.envFiles = settings.envFiles
      request.environment = settings.environment
      request.activeProfiles = settings.profiles
      request.targetedServices = services
      return request
    } catch {
      throw CLIError("read the stack file: \(error)")
    }
  }

  /// The containers of the stack, of these services only where some are named; it is an error to name
  /// one that has none. Those that `run` made are left out unless they are asked for.
  func containers(
    _ services: [String], all: Bool = true, withOneOffs: Bool = false
  ) throws(CLIError) -> [ListedContainer] {
    let name = try stackName()
    let listed = try engine().containers(of: name, all: true)
    let replicas = Set(listed.filter { !$0.isOneOff }.map(\.service))
    // A job has no replicas: its runs are meant.
    let containers = listed.filter {
      withOneOffs || !$0.isOneOff || services.contains($0.service) && !replicas.contains($0.service)
    }
    for service in services where !containers.contains(where: { $0.service == service }) {
      throw CLIError("no such service: \(service) has no container in stack '\(name)'; 'cairn up' makes them")
    }
    return containers.filter {
      (services.isEmpty || services.contains($0.service)) && (all || $0.isRunning)
    }
  }

  /// The present.
  var now: Moment { Moment(nanoseconds: Clocks.wall()) }
}
