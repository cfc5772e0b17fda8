import Foundation
import Testing

extension RealContainers {
  /// The engine dies without warning; nothing else does.
  @Suite struct CrashTests {
    @Test func `a container is asked to end though the engine died while its hooks ran`() throws {
      let engine = try TestEngine()
      let file = try engine.up(
        "mid",
        """
        services:
          app:
            image: busybox
            command: sh -c 'trap "exit 5" TERM; while :; do sleep 0.1; done'
            pre_stop:
              - {command: [sh, -c, "touch /hook; sleep 100"]}
        """)
      let process = try pid(engine, file, "mid-app-1")
      let stop = Process()
      stop.executableURL = URL(filePath: engine.binary)
      stop.arguments = ["-f", file, "stop", "-t", "200"]
      stop.environment = ProcessInfo.processInfo.environment.merging(["CAIRN_HOST": engine.host]) { $1 }
      stop.standardOutput = FileHandle.nullDevice
      stop.standardError = FileHandle.nullDevice
      try stop.run()
      _ = try eventually("the hook runs") {
        FileManager.default.fileExists(atPath: "/proc/\(process)/root/hook") ? true : nil
      }
      engine.crash()
      stop.waitUntilExit()
      try engine.start()
      let code = try eventually("the container has ended", within: 30) {
        try engine.ps(file).first { $0["State"] as? String == "exited" }?["ExitCode"] as? Int
      }
      #expect(code == 5)
    }

    @Test func `a crashed engine's containers go on and the next one adopts them without a restart`() throws {
      let engine = try TestEngine()
      let file = try engine.stack(
        "crash",
        """
        services:
          web:
            image: busybox
            command: sh -c 'mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www'
            ports: ["18080:80"]
            stop_signal: SIGKILL
            restart: always
          talker:
            image: busybox
            command: sh -c 'i=0; while true; do i=$$((i+1)); echo line $$i; sleep 0.1; done'
            stop_signal: SIGKILL
          short:
            image: busybox
            command: sh -c 'while [ ! -e /stop ]; do sleep 0.1; done; exit 7'
        """)
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status == 0, "\(up)")
      func page() throws -> String {
        try Command.run("/usr/bin/curl", ["-fsS", "--max-time", "5", "http://127.0.0.1:18080/"]).out
      }
      #expect(try page() == "page\n")
      let web = try pid(engine, file, "crash-web-1")
      let talker = try pid(engine, file, "crash-talker-1")
      let short = try pid(engine, file, "crash-short-1")

      engine.crash()
      #expect(try page() == "page\n", "the port went with the engine")
      #expect(FileManager.default.createFile(atPath: "/proc/\(short)/root/stop", contents: nil))
      _ = try eventually("the short container ended while no engine ran") {
        kill(pid_t(short), 0) != 0 ? true : nil
      }
      try engine.start()

      #expect(try pid(engine, file, "crash-web-1") == web)
      #expect(try pid(engine, file, "crash-talker-1") == talker)
      let rows = try engine.ps(file)
      let ended = rows.first { $0["Name"] as? String == "crash-short-1" }
      #expect(ended?["ExitCode"] as? Int == 7, "\(rows)")
      #expect(try page() == "page\n")

      let numbers = try eventually("more than 20 lines are logged") {
        let logs = try engine.cairn("-f", file, "logs", "--no-log-prefix", "talker").out
        let numbers = logs.split(separator: "\n").compactMap { Int($0.dropFirst(5)) }
        return numbers.count > 20 ? numbers : nil
      }
      #expect(numbers == Array(1...numbers.count), "a line was lost")
      let name = try engine.cairn("-f", file, "exec", "-T", "talker", "nslookup", "web")
      #expect(name.status == 0, "\(name)")
    }

    @Test func `an engine that dies in the middle of an up leaves nothing that the next cannot mend`() throws
    {
      let engine = try TestEngine()
      let file = try engine.stack(
        "half",
        """
        services:
          app: {image: busybox, command: sleep infinity, init: true, restart: always, deploy: {replicas: 30}}
        """)
      for delay in [0.05, 0.1, 0.2, 0.3] {
        let up = Process()
        up.executableURL = URL(filePath: engine.binary)
        up.arguments = ["-f", file, "up", "-d"]
        up.environment = ProcessInfo.processInfo.environment.merging(["CAIRN_HOST": engine.host]) { $1 }
        up.standardOutput = FileHandle.nullDevice
        up.standardError = FileHandle.nullDevice
        try up.run()
        let moment = Date(timeIntervalSinceNow: delay)
        _ = try eventually("the moment of the crash has come") { Date() >= moment ? true : nil }
        engine.crash()
        up.waitUntilExit()
        try engine.start()
        let whole = try engine.cairn("-f", file, "up", "-d")
        #expect(whole.status == 0, "\(whole)")
        let rows = try engine.ps(file)
        #expect(rows.count == 30 && rows.allSatisfy { $0["State"] as? String == "running" })
        #expect(try engine.cairn("-f", file, "down", "-t", "0").status == 0)
      }
    }
  }
}
