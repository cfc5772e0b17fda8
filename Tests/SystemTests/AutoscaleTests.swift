import Foundation
import Testing

extension RealContainers {
  /// Replicas that follow the load, on real containers.
  @Suite struct AutoscaleTests {
    @Test func `a service grows under load and shrinks after it`() throws {
      let engine = try TestEngine()
      // A replica burns CPU time for as long as the file says so.
      let load = engine.root + "/load"
      try FileManager.default.createDirectory(atPath: load, withIntermediateDirectories: true)
      let file = try engine.up(
        "auto",
        """
        services:
          web:
            image: busybox
            command: sh -c 'while :; do if [ -e /load/on ]; then :; else sleep 0.2; fi; done'
            stop_signal: SIGKILL
            volumes: ["\(load):/load:ro"]
            x-autoscale: {min: 1, max: 3, cpu: 10, interval: 1s, up_after: 1s, down_after: 2s}
          queue:
            image: busybox
            command: sleep infinity
            stop_signal: SIGKILL
            volumes: ["\(load):/load:ro"]
            x-autoscale: {max: 4, command: "cat /load/length || echo 1", target: 10, interval: 1s, down_after: 1s}
          told:
            image: busybox
            command: httpd -f -p 80 -h /load
            stop_signal: SIGKILL
            volumes: ["\(load):/load:ro"]
            x-autoscale:
              {max: 3, http: {port: 80, path: /metrics, metric: jobs, target: 5}, interval: 1s, down_after: 1s}

        """)
      func running(_ service: String) throws -> Int {
        try engine.cairn("-f", file, "ps", "-q", service).out.split(separator: "\n").count
      }
      #expect(try running("web") == 1 && running("queue") == 1)

      #expect(FileManager.default.createFile(atPath: load + "/on", contents: nil))
      _ = try eventually("the service has its most replicas", within: 40) {
        try running("web") == 3 ? true : nil
      }
      let history = try engine.cairn("-f", file, "history").out
      #expect(history.contains("scale web=") && history.contains("% of a CPU, wanted is 10%"), "\(history)")
      let plan = try engine.cairn("-f", file, "plan")
      #expect(
        plan.out.contains("note: web has 3 replicas, which may be 1 to 3: each replica uses "), "\(plan)")
      let most = try engine.cairn("-f", file, "scale", "web=4")
      #expect(most.status == 1 && most.err.contains("its 'x-autoscale' allows 1 to 3 replicas"), "\(most)")
      // The same file again takes nothing away.
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      #expect(try running("web") == 3)

      try FileManager.default.removeItem(atPath: load + "/on")
      _ = try eventually("the service has its fewest replicas", within: 40) {
        try running("web") == 1 ? true : nil
      }

      try "35".write(toFile: load + "/length", atomically: true, encoding: .utf8)
      _ = try eventually("as many replicas as the command asks for", within: 40) {
        try running("queue") == 4 ? true : nil
      }
      try "8".write(toFile: load + "/length", atomically: true, encoding: .utf8)
      _ = try eventually("fewer", within: 40) { try running("queue") == 1 ? true : nil }

      func tell(_ jobs: Int) throws {
        try "# jobs that wait\njobs{kind=\"a b\"} \(jobs)\njobs_total 7\n"
          .write(toFile: load + "/metrics", atomically: true, encoding: .utf8)
      }
      try tell(12)
      _ = try eventually("as many replicas as they tell over HTTP; \(engine.log(tail: 5))", within: 40) {
        try running("told") == 3 ? true : nil
      }
      let why = try engine.cairn("-f", file, "plan").out
      #expect(why.contains(":80/metrics jobs is 12 in each replica, wanted is 5"), "\(why)")
      try tell(1)
      _ = try eventually("fewer again", within: 40) { try running("told") == 1 ? true : nil }
    }
  }
}
