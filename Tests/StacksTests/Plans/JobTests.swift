import Stacks
import Testing

/// Jobs: runs at their times, one after the other or left out.
@Suite struct JobTests {
  private func scene(
    _ cron: String = "0 * * * *", _ concurrency: Schedule.Concurrency = .forbid,
    _ missed: Schedule.MissedFires = .one
  ) throws -> Scene {
    var scene = try Scene()
    scene.machine.now = try CronTests.moment("2026-11-27T02:59:00Z")
    try scene.service("db", image: "db:1")
    scene.stack.jobs["backup"] = Job(
      template: ContainerTemplate(
        image: try ImageReference("app:1"), networks: ["default": NetworkAttachment()]),
      dependencies: ["db": Dependency()],
      schedules: [Schedule(cron: try Cron(cron), concurrency: concurrency, missedFires: missed)])
    scene.stack = try scene.stack.asking(at: scene.machine.now)
    try scene.settle()
    scene.machine.now = try CronTests.moment("2026-11-27T02:59:00Z")
    return scene
  }

  /// Goes to a time and writes down what is due, as the engine does.
  private func go(_ scene: inout Scene, to time: String) throws {
    scene.machine.now = try CronTests.moment(time)
    if let next = scene.stack.firing(scene.plan, at: scene.machine.now) { scene.stack = next }
  }

