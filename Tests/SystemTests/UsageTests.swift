import Foundation
import Testing

extension RealContainers {
  /// What containers use, what runs in them and what happens to them, from the kernel's own counters.
  @Suite struct UsageTests {
    @Test func `stats, top, metrics and events tell what is there`() throws {
      let engine = try TestEngine()
      let file = try engine.stack(
        "use",
        """
        services:
          busy:
            image: busybox
            command: sh -c 'while :; do :; done'
            cpus: 0.5
            mem_limit: 64m
            stop_grace_period: 0s
          brief:
            image: busybox
            command: sh -c 'exit 7'
          checked:
            image: busybox
            command: sleep infinity
            init: true
            user: "1:1"
            healthcheck: {test: "true", interval: 1s}
        """)
      let begun = Date().timeIntervalSince1970 - 1
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)

      let stats = try eventually("the busy loop shows in stats", within: 30) {
        let output = try engine.cairn("-f", file, "stats", "--no-stream", "--format", "json", "busy")
        let row = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: String]
        let share = row?["CPUPerc"].flatMap { Double($0.dropLast()) } ?? 0
        return share > 10 ? row : nil
      }
      #expect(stats["MemUsage"]?.hasSuffix(" / 64MiB") == true, "\(stats)")
      #expect(stats["PIDs"] == "1")

      let top = try engine.cairn("-f", file, "top", "checked")
      #expect(top.out.contains("sleep infinity") && top.out.contains("daemon"), "\(top)")

      let metrics = try engine.metrics()
      #expect(metrics.contains("cairn_service_replicas_running{stack=\"use\",service=\"busy\"} 1"))
      #expect(metrics.contains("service=\"busy\",container=\"use-busy-1\"} 67108864"), "\(metrics)")

      let seen = try eventually("the check's verdict is told", within: 30) {
        let output = try engine.cairn(
          "-f", file, "events", "--since", "\(begun)", "--until", "\(Date().timeIntervalSince1970)")
        return output.out.contains("health_status: healthy") ? output.out : nil
      }
      for text in [
        "network create use_default", "container create ", "container start ", "name=use-busy-1",
        "container die ", "exitCode=7",
      ] {
        #expect(seen.contains(text), "\(text) is missing in \(seen)")
      }

      #expect(try engine.cairn("-f", file, "kill", "-s", "KILL", "busy").status == 0)
      #expect(try engine.cairn("-f", file, "down", "-t", "0").status == 0)
      let after = try engine.cairn(
        "-f", file, "events", "--json", "--since", "\(begun)", "--until", "\(Date().timeIntervalSince1970)",
        "busy")
      let actions = try after.out.split(separator: "\n").map {
        let row = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        return row?["action"] as? String ?? ""
      }
      #expect(actions.contains("kill") && actions.contains("die"), "\(actions)")
      #expect(actions.last == "destroy", "\(actions)")
    }
  }
}
