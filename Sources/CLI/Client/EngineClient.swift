import EngineInterface
import Kernel
import Stacks
import Wire

/// What can be asked of the engine, over its socket. It has no door that others have not.
struct EngineClient {
  /// The path of the socket.
  let path: String
  /// The one by which it was found that somebody listens; nil: nobody has looked.
  var first: FirstConnection?
  /// Who asks, for the engine's history.
  var requester = Requester()

  /// Throws where nobody listens.
  func connect() throws(CLIError) -> HTTPConnection {
    do throws(SystemError) {
      return try HTTPConnection(to: path, requester: requester, over: first?.take())
    } catch {
      throw CLIError(
        "reach the engine at \(path): \(error.reason). Is 'cairn engine' running, and may you use its socket?"
      )
    }
  }

  /// Asks and reads the whole answer.
  func ask(
    _ method: String, _ target: String, _ content: HTTPConnection.Content = .none
  ) throws(CLIError) -> [UInt8] {
    let connection = try connect()
    try connection.request(method, target, content)
    return try connection.document()
  }

  func information() throws(CLIError) -> EngineInformation {
    try decode(EngineInformation.self, try ask("GET", "/engine"))
  }

  func stacks() throws(CLIError) -> [StackSummary] {
    try decode([StackSummary].self, try ask("GET", "/stacks"))
  }

  func stack(_ name: String) throws(CLIError) -> Stack {
    try decode(Stack.self, try ask("GET", "/stacks/\(percentEncoded(name))"))
  }

  func history(_ name: String) throws(CLIError) -> [Revision] {
    try decode([Revision].self, try ask("GET", "/stacks/\(percentEncoded(name))/history"))
  }

  func drift(_ name: String) throws(CLIError) -> [Drift] {
    try decode([Drift].self, try ask("GET", "/stacks/\(percentEncoded(name))/drift"))
  }

  func plan(_ request: ApplyRequest) throws(CLIError) -> Plan {
    let target = "/stacks/\(percentEncoded(request.stack.name))/plan"
    return try decode(Plan.self, try ask("POST", target, .json(try encode(request))))
  }

  /// The containers of a stack, sorted by service and number.
  func containers(of stack: String, all: Bool = true) throws(CLIError) -> [ListedContainer] {
    let filters = "{%22label%22:[%22com.docker.compose.project=\(percentEncoded(stack))%22]}"
    let bytes = try ask("GET", "/containers/json?all=\(all ? 1 : 0)&filters=\(filters)")
    return try docker([ListedContainer].self, bytes).sorted()
  }

  /// What the running containers of a stack use.
  func usage(of stack: String) throws(CLIError) -> [UsageSample] {
    try decode([UsageSample].self, try ask("GET", "/usage?stack=\(percentEncoded(stack))"))
  }

  func top(_ container: String) throws(CLIError) -> DockerTop {
    try docker(DockerTop.self, try ask("GET", "/containers/\(container)/top"))
  }

  func kill(_ container: String, signal: String) throws(CLIError) {
    _ = try ask("POST", "/containers/\(container)/kill?signal=\(percentEncoded(signal))")
  }

  func images() throws(CLIError) -> [DockerImage] {
    try docker([DockerImage].self, try ask("GET", "/images/json"))
  }

  /// The ID of the new image.
  func importImage(
    _ name: ImageReference, changes: [String], archive: @escaping () throws(CLIError) -> [UInt8]?
  ) throws(CLIError) -> String {
    var target = "/images/create?fromSrc=-&repo=\(percentEncoded(name.name))"
    if let tag = name.tag { target += "&tag=\(percentEncoded(tag))" }
    for change in changes { target += "&changes=\(percentEncoded(change))" }
    let bytes = try ask("POST", target, .chunks(archive))
    return try decode(DockerStatusLine.self, bytes).status
  }

  func removeImage(_ name: ImageReference) throws(CLIError) {
    _ = try ask("DELETE", "/images/\(percentEncoded(name.description))")
  }

  func stopEngine() throws(CLIError) { _ = try ask("POST", "/engine/stop") }

  // MARK: JSON

  func encode(_ value: some Encodable) throws(CLIError) -> [UInt8] {
    do throws(APIError) { return try WireCoding.encode(value) } catch { throw CLIError(error.message) }
  }

  func progress(_ line: [UInt8]) throws(CLIError) -> Progress {
    try read { () throws(APIError) in try ProgressLine.decode(line) }
  }

  func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws(CLIError) -> Value {
    try read { () throws(APIError) in try WireCoding.decode(type, from: bytes) }
  }

  func docker<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws(CLIError) -> Value {
    try read { () throws(APIError) in try WireCoding.dockerDecode(type, from: bytes) }
  }

  private func read<Value>(_ body: () throws(APIError) -> Value) throws(CLIError) -> Value {
    do throws(APIError) { return try body() } catch {
      throw CLIError("read the answer of the engine at \(path): \(error)")
    }
  }
}

/// A connection that is open already, for the first who asks for one.
final class FirstConnection {
  private var descriptor: Descriptor?

  init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  func take() -> Descriptor? {
    defer { descriptor = nil }
    return descriptor
  }
}
