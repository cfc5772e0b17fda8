import EngineInterface
import Stacks
import Synchronization

@testable import Engine

/// A machine made of values: steps change a value, nothing else.
final class ValueMachine: Machine {
  struct State {
    var observed: ObservedState
    var performed: [Action] = []
    var routed = 0
    var failures: [String: String] = [:]
    var now = Moment(seconds: 1_000_000)
    var health: Health = .none
    /// Containers that do not end when they are asked to, only when they are killed or made to end.
    var slow: Set<String> = []
    var drift: [Drift] = []
  }
  let state: Mutex<State>

  init(stack: String, images: [ImageReference]) {
    let digest = Digest("sha256:" + String(repeating: "a", count: 64))!
    state = Mutex(
      State(
        observed: ObservedState(
          stack: stack, images: Dictionary(images.map { ($0, digest) }, uniquingKeysWith: { a, _ in a }))))
  }

  var now: Moment { state.withLock { $0.now } }

  func observe(_ desired: DesiredState) async throws(EngineError) -> ObservedState {
    state.withLock { $0.observed }
  }

  func route(_ observed: ObservedState, without unrouted: Set<ContainerID>) async throws(EngineError) {
    state.withLock { $0.routed += 1 }
  }

  func note(_ drift: [Drift], of stack: String) { state.withLock { $0.drift = drift } }

  /// Makes every later step of this text fail; nil: no step.
  func fail(_ action: String, because message: String?) { state.withLock { $0.failures[action] = message } }

  func change(_ body: (inout ObservedState) -> Void) { state.withLock { body(&$0.observed) } }

  var performed: [String] { state.withLock { $0.performed.map { "\($0.verb) \($0.subject)" } } }

  func perform(_ action: Action, of stack: String) async throws(EngineError) {
    let message = state.withLock { state -> String? in
      state.performed.append(action)
      if let message = state.failures["\(action.verb) \(action.subject)"] { return message }
      state.apply(action)
      return nil
    }
    if let message { throw EngineError(.failed, message) }
  }

  /// Waits in vain for what is slow; its time is up when the value clock says so.
  func awaitStop(_ instance: Instance, _ patience: Patience) async throws(EngineError) -> Bool {
    let isDone = state.withLock { state -> Bool in
      guard let stopping = state.stopping(instance) else { return true }
      if stopping.killAt <= state.now { state.end(instance, code: 137) }
      return stopping.killAt <= state.now
    }
    if isDone { return true }
    await patience.wait()
    return false
  }

  /// Lets a slow container end by itself.
  func end(_ instance: Instance) { state.withLock { $0.end(instance, code: 0) } }
}

extension ValueMachine.State {
  private func id(_ instance: Instance) -> ContainerID? {
    observed.containers.values.first { $0.instance == instance }?.id
  }

  fileprivate func stopping(_ instance: Instance) -> ContainerState.Stopping? {
    guard let id = id(instance), case .running(let running)? = observed.containers[id]?.state else {
      return nil
    }
    return running.stopping
  }

  fileprivate mutating func end(_ instance: Instance, code: Int32) {
    guard let id = id(instance), stopping(instance) != nil else { return }
    observed.containers[id]?.state = .exited(
      .init(code: code, startedAt: now, finishedAt: now, wasStopped: true))
  }

  fileprivate mutating func apply(_ action: Action) {
    switch action {
    case .createNetwork(_, let definition):
      observed.networks[definition.name] = ObservedNetwork(
        name: definition.name, stack: observed.stack, definition: definition,
        subnet: IPv4Subnet("10.1.0.0/24")!, gateway: IPv4Address("10.1.0.1")!)
    case .removeNetwork(let name): observed.networks[name] = nil
    case .createVolume(_, let definition):
      observed.volumes[definition.name] = ObservedVolume(
        name: definition.name, stack: observed.stack, definition: definition)
    case .removeVolume(let name): observed.volumes[name] = nil
    case .create(let instance, let spec, let image):
      let id = ContainerID.random()
      observed.containers[id] = ObservedContainer(
        id: id, instance: instance, spec: spec, image: image, createdAt: now)
    case .start(let instance):
      guard let id = id(instance) else { return }
      observed.containers[id]?.recentStarts += 1
      observed.containers[id]?.state = .running(.init(pid: 1, startedAt: now, health: health))
    case .stop(let instance, _, let grace, let cause):
      guard let id = id(instance), case .running(var running)? = observed.containers[id]?.state else {
        return
      }
      let since = running.stopping?.since ?? now
      running.stopping = .init(since: since, killAt: since + grace, cause: cause)
      observed.containers[id]?.state = .running(running)
      if !slow.contains(instance.slot.service) { end(instance, code: 137) }
    case .remove(let instance, _):
      guard let id = id(instance) else { return }
      observed.containers[id] = nil
    case .update(let instance, let spec):
      guard let id = id(instance) else { return }
      observed.containers[id]?.spec = spec
    }
  }
}
