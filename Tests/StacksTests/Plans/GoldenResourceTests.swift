import Stacks
import Testing

/// Networks, volumes, orphans, stops and names, as whole plans.
@Suite struct GoldenResourceTests {
  @Test func `a network that differs is made anew with all that is on it`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.networks = ["back": NetworkAttachment()] }
    try scene.service("web", after: ["db": Dependency()])
    try scene.settle()
    scene.stack.networks["default"]?.subnet = IPv4Subnet("10.7.0.0/24")
    #expect(
      scene.text == """
        1: stop web:1: network shop_default is made anew
        2 ← 1: remove web:1: web:1@2 takes its place
        3 ← 2: remove network shop_default: subnet: any → 10.7.0.0/24
        4 ← 3: create network shop_default: made anew
        5 ← 2, 4: create web:1@2 from sha256:aaaaaaaaaaaa: it takes the place of web:1
        6 ← 5: start web:1@2: it is new

        """)
  }

  @Test func `a network that others use is not made anew`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    scene.machine.state.networks["shop_default"]?.otherUsers = ["blog-web-1"]
    scene.stack.networks["default"]?.isInternal = true
    #expect(
      scene.text == """
        blocked web:1: network shop_default differs (internal: false → true) and cannot be made anew while blog-web-1 use it

        """)
  }

  @Test func `after a reboot networks are made again and containers started in order`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.restart = .always }
    try scene.service("web", after: ["db": Dependency()]) { $0.restart = .unlessStopped }
    try scene.settle()
    scene.wait(.seconds(60))
    for name in ["db:1", "web:1"] { try scene.exit(name, 255) }
    scene.machine.state.networks["shop_default"]?.fault = "its bridge is gone"
    #expect(
      scene.text == """
        1: create network shop_default: its bridge is gone
        2 ← 1: start db:1: it exited with 255 (restart: always)
        3 ← 1, 2: start web:1: it exited with 255 (restart: unless-stopped)

        """)
  }

  @Test func `what has lost its links gets them back as it runs, once their network is there`() throws {
    var scene = try Scene()
    try scene.service("web", 2)
    try scene.settle()
    for id in scene.machine.state.containers.keys {
      scene.machine.state.containers[id]?.lostNetworks = ["shop_default"]
    }
    scene.machine.state.networks["shop_default"]?.fault = "its bridge is gone"
    #expect(
      scene.text == """
        1: create network shop_default: its bridge is gone
        2 ← 1: update web:1: its link to network shop_default is gone
        3 ← 1: update web:2: its link to network shop_default is gone

        """)
    try scene.settle()
    scene.machine.state.containers[try scene.id("web:2")]?.lostNetworks = ["shop_default"]
    scene.edit("web") { $0.resources.pidsLimit = 9 }
    #expect(
      scene.text == """
        1: update web:1: limits.pids: none → 9
        2: update web:2: limits.pids: none → 9, its link to network shop_default is gone

        """)
  }

  @Test func `an external network that is absent blocks only its users`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.networks = ["outer": NetworkAttachment()] }
    try scene.service("db", image: "db:1")
    scene.stack.networks["outer"] = NetworkDefinition(name: "outer", isExternal: true)
    #expect(
      scene.text == """
        1: create network shop_default: it is missing
        2 ← 1: create db:1 from sha256:cccccccccccc: it is missing
        3 ← 2: start db:1: it is new
        blocked web:1: external network outer does not exist; make it with `cairn network create outer`

        """)
  }

  @Test func `a volume that differs is never destroyed`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") {
      $0.mounts = [MountSpec(source: .volume(key: "data"), target: "/d")]
    }
    scene.stack.volumes["data"] = VolumeDefinition(name: "shop_data")
    try scene.settle()
    scene.stack.volumes["data"]?.labels["tier"] = "gold"
    #expect(
      scene.text == """
        blocked db:1: volume shop_data differs (labels.tier: none → gold), and a volume is never changed or destroyed by itself: undo the change, give it another name, or remove it

        """)
  }

  @Test func `orphans are reported and kept`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.service("old")
    try scene.settle()
    scene.stack.services["old"] = nil
    #expect(
      scene.text == """
        note: old:1 is an orphan: service old is not in the stack; --remove-orphans removes it

        """)
  }

  @Test func `orphans are removed when asked`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.service("old")
    try scene.settle()
    scene.stack.services["old"] = nil
    scene.options.removeOrphans = true
    #expect(
      scene.text == """
        1: stop old:1: service old is not in the stack
        2 ← 1: remove old:1: service old is not in the stack

        """)
  }

  @Test func `a stopped service is kept and not run`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1")
    try scene.service("web", after: ["db": Dependency()])
    try scene.settle()
    scene.stack = try scene.stack.stopping()
    #expect(
      scene.text == """
        1: stop web:1: the service is stopped
        2 ← 1: stop db:1: the service is stopped

        """)
  }

  @Test func `a stopped service starts when it is asked for`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    scene.stack = try scene.stack.stopping()
    try scene.settle()
    scene.stack = try scene.stack.asking(at: scene.machine.now)
    #expect(
      scene.text == """
        1: start web:1: it was stopped before it was asked for

        """)
  }

  @Test func `a name that an orphan has blocks, and is free once the orphan goes`() throws {
    var scene = try Scene()
    try scene.service("old") { $0.containerName = "cache" }
    try scene.settle()
    scene.stack.services["old"] = nil
    try scene.service("new") { $0.containerName = "cache" }
    #expect(
      scene.text == """
        blocked new:1: name cache is in use by old:1
        note: old:1 is an orphan: service old is not in the stack; --remove-orphans removes it

        """)
    scene.options.removeOrphans = true
    #expect(
      scene.text == """
        1: stop old:1: service old is not in the stack
        2 ← 1: remove old:1: service old is not in the stack
        3 ← 2: create new:1 from sha256:aaaaaaaaaaaa: it is missing
        4 ← 3: start new:1: it is new

        """)
  }

  @Test func `two services can swap their names`() throws {
    var scene = try Scene()
    try scene.service("a") { $0.containerName = "one" }
    try scene.service("b") { $0.containerName = "two" }
    try scene.settle()
    scene.edit("a") { $0.containerName = "two" }
    scene.edit("b") { $0.containerName = "one" }
    #expect(
      scene.text == """
        1: stop a:1: container_name: one → two
        2: stop b:1: container_name: two → one
        3 ← 1: remove a:1: a:1@2 takes its place
        4 ← 2: remove b:1: b:1@2 takes its place
        5 ← 3, 4: create a:1@2 from sha256:aaaaaaaaaaaa: it takes the place of a:1
        6 ← 3, 4: create b:1@2 from sha256:aaaaaaaaaaaa: it takes the place of b:1
        7 ← 5: start a:1@2: it is new
        8 ← 6: start b:1@2: it is new

        """)
  }

  @Test func `down stops dependents first and keeps volumes`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") {
      $0.mounts = [MountSpec(source: .volume(key: "data"), target: "/d")]
    }
    try scene.service("api", after: ["db": Dependency()])
    try scene.service("web", 2, after: ["api": Dependency()])
    scene.stack.volumes["data"] = VolumeDefinition(name: "shop_data")
    try scene.settle()
    try scene.exit("api:1", 0)
    #expect(
      scene.down() == """
        1: stop web:1: no replica is wanted
        2: stop web:2: no replica is wanted
        3 ← 1, 2: stop db:1: no replica is wanted
        4: remove api:1: no replica is wanted
        5 ← 3: remove db:1: no replica is wanted
        6 ← 1: remove web:1: no replica is wanted
        7 ← 2: remove web:2: no replica is wanted
        8 ← 4, 5, 6, 7: remove network shop_default: it is not wanted any more

        """)
  }

  @Test func `down with volumes destroys them last`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") {
      $0.mounts = [MountSpec(source: .volume(key: "data"), target: "/d")]
    }
    scene.stack.volumes["data"] = VolumeDefinition(name: "shop_data")
    try scene.settle()
    #expect(
      scene.down(removeVolumes: true) == """
        1: stop db:1: no replica is wanted
        2 ← 1: remove db:1: no replica is wanted
        3 ← 2: remove network shop_default: it is not wanted any more
        4 ← 2: remove volume shop_data: it is not wanted any more

        """)
  }
}
