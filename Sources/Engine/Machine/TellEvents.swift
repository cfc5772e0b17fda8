internal import EngineInterface
internal import Stacks

extension LocalMachine {
  /// The container that a step is about, as it is recorded before it; nil: it is about none.
  func subject(of action: Action) -> ContainerRecord? {
    switch action {
    case .createNetwork, .removeNetwork, .createVolume, .removeVolume: nil
    case .create(let instance, _, _), .start(let instance), .stop(let instance, _, _, _),
      .remove(let instance, _), .update(let instance, _):
      records.record(instance)
    }
  }

  /// Notes what a step has done.
  func note(_ action: Action, of stack: String, _ before: ContainerRecord?) {
    switch action {
    case .createNetwork(_, let definition): note(.network, .create, stack, definition.name)
    case .removeNetwork(let name): note(.network, .destroy, stack, name)
    case .createVolume(_, let definition): note(.volume, .create, stack, definition.name)
    case .removeVolume(let name): note(.volume, .destroy, stack, name)
    case .create(let instance, _, _): note(.create, records.record(instance))
    case .start(let instance): note(.start, records.record(instance))
    // It has only been asked to end.
    case .stop: break
    case .remove: note(.destroy, before)
    case .update: note(.update, before)
    }
  }

  /// Notes that a container has ended, and whether for want of memory or because it was asked to.
  func noteEnd(of id: ContainerID) {
    guard let record = records.record(id), case .exited(let exited) = state(of: record) else { return }
    if exited.wasOutOfMemory { note(.oom, record) }
    note(.die, record, exitCode: exited.code)
    if record.run.stop != nil { note(.stop, record) }
  }

  /// Notes that a container's health check says something else than before.
  func noteHealth(of id: ContainerID) {
    switch health.record(of: id)?.health {
    case .healthy: note(.healthy, records.record(id))
    case .unhealthy: note(.unhealthy, records.record(id))
    case .starting, .none?, nil: break
    }
  }

  /// Notes something that happened to a container; nil: it is gone, and nothing is noted.
  func note(
    _ action: EngineEvent.Action, _ record: ContainerRecord?, exitCode: Int32? = nil, signal: Int32? = nil
  ) {
    guard let record else { return }
    events.note(
      EngineEvent(
        time: now, kind: .container, action: action, stack: record.instance.slot.stack,
        id: record.id.description, name: record.spec.name,
        container: .init(
          instance: record.instance, service: record.spec.serviceName, image: record.spec.template.image,
          labels: record.spec.template.labels, exitCode: exitCode, signal: signal)))
  }

  private func note(_ kind: EngineEvent.Kind, _ action: EngineEvent.Action, _ stack: String, _ name: String) {
    events.note(EngineEvent(time: now, kind: kind, action: action, stack: stack, id: name, name: name))
  }
}
