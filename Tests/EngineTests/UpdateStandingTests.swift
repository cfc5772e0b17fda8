import EngineInterface
import Stacks
import Testing

@testable import Engine

/// Whether those who wait for an update have what they waited for.
@Suite struct UpdateStandingTests {
  private func standing(_ phase: UpdateStatus.Phase) -> Standing {
    var plan = Plan(stack: "s")
    plan.updates["web"] = UpdateStatus(updated: 1, total: 3, phase: phase)
    return Standing.of(
      plan, DesiredState(stack: "s"), ObservedState(stack: "s"), failures: [], waitsForHealth: false)
  }

  @Test func `an update under way is waited for`() {
    #expect(standing(.underWay) == .open(waiting: ["web": "its update is under way: 1 of 3 replaced"]))
    #expect(standing(.complete) == .done(Progress.Outcome(isConverged: true)))
  }
}
