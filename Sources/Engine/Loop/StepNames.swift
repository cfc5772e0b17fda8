internal import EngineInterface
internal import Stacks

/// Turns a plan's steps into what a person sees: names of containers, not slots.
struct StepNames: Sendable {
  private let containers: [Instance: String]

  init(_ desired: DesiredState, _ observed: ObservedState) {
    containers = Dictionary(
      observed.containers.values.map { ($0.instance, $0.spec.name) }, uniquingKeysWith: { first, _ in first })
    wanted = desired.containers.mapValues(\.name).merging(
      desired.oneOffs.values.map { ($0.spec.slot, $0.spec.name) }
    ) { first, _ in first }
  }

  private let wanted: [Slot: String]

  private func name(_ instance: Instance) -> String {
    containers[instance] ?? wanted[instance.slot] ?? "\(instance)"
  }

  func task(_ step: Step) -> Progress.Task {
    switch step.action {
    case .createNetwork(_, let definition):
      Progress.Task(verb: .create, kind: .network, name: definition.name)
    case .removeNetwork(let name): Progress.Task(verb: .remove, kind: .network, name: name)
    case .createVolume(_, let definition):
      Progress.Task(verb: .create, kind: .volume, name: definition.name)
    case .removeVolume(let name): Progress.Task(verb: .remove, kind: .volume, name: name)
    case .create(_, let spec, _): Progress.Task(verb: .create, kind: .container, name: spec.name)
    case .start(let instance): Progress.Task(verb: .start, kind: .container, name: name(instance))
    case .stop(let instance, _, _, _): Progress.Task(verb: .stop, kind: .container, name: name(instance))
    case .remove(let instance, _): Progress.Task(verb: .remove, kind: .container, name: name(instance))
    case .update(let instance, _): Progress.Task(verb: .update, kind: .container, name: name(instance))
    }
  }

  func progress(_ event: StepEvent) -> Progress {
    switch event {
    case .began(let step): .began(task(step))
    case .ended(let step, let span):
      .ended(
        task(step), seconds: Double(span.components.seconds) + Double(span.components.attoseconds) / 1e18)
    case .failed(let step, let error): .failed(task(step), message: error.message)
    }
  }
}
