import Stacks
import Testing

/// What has ended and what depends on what, as whole plans.
@Suite struct GoldenRestartTests {
  @Test func `a killed process is replaced at once`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.restart = .always }
    try scene.settle()
    try scene.exit("web:1", 137)
    #expect(
      scene.text == """
        1: start web:1: it exited with 137 (restart: always)

        """)
  }

  @Test func `the second failure in a row waits`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.restart = .always }
    try scene.settle()
    try scene.exit("web:1", 1)
    try scene.machine.perform(scene.plan)
    try scene.exit("web:1", 1)
    #expect(
      scene.text == """
        waiting web:1: it exited with 1; restart 2 comes 100ms after that
        look again in 100ms

        """)
  }

  @Test func `on-failure gives up after its number of restarts`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.restart = .onFailure(maximum: 1) }
    try scene.settle()
    try scene.exit("web:1", 1)
    try scene.machine.perform(scene.plan)
    try scene.exit("web:1", 1)
    scene.wait(.seconds(5))
    #expect(
      scene.text == """
        blocked web:1: it exited with 1, and on-failure:1 allows no further restart

        """)
  }

  @Test func `what ended stays so until up asks for it`() throws {
    var scene = try Scene()
    try scene.service("job")
    try scene.settle()
    try scene.exit("job:1", 0)
    #expect(scene.plan.isEmpty)
    scene.wait(.seconds(1))
    scene.stack = try scene.stack.asking(at: scene.machine.now)
    #expect(
      scene.text == """
        1: start job:1: it exited with 0 before it was asked for

        """)
  }

  @Test func `a container that could not be started is reported`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    try scene.exit("web:1", 127, startFailure: "execve(/bin/serve): No such file or directory")
    #expect(
      scene.text == """
        blocked web:1: it could not be started: execve(/bin/serve): No such file or directory

        """)
  }

  @Test func `a half-made container is cleaned up and made whole`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    scene.machine.state.containers[try scene.id("web:1")]?.state = .broken(reason: "it has no record")
    #expect(
      scene.text == """
        1: remove web:1: it is not whole: it has no record
        2 ← 1: create web:1@2 from sha256:aaaaaaaaaaaa: it is missing
        3 ← 2: start web:1@2: it is new

        """)
  }

  @Test func `surplus replicas go: outdated, then unhealthy, then the highest`() throws {
    var scene = try Scene()
    try scene.service("web", 5) { $0.healthcheck = Healthcheck(test: .shell("true")) }
    try scene.settle()
    scene.machine.state.containers[try scene.id("web:1")]?.spec.template.user = "old"
    try scene.setHealth("web:3", .unhealthy)
    scene.stack = try scene.stack.scaled(["web": 2])
    #expect(
      scene.text == """
        1: stop web:1: only 2 replicas are wanted
        2: stop web:3: only 2 replicas are wanted
        3: stop web:5: only 2 replicas are wanted
        4 ← 1: remove web:1: only 2 replicas are wanted
        5 ← 2: remove web:3: only 2 replicas are wanted
        6 ← 3: remove web:5: only 2 replicas are wanted

        """)
  }

  @Test func `replicas under other numbers are kept`() throws {
    var scene = try Scene()
    try scene.service("web", 3)
    try scene.settle()
    try scene.lose("web:1")
    scene.stack = try scene.stack.scaled(["web": 2])
    #expect(scene.text == "")
  }

  @Test func `a dependent waits until the dependency is healthy`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.healthcheck = Healthcheck(test: .shell("true")) }
    try scene.service("web", after: ["db": Dependency(condition: .healthy)])
    try scene.machine.perform(scene.plan)
    #expect(
      scene.text == """
        waiting web:1: db:1 is not healthy yet

        """)
  }

  @Test func `what runs is not stopped for a successor that could not be started`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.healthcheck = Healthcheck(test: .shell("true")) }
    try scene.service("web", after: ["db": Dependency(condition: .healthy)])
    try scene.settle()
    try scene.setHealth("db:1", .unhealthy)
    scene.edit("web") { $0.user = "7" }
    #expect(
      scene.text == """
        blocked web:1: it differs (user: the image's → 7) and runs on as it is: \
        dependency failed: db:1 is unhealthy

        """)
  }

  @Test func `an unhealthy dependency blocks`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.healthcheck = Healthcheck(test: .shell("true")) }
    try scene.service("web", after: ["db": Dependency(condition: .healthy)])
    try scene.machine.perform(scene.plan)
    try scene.setHealth("db:1", .unhealthy)
    #expect(
      scene.text == """
        blocked web:1: dependency failed: db:1 is unhealthy

        """)
  }

  @Test func `a failed job blocks those that need it, however far`() throws {
    var scene = try Scene()
    try scene.service("migrate")
    try scene.service("web", after: ["migrate": Dependency(condition: .completed)])
    try scene.service("proxy", after: ["web": Dependency()])
    try scene.machine.perform(scene.plan)
    try scene.exit("migrate:1", 3)
    #expect(
      scene.text == """
        blocked proxy:1: dependency failed: web:1: dependency failed: migrate:1 exited with 3
        blocked web:1: dependency failed: migrate:1 exited with 3

        """)
  }

  @Test func `a job that has completed opens the way`() throws {
    var scene = try Scene()
    try scene.service("migrate")
    try scene.service("web", after: ["migrate": Dependency(condition: .completed)])
    try scene.machine.perform(scene.plan)
    try scene.exit("migrate:1", 0)
    #expect(
      scene.text == """
        1: start web:1: it was never started

        """)
  }

  @Test func `a step before the start runs again when it failed, and not when it is only asked for`() throws {
    var scene = try Scene()
    try scene.service("step")
    scene.stack.services["step"]?.preparesFor = "web"
    try scene.service("web", after: ["step": Dependency(condition: .completed)])
    try scene.machine.perform(scene.plan)
    try scene.exit("step:1", 3)
    scene.wait(.seconds(1))
    let now = scene.machine.now
    scene.stack = try scene.stack.asking(at: now)
    #expect(scene.text.contains("start step:1: it exited with 3 before it was asked for\n"))
    try scene.machine.perform(scene.plan)
    try scene.exit("step:1", 0)
    try scene.machine.perform(scene.plan)
    scene.wait(.seconds(1))
    scene.stack = try scene.stack.asking(at: scene.machine.now)
    #expect(scene.plan.isEmpty, "\(scene.text)")
    scene.edit("step") { $0.labels[Service.preparationLabel] = "web@2" }
    #expect(scene.text.contains("create step:1@2 "), "\(scene.text)")
  }

  @Test func `dependents restart with a dependency that is replaced`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1")
    try scene.service("api", after: ["db": Dependency(restart: true)])
    try scene.service("web", after: ["api": Dependency()])
    try scene.settle()
    scene.edit("db") { $0.user = "999" }
    #expect(
      scene.text == """
        1: stop api:1: service db, which it depends on, is replaced
        2 ← 1: stop db:1: user: the image's → 999
        3 ← 2: remove db:1: db:1@2 takes its place
        4 ← 3: create db:1@2 from sha256:cccccccccccc: it takes the place of db:1
        5 ← 4: start db:1@2: it is new
        6 ← 1, 5: start api:1: it is started again

        """)
  }

  @Test func `dependents restart with a dependency that failed`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.restart = .always }
    try scene.service("api", after: ["db": Dependency(restart: true)])
    try scene.service("web", after: ["api": Dependency()])
    try scene.settle()
    scene.wait(.seconds(60))
    try scene.exit("db:1", 139)
    #expect(
      scene.text == """
        1: stop api:1: service db, which it depends on, failed and is started again
        2: start db:1: it exited with 139 (restart: always)
        3 ← 1, 2: start api:1: it is started again

        """)
    try scene.machine.perform(scene.plan)
    #expect(scene.plan.isEmpty)
  }

  @Test func `dependents that need a healthy dependency restart when it is healthy again`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") {
      $0.restart = .always
      $0.healthcheck = Healthcheck(test: .shell("true"))
    }
    try scene.service("api", after: ["db": Dependency(condition: .healthy, restart: true)])
    try scene.settle()
    scene.wait(.seconds(60))
    try scene.exit("db:1", 139)
    try scene.machine.perform(scene.plan)
    #expect(
      scene.text == """
        waiting api:1: db:1, which it depends on, failed and was started again, but db:1 is not healthy yet

        """)
    scene.wait(.seconds(2))
    try scene.setHealth("db:1", .healthy)
    #expect(
      scene.text == """
        1: stop api:1: db:1, which it depends on, failed and was started again
        2 ← 1: start api:1: it is started again

        """)
    try scene.machine.perform(scene.plan)
    #expect(scene.plan.isEmpty)
  }

  @Test func `after a reboot dependents wait until what they need is healthy again`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") {
      $0.restart = .always
      $0.healthcheck = Healthcheck(test: .shell("true"))
    }
    try scene.service("api", after: ["db": Dependency(condition: .healthy)]) { $0.restart = .always }
    try scene.settle()
    scene.wait(.seconds(60))
    for name in ["db:1", "api:1"] { try scene.exit(name, 255) }
    #expect(
      scene.text == """
        1: start db:1: it exited with 255 (restart: always)
        waiting api:1: db:1 is not healthy yet

        """)
  }

  @Test func `an unhealthy container is ended and started again`() throws {
    var scene = try Scene()
    try scene.service("web") {
      $0.restart = .unlessStopped
      $0.healthcheck = Healthcheck(test: .shell("true"))
    }
    try scene.settle()
    try scene.setHealth("web:1", .unhealthy)
    #expect(
      scene.text == """
        1: stop web:1: it is unhealthy
        2 ← 1: start web:1: it is started again

        """)
    try scene.machine.perform(scene.plan)
    #expect(try scene["web:1"].recentStarts == 2, "it counts as a failure")
  }

  @Test func `a pass that is cut short after the stop of an unhealthy one starts it all the same`() throws {
    var scene = try Scene()
    try scene.service("web") {
      $0.restart = .onFailure(maximum: nil)
      $0.healthcheck = Healthcheck(test: .shell("true"))
    }
    try scene.settle()
    try scene.setHealth("web:1", .unhealthy)
    try scene.machine.perform(try #require(scene.plan.steps.first).action)
    #expect(
      scene.text == """
        1: start web:1: it was ended because it was unhealthy (restart: on-failure)

        """)
  }

  @Test func `an unhealthy container that keeps failing serves until it may be started again`() throws {
    var scene = try Scene()
    try scene.service("web") {
      $0.restart = .always
      $0.healthcheck = Healthcheck(test: .shell("true"))
    }
    try scene.settle()
    scene.machine.state.containers[try scene.id("web:1")]?.recentStarts = 7
    try scene.setHealth("web:1", .unhealthy)
    #expect(
      scene.text == """
        waiting web:1: it is unhealthy, but it is started again no sooner than 3.2s after its last start
        look again in 2.2s

        """)
  }

  @Test func `an unhealthy container is left where nothing is restarted, or what it needs is not there`()
    throws
  {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.healthcheck = Healthcheck(test: .shell("true")) }
    try scene.service("web", after: ["db": Dependency(condition: .healthy)]) {
      $0.restart = .always
      $0.healthcheck = Healthcheck(test: .shell("true"))
    }
    try scene.settle()
    try scene.setHealth("db:1", .unhealthy)
    try scene.setHealth("web:1", .unhealthy)
    #expect(
      scene.text == """
        blocked web:1: it is unhealthy, but dependency failed: db:1 is unhealthy

        """)
    scene.edit("db") { $0.restartTiming.replacesUnhealthy = true }
    #expect(scene.plan.steps.map(\.action.description) == ["update db:1", "stop db:1", "start db:1"])
  }

  @Test func `what keeps failing blocks those that need it healthy, until it is`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") {
      $0.restart = .always
      $0.healthcheck = Healthcheck(test: .shell("true"))
    }
    try scene.service("web", after: ["db": Dependency(condition: .healthy)])
    try scene.machine.perform(scene.plan)
    scene.wait(.seconds(100))
    try scene.setHealth("db:1", .unhealthy)
    try scene.machine.perform(scene.plan)
    #expect(try scene["db:1"].recentStarts == 2, "it was never well")
    #expect(
      scene.text == """
        blocked web:1: dependency failed: db:1 was started again and is not healthy yet

        """)
    try scene.setHealth("db:1", .healthy)
    #expect(scene.plan.steps.map(\.action.description) == ["start web:1"])
  }

  @Test func `dependents restart with one that was unhealthy`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") {
      $0.restart = .always
      $0.healthcheck = Healthcheck(test: .shell("true"))
    }
    try scene.service("api", after: ["db": Dependency(restart: true)])
    try scene.settle()
    try scene.setHealth("db:1", .unhealthy)
    #expect(
      scene.text == """
        1: stop api:1: service db, which it depends on, failed and is started again
        2 ← 1: stop db:1: it is unhealthy
        3 ← 2: start db:1: it is started again
        4 ← 1, 3: start api:1: it is started again

        """)
    try scene.machine.perform(scene.plan)
    #expect(scene.plan.isEmpty)
  }

  @Test func `a restart by hand goes through the order of dependencies`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1")
    try scene.service("web", after: ["db": Dependency()])
    try scene.settle()
    scene.stack = try scene.stack.asking(at: scene.machine.now, restart: true)
    #expect(
      scene.text == """
        1: stop web:1: a restart was asked for
        2 ← 1: stop db:1: a restart was asked for
        3 ← 2: start db:1: it is started again
        4 ← 1, 3: start web:1: it is started again

        """)
  }

  @Test func `what was asked to end is asked for again by the step that waits for it`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.stopGracePeriod = .seconds(10) }
    try scene.settle()
    let since = scene.machine.now
    try scene.stopping("web:1", since, since + .seconds(10))
    scene.stack = try scene.stack.stopping(["web"])
    scene.wait(.seconds(2))
    #expect(
      scene.text == """
        1: stop web:1: the service is stopped
        look again in 8s

        """)
  }

  @Test func `what was asked to end and is wanted again is started when it has ended`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    let since = scene.machine.now
    try scene.stopping("web:1", since, since + .seconds(10))
    scene.wait(.seconds(2))
    #expect(
      scene.text == """
        1: stop web:1: it was asked to end before it was wanted again
        2 ← 1: start web:1: it is wanted again
        look again in 8s

        """)
  }

  @Test func `what was stopped and is wanted is started, whatever its policy`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    let id = try scene.id("web:1")
    let since = scene.machine.now
    scene.machine.state.containers[id]?.state = .exited(
      .init(code: 143, startedAt: since, finishedAt: since + .seconds(2), wasStopped: true))
    scene.wait(.seconds(3))
    #expect(
      scene.text == """
        1: start web:1: it was stopped and is wanted

        """)
    scene.stack = try scene.stack.stopping(["web"])
    #expect(scene.plan.isEmpty)
  }
}
