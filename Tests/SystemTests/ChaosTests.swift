import Foundation
import Testing

extension RealContainers {
  /// Whatever can be killed or deleted is, at random, and the stack must come out of it whole.
  @Suite struct ChaosTests {
    /// For how long faults come: `CAIRN_CHAOS`; the stream of them: `CAIRN_CHAOS_SEED`.
    static let seconds = Double(ProcessInfo.processInfo.environment["CAIRN_CHAOS"] ?? "") ?? 15
    static let seed = UInt64(ProcessInfo.processInfo.environment["CAIRN_CHAOS_SEED"] ?? "") ?? 1

    static let proof = "/proof"

    /// Fifty containers. A writer notes in `folder`, which outlives it, each line that it has written.
    private func stack(_ folder: String) -> String {
      """
      services:
        writer:
          image: busybox
          command:
            - sh
            - -c
            - |
              read life < /proc/sys/kernel/random/uuid
              i=0
              while i=$$((i+1)); do echo $$life $$i; echo $$i >> \(Self.proof)/$$life; sleep 0.5; done
          volumes: ["\(folder):\(Self.proof)"]
          restart: always
          stop_grace_period: 0s
          deploy: {replicas: 40}
        web:
          image: busybox
          command: sh -c 'mkdir -p /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www'
          ports: ["18094:80"]
          restart: always
          stop_grace_period: 0s
          deploy: {replicas: 10}
      """
    }

    @Test func `a stack of fifty is whole again within five seconds of random kills and deletions`() throws {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let folder = engine.root + "/proof"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let file = try engine.up("chaos", stack(folder))
      let isPlannedNothing = try engine.cairn("-f", file, "plan", "--detailed-exitcode")
      #expect(isPlannedNothing.status == 0, "\(isPlannedNothing)")

      var faults = Faults(seed: Self.seed, before: before)
      let end = Date(timeIntervalSinceNow: Self.seconds)
      var next = Date()
      while Date() < end {
        try faults.cause(engine)
        next += 1
        _ = try eventually("the next fault's moment", within: 60) { Date() >= next ? true : nil }
      }

      let calm = Date()
      try expectWhole(engine, file)
      let took = Date().timeIntervalSince(calm)
      print("chaos: \(faults.counts) in \(Int(Self.seconds)) s; whole again after \(took) s")
      let slow = ProcessInfo.processInfo.environment["CAIRN_SLOW"].flatMap(Double.init) ?? 1
      #expect(took < 5 * slow, "after \(faults.counts); the engine's log:\n\(engine.log(tail: 30))")
      try expectEveryLine(engine, file, folder)

      let down = try engine.cairn("-f", file, "down", "-v", "-t", "0")
      #expect(down.status == 0, "\(down)")
      try expectEventually("the machine is as before: \(before)") { try MachineState.now() == before }
      let roots = [
        "\(engine.dataRoot)/containers", "\(engine.execRoot)/containers", "\(engine.execRoot)/names",
      ]
      try expectEventually("no container's directory is left") {
        try roots.flatMap { try FileManager.default.contentsOfDirectory(atPath: $0) }
          .allSatisfy { $0.hasPrefix(".") }
      }
    }

    /// Every replica runs, nothing is left to do, the port and the names lead to it.
    private func expectWhole(_ engine: TestEngine, _ file: String) throws {
      try expectEventually("fifty run: \(try engine.cairn("-f", file, "ps", "-a"))\n\(engine.log(tail: 20))")
      {
        let rows = try engine.ps(file)
        return rows.count == 50 && rows.allSatisfy { $0["State"] as? String == "running" }
      }
      try expectEventually("there is nothing to do: \(try engine.cairn("-f", file, "plan"))") {
        try engine.cairn("-f", file, "plan", "--detailed-exitcode").status == 0
      }
      try expectEventually("the page is served") {
        try Command.run("/usr/bin/curl", ["-fsS", "--max-time", "2", "http://127.0.0.1:18094/"]).out
          == "page\n"
      }
      try expectEventually("names resolve") {
        let answer = try engine.cairn("-f", file, "exec", "-T", "writer", "nslookup", "web").out
        return answer.split(separator: "\n").count { $0.hasPrefix("Address") } >= 10
      }
    }

