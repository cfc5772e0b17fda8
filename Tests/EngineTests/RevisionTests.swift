import EngineInterface
import FoundationEssentials
import Stacks
import Testing

@testable import Engine

@Suite struct RevisionTests {
  let folder = "/tmp/cairn-revisions-" + UUID().uuidString

  private func store() throws -> DesiredStore {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try DesiredStore(path: folder + "/db")
  }

  private func stack(_ user: String?, replicas: Int = 1) throws -> Stack {
    let template = ContainerTemplate(image: try ImageReference("busybox"), user: user)
    return Stack(name: "s", services: ["web": Service(replicas: replicas, template: template)])
  }

  @Test func `a revision says who changed what and when`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try store()
    try store.save(stack(nil), by: Requester(user: "ann", command: "up -d"), at: Moment(seconds: 1))
    try store.save(stack("7"), by: Requester(user: "bob", command: "up"), at: Moment(seconds: 2))
    let revisions = try store.revisions(of: "s").map(\.revision)
    #expect(revisions.map(\.number) == [1, 2])
    #expect(revisions.map(\.at) == [Moment(seconds: 1), Moment(seconds: 2)])
    #expect(revisions.map(\.by.user) == ["ann", "bob"])
    #expect(
      revisions.map { $0.changes.map(\.description) } == [
        ["services.web: none → image busybox:latest"], ["services.web.user: the image's → 7"],
      ])
  }

  @Test func `what changes nothing that is declared is no revision`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try store()
    try store.save(stack(nil), at: Moment(seconds: 1))
    try store.save(stack(nil).asking(at: Moment(seconds: 2), restart: true), at: Moment(seconds: 2))
    #expect(try store.revisions(of: "s").count == 1)
  }

  @Test func `only the last hundred are kept, and none of a stack that is gone`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try store()
    for number in 1...(Revisions.limit + 3) {
      try store.save(stack(nil, replicas: number), at: Moment(seconds: 1))
    }
    let kept = try store.revisions(of: "s").map(\.revision.number)
    #expect(kept == Array(4...(Revisions.limit + 3)))
    try store.forget("s")
    #expect(try store.revisions(of: "s").isEmpty)
  }

  @Test func `what the engine finds out does not replace what a user has changed meanwhile`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try store()
    try store.save(stack(nil), at: Moment(seconds: 1))
    let entry = try #require(try store.entry("s"))
    try store.save(stack("7"), at: Moment(seconds: 2))
    let engine = Requester(user: "cairn engine", command: "update")
    #expect(try !store.replace(entry, with: stack("8"), by: engine, at: Moment(seconds: 3)))
    #expect(try store.entry("s")?.stack == stack("7"))
    let current = try #require(try store.entry("s"))
    #expect(try store.replace(current, with: stack("8"), by: engine, at: Moment(seconds: 3)))
    #expect(try store.entry("s")?.stack == stack("8"))
    #expect(try store.revisions(of: "s").map(\.revision.by.user).last == "cairn engine")
  }
}
