import Glibc
import Kernel
import Stacks
import Testing

@testable import Images

@Suite struct ImportTests {
  @Test func `files keep owner, mode, time, links and attributes`() throws {
    let space = try Workspace()
    let store = try space.store()
    let capability: [UInt8] = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let archive = tar {
      $0.add("./", type: "5", mode: 0o751)
      $0.add("d", type: "5", mode: 0o1777, uid: 5, gid: 6, mtime: 1_000_000_000)
      $0.add("d/f", body: Array("text".utf8), mode: 0o6711, uid: 1000, gid: 100, mtime: 1_234_567_890)
      $0.hardlink("h", to: "./d/f")
      $0.symlink("s", to: "/absolute/target")
      $0.symlink("long", to: String(repeating: "../x", count: 60))
      $0.add("p", type: "6", mode: 0o622)
      $0.add("null", type: "3", mode: 0o666, major: 1, minor: 3)
      $0.pax([("SCHILY.xattr.user.note", Array("n".utf8)), ("SCHILY.xattr.security.capability", capability)])
      $0.add("ping", body: [1], mode: 0o755)
      $0.file("naïve")
      $0.pax([("mtime", "1500000000.123456789"), ("uid", "2000000"), ("path", "ünïcode/e\u{301}")])
      $0.file("x")
    }
    let id = try space.image([archive], in: store)
    let root = try #require(try store.layers(of: id).first)
    let tree = try TreeDirectory(at: root)
    #expect(try tree.descriptor.status().permissions == 0o751)
    let d = try #require(try status("d", in: root))
    #expect(d.permissions == 0o1777 && d.owner == 5 && d.group == 6)
    #expect(d.modified == FileTime(seconds: 1_000_000_000))
    let f = try #require(try status("f", in: root + "/d"))
    #expect(f.permissions == 0o6711 && f.owner == 1000 && f.group == 100 && f.linkCount == 2)
    #expect(f.modified == FileTime(seconds: 1_234_567_890))
    #expect(try status("h", in: root)?.identity == f.identity)
    #expect(try Files.read(root + "/h") == Array("text".utf8))
    #expect(try tree.target(of: Array("s".utf8)) == Array("/absolute/target".utf8))
    #expect(try tree.target(of: Array("long".utf8)).count == 240)
    #expect(try status("p", in: root)?.kind == .fifo)
    #expect(try status("p", in: root)?.permissions == 0o622)
    #expect(try status("null", in: root)?.kind == .characterDevice(major: 1, minor: 3))
    #expect(try status("null", in: root)?.permissions == 0o666)
    let ping = try tree.file(Array("ping".utf8))
    #expect(try ping.attribute("user.note") == Array("n".utf8))
    #expect(try ping.attribute("security.capability") == capability)
    // The parent was never written in the archive; the name's bytes are kept, not normalized.
    #expect(try status("ünïcode", in: root)?.permissions == 0o755)
    let names = try tree.directory(Array("ünïcode".utf8)).names()
    #expect(names == [Array("e\u{301}".utf8)])
    // In a header without pax as well.
    #expect(try status("naïve", in: root) != nil)
    let x = try #require(try tree.directory(Array("ünïcode".utf8)).status(of: names[0]))
    #expect(x.owner == 2_000_000)
    #expect(x.modified == FileTime(seconds: 1_500_000_000, nanoseconds: 123_456_789))
  }

