public import EngineInterface
internal import Stacks

extension CairnEngine {
  public func history(_ name: String) async throws(EngineError) -> [Revision] {
    _ = try await stack(name)
    return try store.revisions(of: name).map(\.revision)
  }

  public func rollBack(_ name: String, to number: Int?) -> AsyncStream<Progress> {
    do throws(EngineError) {
      let revisions = try store.revisions(of: name)
      guard let target = number ?? revisions.dropLast().last?.revision.number else {
        throw EngineError(.conflict, "stack \(name) has nothing to go back to: it has never been changed")
      }
      guard let earlier = revisions.first(where: { $0.revision.number == target }) else {
        let known = revisions.map { "\($0.revision.number)" }.joined(separator: ", ")
        throw EngineError(.notFound, "stack \(name) has no revision \(target); it has \(known)")
      }
      return change(name) { [now = machine.now] current throws(ValueError) in
        try current.goingBack(to: earlier.stack).asking(at: now)
      }
    } catch {
      return refusal([error.message])
    }
  }
}
