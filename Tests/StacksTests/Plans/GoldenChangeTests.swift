import Stacks
import Testing

/// What is made, changed and replaced, as whole plans.
@Suite struct GoldenChangeTests {
  @Test func `a new stack is made in the order of its parts`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") {
      $0.mounts = [MountSpec(source: .volume(key: "data"), target: "/d")]
    }
    try scene.service("web", 2, after: ["db": Dependency()])
    scene.stack.volumes["data"] = VolumeDefinition(name: "shop_data")
    #expect(
      scene.text == """
        1: create network shop_default: it is missing
        2: create volume shop_data: it is missing
        3 ← 1, 2: create db:1 from sha256:cccccccccccc: it is missing
        4 ← 1: create web:1 from sha256:aaaaaaaaaaaa: it is missing
        5 ← 1: create web:2 from sha256:aaaaaaaaaaaa: it is missing
        6 ← 3: start db:1: it is new
        7 ← 4, 6: start web:1: it is new
        8 ← 5, 6: start web:2: it is new

        """)
  }

  @Test func `equal replicas that get ports of their own differ each in its own way`() throws {
    var scene = try Scene()
    try scene.service("web", 2) { $0.ports = [PortMapping(hostPort: 8080, containerPort: 80)] }
    try scene.settle()
    scene.edit("web") {
      var range = PortMapping(hostPort: 9001, containerPort: 80)
      (range.firstHostPort, range.lastHostPort) = (9001, 9002)
      $0.ports = [range]
    }
    #expect(
      scene.text == """
        1: update web:1: ports: [0.0.0.0:8080->80/tcp] → [0.0.0.0:9001->80/tcp]
        2: update web:2: ports: [0.0.0.0:8080->80/tcp] → [0.0.0.0:9002->80/tcp]

        """)
  }

  @Test func `a stack that is as it should be needs nothing`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1")
    try scene.service("web", 2, after: ["db": Dependency()])
    try scene.settle()
    #expect(scene.text == "")
  }

  @Test func `a changed variable replaces only that service`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1")
    try scene.service("web", after: ["db": Dependency()]) { $0.environment = ["PORT": "80"] }
    try scene.settle()
    scene.edit("web") { $0.environment["PORT"] = "8080" }
    #expect(
      scene.text == """
        1: stop web:1: environment.PORT: 80 → 8080
        2 ← 1: remove web:1: web:1@2 takes its place
        3 ← 2: create web:1@2 from sha256:aaaaaaaaaaaa: it takes the place of web:1
        4 ← 3: start web:1@2: it is new

        """)
  }

  @Test func `limits, ports, aliases and labels are changed in place`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    scene.edit("web") {
      $0.resources.memoryLimit = 256 << 20
      $0.resources.cpuLimit = 1500
      $0.ports = [PortMapping(hostPort: 8080, containerPort: 80)]
      $0.labels["team"] = "a"
      $0.networks["default"]?.aliases = ["www"]
    }
    #expect(
      scene.text == """
        1: update web:1: labels.team: none → a, networks.default.aliases: [] → ["www"], ports: [] → [0.0.0.0:8080->80/tcp] and 2 more

        """)
  }

  @Test func `many differences are counted`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    scene.edit("web") {
      $0.command = ["serve", "--fast"]
      $0.user = "1000"
      $0.hostname = "w"
      $0.workingDirectory = "/srv"
      $0.restart = .always
    }
    #expect(
      scene.text == """
        1: stop web:1: command: the image's → ["serve", "--fast"], user: the image's → 1000, working_dir: the image's → /srv and 2 more
        2 ← 1: remove web:1: web:1@2 takes its place
        3 ← 2: create web:1@2 from sha256:aaaaaaaaaaaa: it takes the place of web:1
        4 ← 3: start web:1@2: it is new

        """)
  }

  @Test func `a name that stands for another image replaces the container`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    scene.machine.state.images[try ImageReference("app:1")] = digest("d")
    #expect(
      scene.text == """
        1: stop web:1: image: sha256:aaaaaaaaaaaa → sha256:dddddddddddd
        2 ← 1: remove web:1: web:1@2 takes its place
        3 ← 2: create web:1@2 from sha256:dddddddddddd: it takes the place of web:1
        4 ← 3: start web:1@2: it is new

        """)
  }

  @Test func `an image that a mount shows is waited for, and followed as the container's own`() throws {
    var scene = try Scene()
    let tools = try ImageReference("tools:1")
    try scene.service("web") { $0.mounts = [MountSpec(source: .image(tools), target: "/t")] }
    #expect(
      scene.text.contains(
        "waiting web:1: image tools:1 is not stored; import it with `cairn image import FILE`, or `cairn pull`"
      ))
    scene.machine.state.images[tools] = digest("d")
    try scene.settle()
    #expect(scene.text == "")
    scene.machine.state.images[tools] = digest("e")
    #expect(
      scene.text.hasPrefix("1: stop web:1: volumes.tools:1: sha256:dddddddddddd → sha256:eeeeeeeeeeee\n"),
      "\(scene.text)")
  }

  @Test func `an image stored after the last up changes nothing until the next`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    scene.stack = try scene.stack.asking(at: Moment(seconds: 1000))
    scene.machine.state.images[try ImageReference("app:1")] = digest("d")
    #expect(scene.text == "")
  }

  @Test func `another name for the same image is no reason to replace`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    scene.machine.state.images[try ImageReference("app:1.0")] = digest("a")
    let renamed = try ImageReference("app:1.0")
    scene.edit("web") { $0.image = renamed }
    #expect(
      scene.text == """
        1: update web:1: image: app:1 → app:1.0

        """)
  }

  @Test func `a container that waits for an image holds up no other`() throws {
    var scene = try Scene()
    try scene.service("db", image: "other:9")
    try scene.service("web")
    try scene.service("api", after: ["db": Dependency()])
    #expect(
      scene.text == """
        1: create network shop_default: it is missing
        2 ← 1: create api:1 from sha256:aaaaaaaaaaaa: it is missing
        3 ← 1: create web:1 from sha256:aaaaaaaaaaaa: it is missing
        4 ← 3: start web:1: it is new
        waiting api:1: db:1 is not started yet
        waiting db:1: image other:9 is not stored; import it with `cairn image import FILE`, or `cairn pull`

        """)
  }

  @Test func `what runs is kept while the image of its successor is not stored`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    let absent = try ImageReference("app:3")
    scene.edit("web") { $0.image = absent }
    #expect(
      scene.text == """
        waiting web:1: it differs (image: app:1 → app:3), but image app:3 is not stored; import it with `cairn image import FILE`, or `cairn pull`

        """)
  }

  @Test func `a container removed behind our back comes back`() throws {
    var scene = try Scene()
    try scene.service("web", 2)
    try scene.settle()
    try scene.lose("web:1")
    #expect(
      scene.text == """
        1: create web:1 from sha256:aaaaaaaaaaaa: it is missing
        2 ← 1: start web:1: it is new

        """)
  }
}
