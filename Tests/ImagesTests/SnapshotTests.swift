import Kernel
import Stacks
import Testing

@testable import Images

@Suite struct SnapshotTests {
  @Test(.enabled(if: canMount, "needs root and overlayfs"))
  func `a container writes to its own layer, and its root is like the image's`() throws {
    let space = try Workspace()
    let store = try space.store()
    let id = try space.image(
      [
        tar {
          $0.add("./", type: "5", mode: 0o1755, uid: 7, gid: 8)
          $0.file("f", "image")
        }
      ], in: store)
    let snapshots = try Snapshots(root: space.path + "/data/containers")
    let container = ContainerID.random()
    let layers = try snapshots.create(container, over: store.layers(of: id))
    #expect(layers == snapshots.layers(of: container, over: try store.layers(of: id)))
    try withOverlay(lower: layers.lower, upper: layers.upper, work: layers.work) { root in
      let status = try TreeDirectory(at: root).descriptor.status()
      #expect(status.permissions == 0o1755 && status.owner == 7 && status.group == 8)
      #expect(status.modified == FileTime(seconds: 1_700_000_000))
      try Files.replace(root + "/f", with: "container".utf8)
    }
    #expect(try Files.readText(layers.upper + "/f") == "container")
    #expect(try Files.readText(layers.lower[0] + "/f") == "image")
    #expect(throws: ImageError.self) { try snapshots.create(container, over: layers.lower) }
    try snapshots.remove(container)
    #expect(!Files.exists(snapshots.directory(of: container)))
    try snapshots.sweep()
    #expect(try Files.list(snapshots.root) == [".new", ".trash"])
    #expect(try Files.list(snapshots.root + "/.trash") == [])
    try snapshots.remove(container)
  }

  @Test func `what was removed and not yet deleted goes when the engine starts`() throws {
    let space = try Workspace()
    let snapshots = try Snapshots(root: space.path + "/containers")
    let (gone, kept) = (ContainerID.random(), ContainerID.random())
    _ = try snapshots.create(gone, over: [])
    _ = try snapshots.create(kept, over: [])
    try snapshots.remove(gone)
    #expect(try Files.list(snapshots.root + "/.trash").count == 1)
    _ = try Snapshots(root: snapshots.root)
    #expect(try Files.list(snapshots.root + "/.trash") == [])
    #expect(Files.exists(snapshots.directory(of: kept) + "/upper"))
    #expect(try TreeDirectory(at: snapshots.root).descriptor.status().permissions == 0o700)
  }

  @Test func `what somebody keeps in the container's directory already stays, and only one layer is made`()
    throws
  {
    let space = try Workspace()
    let snapshots = try Snapshots(root: space.path + "/containers")
    let id = ContainerID.random()
    try Files.makeDirectory(snapshots.directory(of: id))
    try Files.replace(snapshots.directory(of: id) + "/log", with: "a line".utf8)
    let layers = try snapshots.create(id, over: [])
    #expect(try Files.list(snapshots.directory(of: id)) == ["log", "upper", "work"])
    try Files.replace(layers.upper + "/f", with: [])
    #expect(throws: ImageError.self) { try snapshots.create(id, over: []) }
    #expect(Files.exists(layers.upper + "/f"))
    #expect(try leftovers(in: snapshots) == [])
  }

  @Test func `what a creation that was cut short has left goes when the engine starts`() throws {
    let space = try Workspace()
    let snapshots = try Snapshots(root: space.path + "/containers")
    try Files.makeDirectories(snapshots.root + "/.new/ab/\(ContainerID.random())/upper")
    #expect(try leftovers(in: snapshots).count == 1)
    #expect(try leftovers(in: Snapshots(root: snapshots.root)) == [])
    #expect(try Files.list(snapshots.root + "/.new").count == 256)
  }

  /// What is being made.
  private func leftovers(in snapshots: Snapshots) throws -> [String] {
    let shelves = snapshots.root + "/.new"
    return try Files.list(shelves).flatMap { try Files.list("\(shelves)/\($0)") }
  }
}