  @Test func `holes stay holes`() throws {
    let space = try Workspace()
    let store = try space.store()
    let map = Array("2\n0\n512\n1048576\n512\n".utf8)
    let archive = tar {
      $0.pax([
        ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "hole"),
        ("GNU.sparse.realsize", "\(8 << 20)"),
      ])
      $0.add(
        "x",
        body: map + [UInt8](repeating: 0, count: 512 - map.count) + [UInt8](repeating: 1, count: 512)
          + [UInt8](repeating: 2, count: 512))
    }
    let root = try store.layers(of: try space.image([archive], in: store))[0]
    let hole = try #require(try status("hole", in: root))
    #expect(hole.size == 8 << 20)
    #expect(hole.allocated < 1 << 20)
    let bytes = try Files.read(root + "/hole")
    #expect(bytes[511] == 1 && bytes[512] == 0 && bytes[1 << 20] == 2 && bytes[(1 << 20) + 512] == 0)
  }

  @Test(arguments: [Fixtures.gzip, Fixtures.bzip2, Fixtures.xz, Fixtures.zstd])
  func `a compressed archive is the layer that it was before`(_ bytes: [UInt8]) throws {
    let space = try Workspace()
    let store = try space.store()
    let id = try space.image([bytes], in: store)
    // sha256sum of the plain archive: not our own arithmetic.
    #expect(try store.config(of: id).rootFS.diffIDs.map(\.description) == [Fixtures.digest])
    #expect(try Files.readText(try store.layers(of: id)[0] + "/hello") == "hello\n")
  }

  @Test func `an archive comes through a pipe`() async throws {
    let space = try Workspace()
    let store = try space.store()
    let reading: Descriptor
    do {
      let pipe = try Pipe.make()
      // Smaller than a pipe's buffer, so that nobody has to read while it is written.
      try pipe.write.write(Fixtures.gzip)
      reading = pipe.read
    }
    let id = try store.importRootFS(from: reading, as: nil, now: Moment(seconds: 0))
    #expect(try store.config(of: id).rootFS.diffIDs.map(\.description) == [Fixtures.digest])
  }

  @Test func `what was unpacked twice is one layer, and equal imports are one image`() throws {
    let space = try Workspace()
    let store = try space.store()
    let archive = tar { $0.file("f", "x") }
    let a = try space.image([archive], as: "a:1", in: store)
    let b = try space.image([archive], as: "b:1", in: store)
    let c = try space.image([archive], as: "c:1", changes: ["CMD [\"c\"]"], in: store)
    #expect(a == b)
    #expect(a != c)
    #expect(try Files.list(store.layers).count == 1)
    let first = try #require(try store.images().first { $0.id == a })
    #expect(first.references.map(\.description) == ["a:1", "b:1"])
    #expect(first.size == 1)
    #expect(first.createdAt == Moment(seconds: 1_700_000_000))
  }

  @Test func `later entries take the place of earlier ones`() throws {
    let space = try Workspace()
    let store = try space.store()
    let archive = tar {
      $0.file("f", "first")
      $0.file("f", "second")
      $0.directory("d")
      $0.file("d/inside", "x")
      $0.file("d", "now a file")
      $0.file("e", "x")
      $0.directory("e")
      $0.file("e/inside", "y")
      $0.directory("e", mode: 0o700)
    }
    let root = try store.layers(of: try space.image([archive], in: store))[0]
    #expect(try Files.readText(root + "/f") == "second")
    #expect(try Files.readText(root + "/d") == "now a file")
    #expect(try Files.readText(root + "/e/inside") == "y")
    #expect(try status("e", in: root)?.permissions == 0o700)
  }

  @Test(.enabled(if: canMount, "needs root, to mount a small tmpfs"))
  func `a full disk is said clearly, and nothing stays`() throws {
    let space = try Workspace()
    try Files.makeDirectory(space.path + "/data")
    #expect(
      unsafe "size=1m".withCString { unsafe mount("tmpfs", space.path + "/data", "tmpfs", 0, $0) } == 0)
    defer { unsafe umount2(space.path + "/data", Int32(MNT_DETACH)) }
    let store = try space.store()
    let archive = tar { $0.add("big", body: [UInt8](repeating: 1, count: 2 << 20)) }
    let result = Result { () throws(ImageError) in
      try store.importRootFS(
        from: try translating("open") { () throws(SystemError) in
          try Files.replace(space.path + "/big.tar", with: archive)
          return try Files.open(space.path + "/big.tar", flags: O_RDONLY)
        }, named: "big.tar", as: nil, now: Moment(seconds: 0))
    }
    guard case .failure(.diskFull(doing: "import big.tar", _)) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(try space.leftovers() == [])
  }

  @Test func `what a dead import left goes when the store opens; a live one stays`() throws {
    let space = try Workspace()
    let store = try space.store()
    let id = try space.image([tar { $0.file("f", "x") }], as: "kept", in: store)
    // As kill -9 leaves things: a place that nobody has locked, a layer and blobs that no name needs.
    try Files.makeDirectories(store.root + "/staging/dead/0/fs/etc")
    try Files.makeDirectories("\(store.layers)/\(String(repeating: "0", count: 64))/fs")
    try Files.replace("\(store.blobs)/\(String(repeating: "1", count: 64))", with: [])
    try Files.replace("\(store.blobs)/\(String(repeating: "2", count: 64)).new", with: [])
    let live = try store.staging.place()
    try Files.makeDirectory(live.path + "/0")
    let again = try space.store()
    #expect(try Files.list(store.root + "/staging").count == 1)
    #expect(Files.exists(live.path + "/0"))
    #expect(try Files.list(store.layers).count == 1)
    #expect(try Files.list(store.blobs).count == 2)
    #expect(try again.resolve(ImageReference("kept")) == id)
    #expect(try Files.readText(again.layers(of: id)[0] + "/f") == "x")
  }

  @Test func `imports at the same time all arrive`() async throws {
    let space = try Workspace()
    let store = try space.store()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for n in 0..<8 {
        group.addTask {
          _ = try space.image([tar { $0.file("f", "\(n)") }], as: "image\(n)", in: store)
        }
      }
      try await group.waitForAll()
    }
    #expect(try store.references().count == 8)
    #expect(try Files.list(store.root + "/staging") == [])
  }
}
