import EngineInterface
import FakeEngine
import Kernel
import Stacks
import Synchronization
import Testing

@testable import CLI

@Suite struct HistoryTests {
  private static func options(_ host: String, _ directory: String) throws -> [String] {
    let file = "name: shop\nservices:\n  web: {image: busybox, user: '7'}\n"
    try Files.replace(directory + "/stack.yaml", with: Array(file.utf8))
    return ["-H", host, "-f", directory + "/stack.yaml"]
  }

  @Test func `history is a table, the newest first`() {
    let revisions = [
      Revision(
        number: 1, at: Moment(seconds: 0), by: Requester(user: "ann", command: "up -d"),
        changes: [Difference(path: "services.web", old: "none", new: "image busybox")]),
      Revision(
        number: 2, at: Moment(seconds: 3600), by: Requester(user: "bob", command: "scale web=3"),
        changes: [
          Difference(path: "a", old: "1", new: "2"), Difference(path: "b", old: "1", new: "2"),
          Difference(path: "c", old: "1", new: "2"),
        ]),
    ]
    #expect(
      History.table(revisions, now: Moment(seconds: 7200)) == """
        REVISION   WHEN                BY    COMMAND       CHANGES
        2          About an hour ago   bob   scale web=3   a: 1 → 2, b: 1 → 2 and 1 more
        1          2 hours ago         ann   up -d         services.web: none → image busybox

        """)
  }

  @Test func `rollback says where to, and who asks`() async throws {
    let engine = FakeEngine()
    engine.content.withLock { $0.progress = [.finished(.init(isConverged: true))] }
    let statuses = try await serving(engine) { host, directory in
      let options = try Self.options(host, directory)
      return [
        cairn(options + ["rollback"], environment: ["USER": "ann"]).status,
        cairn(options + ["rollback", "3"], environment: ["USER": "root", "SUDO_USER": "bö b"]).status,
      ]
    }
    #expect(statuses == [0, 0])
    #expect(
      engine.calls == ["rollback shop to - by ann: rollback", "rollback shop to 3 by bö b: rollback 3"])
  }

  @Test func `diff names the fields that differ from what was applied and ends with 2`() async throws {
    let engine = FakeEngine()
    let outcomes = try await serving(engine) { host, directory in
      let options = try Self.options(host, directory)
      var found = [cairn(options + ["diff"])]
      engine.content.withLock {
        $0.progress = [.finished(.init(isConverged: true))]
      }
      _ = cairn(options + ["up", "-d"])
      found.append(cairn(options + ["diff"]))
      engine.content.withLock { $0.stacks["shop"]?.services["web"]?.template.user = "8" }
      found.append(cairn(options + ["diff"]))
      found.append(cairn(options + ["diff", "--format", "json"]))
      return found
    }
    #expect(outcomes.map(\.status) == [2, 0, 2, 2])
    #expect(
      outcomes[0].output
        == "services.web: none → image busybox:latest\nnetworks.default: none → shop_default\n")
    #expect(outcomes[1].output == "")
    #expect(outcomes[2].output == "services.web.user: 8 → 7\n")
    #expect(outcomes[3].output.contains(#""path":"services.web.user""#))
  }
}
