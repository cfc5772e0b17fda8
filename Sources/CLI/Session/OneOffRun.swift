import EngineInterface
import Kernel
import Stacks
import Wire

/// One container that `cairn run` asks for, from its begin to its end.
struct OneOffRun {
  let session: Session
  let client: EngineClient
  let stack: String
  let request: RunRequest

  var name: String { request.oneOff.template.containerName ?? "" }

  /// Has the engine start it. Where that cannot be, nothing of it is left, and the status is the one that
  /// a shell would give.
  func begin(_ stack: Stack) throws(CLIError) {
    let body = try client.encode(RunOneOff(stack: stack, request: request))
    do throws(CLIError) {
      try session.watch("POST", target("run"), .json(body)) { () throws(CLIError) in
        try? discard()
        throw .silent(status: 130)
      }
    } catch {
      let code = (try? detail())?.exitCode ?? 0
      if request.oneOff.keptFor != nil { try? discard() }
      throw CLIError(error.message, status: code == 0 ? error.status : code)
    }
  }

  /// Passes input, output and signals on until the container ends; its exit status.
  func follow(hasTerminal: Bool) throws(CLIError) -> Int32 {
    let connection = try client.connect()
    let path = "/containers/\(percentEncoded(name))"
    try connection.request("POST", path + "/attach?stream=1&stdin=1&stdout=1&stderr=1", upgrades: true)
    if connection.head.status != 101, connection.head.status != 200 { try connection.expectSuccess() }
    var pump = ExecPump(
      client: client, connection: connection, target: path, hasTerminal: hasTerminal, isFramed: !hasTerminal)
    if !hasTerminal { pump.forwarded = [SignalDescriptor.interrupt, SignalDescriptor.terminate] }
    if hasTerminal {
      _ = try Terminal.inRawMode(0) { () throws(CLIError) in try pump.run(session.console) }
    } else {
      try pump.run(session.console)
    }
    let ended = try client.docker(DockerWaited.self, try client.ask("POST", path + "/wait"))
    return ended.statusCode
  }

  /// Has the engine remove it, and waits for that without a word.
  func discard() throws(CLIError) {
    let body = try client.encode(DiscardRequest(key: request.key))
    let progress = try ProgressStream(client, "POST", target("discard"), .json(body))
    while true {
      for case .finished(let outcome) in try progress.arrived() {
        guard outcome.isConverged else {
          throw CLIError("remove \(name): \(outcome.problems.joined(separator: "; "))")
        }
        return
      }
    }
  }

  /// What is needed of `GET /containers/{id}/json`.
  private struct Detail: Decodable {
    struct State: Decodable { var exitCode: Int32 }
    var state: State
    var exitCode: Int32 { state.exitCode }
  }

  private func detail() throws(CLIError) -> Detail {
    try client.docker(Detail.self, try client.ask("GET", "/containers/\(percentEncoded(name))/json"))
  }

  private func target(_ what: String) -> String { "/stacks/\(percentEncoded(stack))/\(what)" }
}
