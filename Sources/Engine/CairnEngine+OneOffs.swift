public import EngineInterface
public import Stacks

extension CairnEngine {
  public func run(_ request: RunRequest, of stack: Stack) -> AsyncStream<Progress> {
    do throws(EngineError) {
      let entry = try store.entry(stack.name)
      let previous = entry?.leaving == nil ? entry?.stack : nil
      let next: Stack
      do throws(ValueError) {
        next = try stack.running(
          request.oneOff, as: request.key, over: previous, startsDependencies: request.startsDependencies,
          at: machine.now)
      } catch {
        throw EngineError(.invalid, "\(error)")
      }
      var pictured = Stack(name: stack.name, services: next.services)
      pictured.services[request.key] = Service(template: request.oneOff.template)
      let wanted = Set(request.oneOff.dependencies.keys).union([request.key])
      pictured.services = pictured.services.filter { wanted.contains($0.key) }
      let missing = try machine.missingImages(of: pictured)
      if !missing.isEmpty { return refusal(missing) }
      if request.isAttached {
        machine.attachments.expect(next.name, request.key, givesInput: request.oneOff.template.stdinOpen)
      }
      let revision = try store.save(next, at: machine.now)
      return watch(next.name, revision: revision, aim: .begin(request.key))
    } catch {
      return refusal([error.message])
    }
  }

  public func discard(_ key: String, of name: String) -> AsyncStream<Progress> {
    machine.attachments.forget(name, key)
    return change(name, aim: .end(key)) { stack throws(ValueError) in try stack.discarding([key]) }
  }

  public func attach(_ container: ContainerID, givesInput: Bool) async throws(EngineError)
    -> any EngineInterface.ExecSession
  {
    try machine.attach(container, givesInput: givesInput)
  }

  public func resize(_ container: ContainerID, rows: UInt16, columns: UInt16) async throws(EngineError) {
    try await machine.resize(container, rows: rows, columns: columns)
  }
}
