import Kernel
import Stacks
import Testing

@testable import Images

@Suite struct MergedTreeTests {
  /// The layer archives of an image at random: files, directories, links, whiteouts, opaque marks.
  static func layers(_ generator: inout SeededGenerator) -> [[UInt8]] {
    let names = ["a", "b", "c"]
    return (0..<Int.random(in: 2...4, using: &generator)).map { layer in
      tar { tar in
        for entry in 0..<Int.random(in: 1...14, using: &generator) {
          let depth = Int.random(in: 1...3, using: &generator)
          var parts = (0..<depth).map { _ in names.randomElement(using: &generator)! }
          // Names differ by kind, so that no entry has a file of the same archive as its parent.
          for n in 0..<depth - 1 { parts[n] += "D" }
          let last = parts.removeLast()
          let directory = parts.map { $0 + "/" }.joined()
          switch Int.random(in: 0..<9, using: &generator) {
          case 0...2: tar.file(directory + last, "\(layer).\(entry)")
          case 3:
            tar.directory(directory + last + "D", mode: 0o700 + Int.random(in: 0...63, using: &generator))
          case 4: tar.symlink(directory + last, to: "/" + names.randomElement(using: &generator)! + "D")
          case 5: tar.file(directory + ".wh." + last)
          case 6: tar.file(directory + ".wh." + last + "D")
          // A file where another layer may have a directory.
          case 7: tar.file(".wh." + last + "D")
          default: tar.file(directory + ".wh..wh..opq")
          }
        }
      }
    }
  }

  @Test(.enabled(if: canMount, "needs root and overlayfs"))
  func `what is merged without a mount is what overlayfs shows`() throws {
    for seed in 0..<60 {
      let space = try Workspace()
      let store = try space.store()
      var generator = SeededGenerator(seed: UInt64(seed))
      let id = try space.image(MergedTreeTests.layers(&generator), in: store)
      let layers = try store.layers(of: id)
      let copy = space.path + "/copy"
      try Files.makeDirectory(copy)
      var treeCopy = TreeCopy()
      try treeCopy.copy(MergedTree(layers: layers).root, into: TreeDirectory(at: copy))
      try Files.makeDirectory(space.path + "/upper")
      try Files.makeDirectory(space.path + "/work")
      let shown = try withOverlay(
        lower: layers, upper: space.path + "/upper", work: space.path + "/work"
      ) { try Workspace.listing($0) }
      #expect(try Workspace.listing(copy) == shown, "seed \(seed)")
    }
  }

  @Test(.enabled(if: canMount, "needs root and overlayfs"))
  func `upper layers hide what lower ones have`() throws {
    let space = try Workspace()
    let store = try space.store()
    let base = tar {
      $0.file("kept", "1")
      $0.file("gone", "1")
      $0.file("d/gone", "1")
      $0.file("d/kept", "1")
      $0.file("opaque/gone", "1")
      $0.file("again/gone", "1")
    }
    let top = tar {
      $0.file(".wh.gone")
      $0.file("d/.wh.gone")
      $0.file("d/new", "2")
      $0.directory("opaque")
      $0.file("opaque/.wh..wh..opq")
      $0.file("opaque/new", "2")
      $0.file(".wh.again")
      $0.file("again/new", "2")
    }
    let id = try space.image([base, top], as: "two", in: store)
    let layers = try store.layers(of: id)
    #expect(layers.count == 2)
    let names = try withOverlay(lower: layers) { root in
      try ["", "/d", "/opaque", "/again"].map { try Files.list(root + $0) }
    }
    #expect(names == [["again", "d", "kept", "opaque"], ["kept", "new"], ["new"], ["new"]])
  }

  @Test func `an opaque root hides the layers below as a whole`() throws {
    let space = try Workspace()
    let store = try space.store()
    let id = try space.image(
      [
        tar { $0.file("a") }, tar { $0.file("b") },
        tar {
          $0.file(".wh..wh..opq")
          $0.file("c")
        }, tar { $0.file("d") },
      ], in: store)
    #expect(try store.layers(of: id).flatMap { try Files.list($0) } == ["d", "c"])
  }

  @Test func `links in a path stay inside`() throws {
    let space = try Workspace()
    let store = try space.store()
    let id = try space.image(
      [
        tar { $0.file("real/data/f", "x") },
        tar {
          $0.symlink("abs", to: "/real")
          $0.symlink("up", to: "../../../../real/data")
          $0.symlink("out", to: space.canary)
          $0.symlink("loop", to: "loop")
          $0.symlink("chain", to: "abs/../abs/data/.")
        },
      ], in: store)
    let tree = try MergedTree(layers: store.layers(of: id))
    func names(_ path: String) throws -> [String]? {
      try tree.directory(at: path).map {
        try MergedTree.names(in: $0).map { String(decoding: $0, as: UTF8.self) }
      }
    }
    for path in ["/abs/data", "/up", "/chain", "/../../real/data/", "real/./data"] {
      #expect(try names(path) == ["f"], "\(path)")
    }
    for path in ["/out", "/out/inner", "/loop", "/real/data/f", "/nothing", "/up/../../.."] {
      let expected = path == "/up/../../.." ? try names("/") : nil
      #expect(try names(path) == expected, "\(path)")
    }
  }
}
