import Foundation
import Testing

extension RealContainers {
  /// Parts of networks are taken away behind the engine's back.
  @Suite struct RepairTests {
    let stack = """
      services:
        web:
          image: busybox
          command: sh -c 'mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www'
          ports: ["18093:80"]
          stop_signal: SIGKILL
          restart: always
        client: {image: busybox, command: sleep infinity, stop_signal: SIGKILL}
      """

    /// The stack answers at its port and by its name from within, with the processes that it had.
    private func expectWhole(_ engine: TestEngine, _ file: String, _ what: String, _ pids: [Int]) throws {
      try expectEventually("the page is served again after \(what); the log:\n\(engine.log(tail: 10))") {
        try Command.run("/usr/bin/curl", ["-fsS", "--max-time", "2", "http://127.0.0.1:18093/"]).out
          == "page\n"
      }
      let networks = try engine.inspect("repair-web-1")["NetworkSettings"] as? [String: Any]
      let ends = (networks?["Networks"] as? [String: [String: Any]])?.values.first
      let address = try #require(ends?["IPAddress"] as? String)
      try expectEventually("the client reaches \(address) after \(what)") {
        try engine.cairn(
          "-f", file, "exec", "-T", "client", "sh", "-c",
          "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 \(address) 80"
        ).out.hasSuffix("page\n")
      }
      try expectEventually("names resolve after \(what)") {
        try engine.cairn("-f", file, "exec", "-T", "client", "nslookup", "web").status == 0
      }
      #expect(try self.pids(engine, file) == pids, "\(what) restarted something")
      let off = try engine.cairn(
        "-f", file, "exec", "-T", "client", "cat", "/proc/sys/net/ipv6/conf/eth0/disable_ipv6")
      #expect(off.out == "1\n", "\(off) after \(what)")
    }

    private func pids(_ engine: TestEngine, _ file: String) throws -> [Int] {
      try ["repair-web-1", "repair-client-1"].map { try pid(engine, file, $0) }
    }

    private func links(_ prefix: String) throws -> [String] {
      try MachineState.now().interfaces.map { $0.trimmingCharacters(in: .whitespaces) }
        .filter { $0.hasPrefix(prefix) }.map { String($0.split(separator: "@")[0]) }.sorted()
    }

    @Test func `rules, bridges, addresses and links that are taken away come back by themselves`() throws {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let file = try engine.stack("repair", stack)
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status == 0, "\(up)")
      let pids = try pids(engine, file)
      try expectWhole(engine, file, "up", pids)
      let bridge = try #require(try links("cn-").first)
      let link = "/sbin/ip"

      _ = try Command.run("/usr/sbin/nft", ["delete", "table", "ip", "cairn"])
      try expectWhole(engine, file, "the deletion of the table", pids)
      _ = try Command.run(link, ["link", "set", bridge, "down"])
      try expectWhole(engine, file, "setting the bridge down", pids)
      _ = try Command.run(link, ["address", "flush", "dev", bridge])
      try expectWhole(engine, file, "taking the bridge's address", pids)
      _ = try Command.run(link, ["link", "delete", bridge])
      try expectWhole(engine, file, "the deletion of the bridge", pids)
      for veth in try links("cv") { _ = try Command.run(link, ["link", "delete", veth]) }
      try expectWhole(engine, file, "the deletion of every link", pids)
      #expect(try links("cv").count == 2)
      let plan = try engine.cairn("-f", file, "plan")
      #expect(plan.status == 0 && !plan.out.contains("1:"), "\(plan)")

      #expect(try engine.cairn("-f", file, "down", "-t", "0").status == 0)
      try expectEventually("the machine is as before: \(before)") { try MachineState.now() == before }
    }
  }
}