  @Test func `the next time is the time to look again, and then there is a run`() throws {
    var scene = try scene()
    #expect(
      scene.text == """
        job backup is run next at 2026-11-27T03:00:00Z
        look again in 1m0s

        """)
    scene.machine.now = try CronTests.moment("2026-11-27T03:00:00Z")
    #expect(
      scene.text == """
        run backup, due at 2026-11-27T03:00:00Z
        job backup is run next at 2026-11-27T04:00:00Z
        look again in 1h0m0s

        """)
    try go(&scene, to: "2026-11-27T03:00:00Z")
    #expect(
      scene.text == """
        1: create backup-run-20261127-030000:1 from sha256:aaaaaaaaaaaa: it was asked for
        2 ← 1: start backup-run-20261127-030000:1: it is new
        job backup is run next at 2026-11-27T04:00:00Z
        look again in 1h0m0s

        """)
    #expect(scene.stack.firing(scene.plan, at: scene.machine.now) == nil)
    try scene.machine.perform(scene.plan)
    scene.noteOneOffs()
    try scene.exit("backup-run-20261127-030000:1", 0)
    #expect(scene.plan.isEmpty)
  }

  @Test func `a listing tells what runs, how the last run ended and when the next is`() throws {
    var scene = try scene()
    func summary(_ scene: Scene) -> JobSummary? {
      JobSummary.list(scene.machine.state, scene.stack.lowered(), now: scene.machine.now).first
    }
    var next = try CronTests.moment("2026-11-27T03:00:00Z")
    #expect(summary(scene) == JobSummary(job: "backup", running: 0, nextRun: next))
    for (hour, code) in [("03", 3), ("04", Int32(0))] {
      try go(&scene, to: "2026-11-27T\(hour):00:00Z")
      let began = scene.machine.now
      try scene.machine.perform(scene.plan)
      scene.noteOneOffs()
      next = began + .seconds(3600)
      #expect(summary(scene)?.running == 1 && summary(scene)?.nextRun == next)
      scene.wait(.seconds(2))
      try scene.exit("backup-run-20261127-\(hour)0000:1", code)
      let last = ContainerState.Exited(code: code, startedAt: began, finishedAt: scene.machine.now)
      #expect(summary(scene) == JobSummary(job: "backup", running: 0, last: last, nextRun: next))
    }
    scene.stack = try scene.stack.stopping()
    #expect(summary(scene)?.nextRun == nil)
  }

  @Test func `a run waits for what its job depends on`() throws {
    var scene = try scene()
    scene.stack.jobs["backup"]?.dependencies["db"]?.condition = .healthy
    scene.edit("db") { $0.healthcheck = Healthcheck(test: .shell("true")) }
    scene.wait(.seconds(1))
    scene.stack = try scene.stack.asking(for: ["db"], at: scene.machine.now, restart: true)
    try scene.machine.perform(scene.plan)
    try go(&scene, to: "2026-11-27T03:00:00Z")
    #expect(scene.text.contains("waiting backup-run-20261127-030000:1: db:1 is not healthy yet\n"))
  }

  @Test func `a run is left out while an earlier one has not ended`() throws {
    var scene = try scene()
    try go(&scene, to: "2026-11-27T03:00:00Z")
    try scene.machine.perform(scene.plan)
    scene.noteOneOffs()
    scene.machine.now = try CronTests.moment("2026-11-27T04:00:00Z")
    #expect(
      scene.text.hasPrefix(
        "run backup, due at 2026-11-27T04:00:00Z, is left out: backup-run-20261127-030000 has not ended yet\n"
      ))
    try go(&scene, to: "2026-11-27T04:00:00Z")
    #expect(scene.stack.oneOffs.count == 1 && scene.plan.isEmpty)
    try scene.exit("backup-run-20261127-030000:1", 0)
    try go(&scene, to: "2026-11-27T05:00:00Z")
    #expect(scene.stack.oneOffs.keys.sorted().last == "backup-run-20261127-050000")
  }

  @Test func `a queued run begins when the earlier one has ended, whose container goes then`() throws {
    var scene = try scene("0 * * * *", .queue)
    try go(&scene, to: "2026-11-27T03:00:00Z")
    try scene.machine.perform(scene.plan)
    scene.noteOneOffs()
    try go(&scene, to: "2026-11-27T04:00:00Z")
    #expect(
      scene.text.contains(
        "waiting backup-run-20261127-040000:1: backup-run-20261127-030000 has not ended yet\n"))
    #expect(scene.plan.isEmpty)
    try scene.exit("backup-run-20261127-030000:1", 1)
    #expect(scene.text.contains("start backup-run-20261127-040000:1: it is new\n"))
    try scene.machine.perform(scene.plan)
    scene.noteOneOffs()
    #expect(scene.text.hasPrefix("1: remove backup-run-20261127-030000:1: it exited with 1\n"))
  }

  @Test func `times that no engine saw are made up for once, or skipped`() throws {
    var one = try scene()
    try go(&one, to: "2026-11-27T09:30:00Z")
    #expect(one.stack.oneOffs.keys.sorted() == ["backup-run-20261127-030000"])
    try go(&one, to: "2026-11-27T09:31:00Z")
    #expect(one.stack.oneOffs.count == 1)

    var skipping = try scene("0 * * * *", .forbid, .skip)
    try go(&skipping, to: "2026-11-27T09:30:00Z")
    #expect(skipping.stack.oneOffs.isEmpty && skipping.text.contains("next at 2026-11-27T10:00:00Z"))
    try go(&skipping, to: "2026-11-27T10:00:03Z")
    #expect(skipping.stack.oneOffs.keys.sorted() == ["backup-run-20261127-100000"])
  }

  @Test func `two schedules of one time are one run`() throws {
    var scene = try scene()
    scene.stack.jobs["backup"]?.schedules.append(Schedule(cron: try Cron("0 3 * * *"), concurrency: .queue))
    try go(&scene, to: "2026-11-27T03:00:00Z")
    #expect(scene.stack.oneOffs.count == 1)
  }

  @Test func `a job goes on over a change of the file, and begins anew where its times change`() throws {
    let scene = try scene()
    var file = scene.stack.declaration
    #expect(file.jobs["backup"]?.lookedAt == nil)
    let later = scene.machine.now + .seconds(600)
    let same = try file.succeeding(scene.stack).asking(at: later)
    #expect(same.jobs["backup"]?.lookedAt == scene.stack.jobs["backup"]?.lookedAt)
    file.jobs["backup"]?.schedules[0].cron = try Cron("@daily")
    let other = try file.succeeding(scene.stack).asking(at: later)
    #expect(other.jobs["backup"]?.lookedAt == later)
    #expect(
      scene.stack.changes(to: other).map(\.description) == [
        "jobs.backup.triggers.schedule: 0 * * * * UTC → @daily UTC"
      ])
  }

  /// However the engine sleeps and wakes, a job is run once for each of its times that it sees, and once for
  /// all that it misses.
  @Test func `each time is run once, and what is missed once`() throws {
    for seed in UInt64(1)...100 {
      var random = SeededRandom(seed: seed)
      var scene = try scene("*/10 * * * *")
      var runs = 0
      var expected = 0
      for _ in 0..<50 {
        let awake = random.number(0...3) > 0
        let before = scene.machine.now
        let now =
          awake ? scene.plan.lookAgain ?? before : before + .seconds(Int64(random.number(1...90) * 60))
        let cron = try Cron("*/10 * * * *")
        if let next = cron.next(after: before), next <= now { expected += 1 }
        scene.machine.now = now
        guard let next = scene.stack.firing(scene.plan, at: now) else { continue }
        runs += Set(next.oneOffs.keys).subtracting(scene.stack.oneOffs.keys).count
        scene.stack = next
        try scene.machine.perform(scene.plan)
        scene.noteOneOffs()
        for container in scene.machine.state.containers.values
        where container.spec.oneOffOf != nil && container.isUp {
          try scene.exit("\(container.instance)", 0)
        }
      }
      #expect(runs == expected, "seed \(seed)")
      if runs != expected { return }
    }
  }

  @Test func `a stopped stack runs no jobs, and times that passed meanwhile are not made up for`() throws {
    var scene = try scene()
    scene.stack = try scene.stack.stopping()
    try scene.settle()
    try go(&scene, to: "2026-11-27T05:30:00Z")
    #expect(scene.stack.oneOffs.isEmpty && scene.plan.due.isEmpty && scene.plan.nextRuns.isEmpty)
    scene.stack = try scene.stack.asking(at: scene.machine.now)
    #expect(scene.plan.due.isEmpty)
    #expect(scene.plan.nextRuns["backup"] == (try CronTests.moment("2026-11-27T06:00:00Z")))
    // That one service is stopped is no reason.
    scene.stack = try scene.stack.stopping(["db"])
    #expect(scene.plan.nextRuns["backup"] != nil)
  }
}
