import Kernel
import Stacks
import Testing

@testable import Images

@Suite struct VolumeTests {
  let now = Moment(seconds: 1_700_000_000)

  @Test func `a volume is there from its creation to its removal`() throws {
    let space = try Workspace()
    let store = try VolumeStore(root: space.path + "/volumes")
    let definition = VolumeDefinition(name: "demo_data", labels: ["a": "b"])
    try store.create(definition, stack: "demo", now: now)
    let observed = ObservedVolume(name: "demo_data", stack: "demo", definition: definition)
    #expect(try store.observe() == [observed])
    #expect(try VolumeStore(root: store.root).observe() == [observed])
    #expect(try store.volume("demo_data").createdAt == now)
    #expect(throws: ImageError.volumeExists("demo_data")) {
      try store.create(definition, stack: nil, now: now)
    }
    let data = try store.path(of: "demo_data")
    #expect(try TreeDirectory(at: data).descriptor.status().permissions == 0o755)
    #expect(try TreeDirectory(at: store.root).descriptor.status().permissions == 0o700)
    try Files.replace(data + "/f", with: "x".utf8)
    try store.remove("demo_data")
    #expect(try store.observe() == [])
    #expect(throws: ImageError.noSuchVolume("demo_data")) { try store.remove("demo_data") }
    #expect(throws: ImageError.noSuchVolume("demo_data")) { try store.path(of: "demo_data") }
    try store.sweep()
    #expect(try Files.list(store.root + "/.staging") == [])
  }

  @Test(arguments: [
    "", ".", "..", "../x", "a/b", "/a", "-a", ".staging", "a b", "ä", String(repeating: "a", count: 201),
  ])
  func `a name that could be a path is none`(_ name: String) throws {
    let space = try Workspace()
    let store = try VolumeStore(root: space.path + "/volumes")
    #expect(throws: ImageError.self) {
      try store.create(VolumeDefinition(name: name), stack: nil, now: now)
    }
    for call in [store.remove, { _ = try store.path(of: $0) }, { _ = try store.volume($0) }] {
      #expect(throws: ImageError.noSuchVolume(name)) { try call(name) }
    }
    #expect(Files.exists(space.canary))
  }

  @Test func `a volume that is a file system is mounted once, filled, and taken away with it`() throws {
    let space = try Workspace()
    let store = try VolumeStore(root: space.path + "/volumes")
    let memory = FileSystem(type: "tmpfs", device: "none", options: ["size=1m", "mode=0710", "noexec"])
    try store.create(VolumeDefinition(name: "m", fileSystem: memory), stack: nil, now: now)
    try store.create(VolumeDefinition(name: "plain"), stack: nil, now: now)
    #expect(try store.mounted("plain") == nil)
    let data = try #require(try store.mounted("m"))
    #expect(try HostMount.isMountPoint(data))
    #expect(try TreeDirectory(at: data).descriptor.status().permissions == 0o710)
    try Files.replace(data + "/f", with: "x".utf8)
    #expect(try store.mounted("m") == data && Files.exists(data + "/f"), "it is mounted once")
    let line = try Files.readText("/proc/self/mountinfo").split(separator: "\n").first { $0.contains(data) }
    #expect(line?.contains("noexec") == true && line?.contains("size=1024k") == true, "\(line ?? "none")")
    try store.remove("m")
    #expect(!(try Files.readText("/proc/self/mountinfo")).contains(data))
    let wrong = FileSystem(type: "nosuchfs", device: "none")
    try store.create(VolumeDefinition(name: "w", fileSystem: wrong), stack: nil, now: now)
    #expect { try store.mounted("w") } throws: { "\($0)".contains("the kernel has no such file system") }
    try store.remove("w")
  }

  @Test func `an anonymous volume goes with its container`() throws {
    let space = try Workspace()
    let store = try VolumeStore(root: space.path + "/volumes")
    let (one, other) = (ContainerID.random(), ContainerID.random())
    let mine = try [store.createAnonymous(for: one, now: now), store.createAnonymous(for: one, now: now)]
    let theirs = try store.createAnonymous(for: other, now: now)
    #expect(try store.observe() == [])
    #expect(try store.volumes().map(\.name) == (mine + [theirs]).sorted())
    #expect(try store.removeAnonymous(of: one) == mine.sorted())
    #expect(try store.volumes().map(\.name) == [theirs])
  }

  @Test func `an anonymous volume that is left goes on with the next container of the slot`() throws {
    let space = try Workspace()
    let store = try VolumeStore(root: space.path + "/volumes")
    let (one, two, three) = (ContainerID.random(), ContainerID.random(), ContainerID.random())
    let heir = VolumeHeir(slot: Slot(stack: "s", service: "db", number: 1), path: "/data")
    let name = try store.createAnonymous(for: one, labels: ["a": "b"], now: now)
    try Files.replace(store.path(of: name) + "/f", with: "x".utf8)
    #expect(try store.inherit(heir, by: two) == nil)
    try store.leave(name, to: heir)
    try store.leave(name, to: heir)
    // Until somebody takes it, it is the stack's.
    #expect(try store.observe().map(\.stack) == ["s"])
    for other in [
      VolumeHeir(slot: heir.slot, path: "/other"),
      VolumeHeir(slot: Slot(stack: "s", service: "db", number: 2), path: "/data"),
      VolumeHeir(slot: Slot(stack: "t", service: "db", number: 1), path: "/data"),
    ] {
      #expect(try store.inherit(other, by: two) == nil)
    }
    #expect(try store.inherit(heir, by: two) == name)
    #expect(try store.inherit(heir, by: three) == nil)
    #expect(try store.observe() == [])
    #expect(try Files.readText(store.path(of: name) + "/f") == "x")
    #expect(try store.volume(name).definition.labels == ["a": "b"])
    // The creation of the second one was cut short: what it had inherited is not lost.
    let own = try store.createAnonymous(for: two, now: now)
    #expect(try store.removeAnonymous(of: two) == [own])
    #expect(try store.inherit(heir, by: three) == name)
    try store.remove(name)
    try store.leave(name, to: heir)
    #expect(try store.inherit(heir, by: one) == nil)
  }

  @Test func `a new volume gets what the image has there, once`() throws {
    let space = try Workspace()
    let images = try space.store()
    let id = try space.image(
      [
        tar {
          $0.add("var/data", type: "5", mode: 0o2750, uid: 999, gid: 998)
          $0.add("var/data/f", body: Array("image".utf8), mode: 0o4640, uid: 999, gid: 998)
          $0.hardlink("var/data/h", to: "var/data/f")
          $0.file("var/data/hidden", "x")
          $0.add("var/data/sub", type: "5", mode: 0o700, uid: 3)
          $0.symlink("var/data/sub/link", to: "/etc/shadow")
          $0.pax([("SCHILY.xattr.user.note", "n")])
          $0.file("var/data/sub/noted")
          $0.symlink("data", to: "/var/data")
        },
        tar {
          $0.file("var/data/.wh.hidden")
          $0.add("var/data", type: "5", mode: 0o2750, uid: 999, gid: 998)
        },
      ], in: images)
    let layers = try images.layers(of: id)
    let store = try VolumeStore(root: space.path + "/volumes")
    try store.create(VolumeDefinition(name: "v"), stack: nil, now: now)
    #expect(try store.populate("v", fromLayers: layers, path: "/data"))
    let data = try store.path(of: "v")
    let root = try TreeDirectory(at: data)
    let status = try root.descriptor.status()
    #expect(status.permissions == 0o2750 && status.owner == 999 && status.group == 998)
    #expect(try Files.list(data) == ["f", "h", "sub"])
    let f = try #require(try root.status(of: Array("f".utf8)))
    #expect(f.permissions == 0o4640 && f.owner == 999 && f.linkCount == 2)
    #expect(try root.status(of: Array("h".utf8))?.identity == f.identity)
    #expect(f.modified == FileTime(seconds: 1_700_000_000))
    let sub = try root.directory(Array("sub".utf8))
    #expect(try sub.target(of: Array("link".utf8)) == Array("/etc/shadow".utf8))
    #expect(try sub.file(Array("noted".utf8)).attribute("user.note") == Array("n".utf8))
    // It is the container's now: what it deletes stays deleted.
    for name in ["f", "h", "sub"] { try root.remove(Array(name.utf8)) }
    #expect(try store.populate("v", fromLayers: layers, path: "/data") == false)
    #expect(try Files.list(data) == [])
    #expect(try Files.list(store.root + "/.staging") == [])
  }

  @Test func `a volume that was used empty stays empty`() throws {
    let space = try Workspace()
    let images = try space.store()
    let layers = try images.layers(of: space.image([tar { $0.file("d/f", "x") }], in: images))
    let store = try VolumeStore(root: space.path + "/volumes")
    try store.create(VolumeDefinition(name: "v"), stack: nil, now: now)
    #expect(try store.populate("v", fromLayers: [], path: "/d"))
    #expect(try store.populate("v", fromLayers: layers, path: "/d") == false)
    #expect(try Files.list(store.path(of: "v")) == [])
  }

  @Test func `a link in the image never brings files of the host into a volume`() throws {
    let space = try Workspace()
    let images = try space.store()
    let canary = space.canary
    let id = try space.image(
      [
        tar {
          $0.symlink("direct", to: canary)
          $0.symlink("climb", to: "../../../../../../.." + canary)
          $0.directory("d")
          $0.symlink("d/below", to: canary)
          $0.symlink("proc", to: "/proc/self/root" + canary)
        }
      ], in: images)
    let layers = try images.layers(of: id)
    let store = try VolumeStore(root: space.path + "/volumes")
    let paths = ["/direct", "/climb", "/d/below", "/d/below/inner", "/proc", "/../../.." + canary]
    for (number, path) in paths.enumerated() {
      let name = "v\(number)"
      try store.create(VolumeDefinition(name: name), stack: nil, now: now)
      #expect(try store.populate(name, fromLayers: layers, path: path))
      #expect(try Files.list(store.path(of: name)) == [], "\(path)")
    }
  }

  @Test func `of many that fill a volume at once, one does`() async throws {
    let space = try Workspace()
    let images = try space.store()
    let layers = try images.layers(of: space.image([tar { $0.file("d/f", "x") }], in: images))
    let store = try VolumeStore(root: space.path + "/volumes")
    try store.create(VolumeDefinition(name: "v"), stack: nil, now: now)
    let firsts = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask { try store.populate("v", fromLayers: layers, path: "/d") }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(firsts == 1)
    #expect(try Files.list(store.path(of: "v")) == ["f"])
  }

  @Test func `what a crash left of a creation is gone, and volumes stay`() throws {
    let space = try Workspace()
    let store = try VolumeStore(root: space.path + "/volumes")
    try store.create(VolumeDefinition(name: "v"), stack: nil, now: now)
    try Files.makeDirectories(store.root + "/.staging/dead/volume/data")
    let again = try VolumeStore(root: store.root)
    #expect(try Files.list(store.root + "/.staging") == [])
    #expect(try again.volumes().map(\.name) == ["v"])
  }
}
