package import EngineInterface
package import Stacks

/// The one seam between decision and effect: what can be seen of a machine and done to it.
///
/// The loop runs against this; `LocalMachine` is the kernel's, tests have one made of values.
package protocol Machine: Sendable {
  /// The whole truth about one stack, with what stands for the images and external networks and
  /// volumes that `desired` names. It is complete, or it throws.
  func observe(_ desired: DesiredState) async throws(EngineError) -> ObservedState
  /// Carries out one step for a stack. Done twice, it does the same as once. A stop asks the container
  /// to end and does not wait.
  func perform(_ action: Action, of stack: String) async throws(EngineError)
  /// Waits for the end of a container that was asked to end, and kills it when its time is up. False:
  /// patience was over first, and it may run on.
  func awaitStop(_ instance: Instance, _ patience: Patience) async throws(EngineError) -> Bool
  /// Makes the stack's published ports and names lead to what was just seen running. Called in every
  /// pass. Containers in `unrouted` get no new connections though they run.
  func route(_ observed: ObservedState, without unrouted: Set<ContainerID>) async throws(EngineError)
  /// Told in every pass what of a stack is not as it is wanted and is only reported.
  func note(_ drift: [Drift], of stack: String)
  /// The present, in wall-clock time.
  var now: Moment { get }
}