    /// What the writers noted as written is in the log.
    private func expectEveryLine(_ engine: TestEngine, _ file: String, _ folder: String) throws {
      let lives = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(lives.count >= 40, "the writers wrote nothing")
      var noted: Set<String> = []
      for life in lives {
        let numbers = try String(contentsOfFile: folder + "/" + life, encoding: .utf8)
        for number in numbers.split(separator: "\n") { noted.insert("\(life) \(number)") }
      }
      let log = try engine.cairn("-f", file, "logs", "--no-log-prefix", "writer").out
      let missing = noted.subtracting(log.split(separator: "\n").map(String.init))
      #expect(missing.isEmpty, "\(missing.count) of \(noted.count) lines: \(missing.sorted().prefix(5))")
      print("chaos: \(noted.count) lines of \(lives.count) lives, \(missing.count) lost")
    }
  }
}

/// Random faults, the same for the same seed as far as the machine allows.
private struct Faults {
  enum Fault: String, CaseIterable {
    case container, shim, server, engine, link, bridge, table
    /// How often it is chosen among the others.
    var weight: Int {
      switch self {
      case .container: 60
      case .shim: 15
      case .engine, .link: 8
      case .bridge: 3
      case .server: 4
      case .table: 6
      }
    }
  }

  private var state: UInt64
  private let before: MachineState
  private(set) var counts: [String: Int] = [:]

  init(seed: UInt64, before: MachineState) {
    (self.state, self.before) = (seed, before)
  }

  /// splitmix64 (Steele, Lea, Flood 2014).
  private mutating func random(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  private mutating func pick<T>(_ list: [T]) -> T? {
    list.isEmpty ? nil : list[random(below: list.count)]
  }

  mutating func cause(_ engine: TestEngine) throws {
    var left = random(below: Fault.allCases.map(\.weight).reduce(0, +))
    let fault = Fault.allCases.first {
      left -= $0.weight
      return left < 0
    }!
    counts[fault.rawValue, default: 0] += 1
    switch fault {
    case .container:
      guard let shim = pick(try shims()) else { return }
      let children = try? String(contentsOfFile: "/proc/\(shim)/task/\(shim)/children", encoding: .utf8)
      for child in children?.split(separator: " ").prefix(1) ?? [] { kill(pid_t(child)!, SIGKILL) }
    case .shim:
      if let shim = pick(try shims()) { kill(pid_t(shim)!, SIGKILL) }
    case .engine:
      engine.crash()
      // Sometimes things die while none runs.
      if random(below: 2) == 0, let shim = pick(try shims()) { kill(pid_t(shim)!, SIGKILL) }
      try engine.start()
    case .server:
      if let server = pick(try MachineState.servers().sorted()) { kill(pid_t(server)!, SIGKILL) }
    case .link:
      if let link = pick(try links("cv")) { _ = try Command.run("/sbin/ip", ["link", "delete", link]) }
    case .bridge:
      if let link = pick(try links("cn-")) { _ = try Command.run("/sbin/ip", ["link", "delete", link]) }
    case .table:
      _ = try Command.run("/usr/sbin/nft", ["delete", "table", "ip", "cairn"])
    }
  }

  private func shims() throws -> [String] {
    try MachineState.shims().subtracting(before.shims).sorted { Int($0)! < Int($1)! }
  }

  private func links(_ prefix: String) throws -> [String] {
    try MachineState.now().interfaces.subtracting(before.interfaces)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { $0.hasPrefix(prefix) }.map { String($0.split(separator: "@")[0]) }.sorted()
  }
}
