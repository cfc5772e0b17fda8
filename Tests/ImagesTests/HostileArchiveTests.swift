import Kernel
import Stacks
import Testing

@testable import Images

@Suite struct HostileArchiveTests {
  @Test(arguments: hostileArchives)
  func `a hostile archive is refused, or does no harm`(_ archive: HostileArchive) throws {
    let space = try Workspace()
    let store = try space.store(ImportLimits(entries: 100, bytes: 1 << 30, ratio: 200))
    let before = try Workspace.listing(space.canary)
    let source = try space.source(archive.make(space.canary))
    let result = Result { () throws(ImageError) in
      try store.importRootFS(
        from: source, as: nil, changes: [], comment: "", now: Moment(seconds: 1_700_000_000))
    }
    #expect(try Workspace.listing(space.canary) == before)
    switch (archive.outcome, result) {
    case (.refused(let words), .failure(let error)):
      guard case .refusedArchive = error else {
        Issue.record("refused for another reason: \(error)")
        return
      }
      #expect(error.description.contains(words), "\(error)")
      #expect(try space.leftovers() == [])
    case (.refused, .success(let id)):
      Issue.record("it was let in: \(try Workspace.listing(try store.layers(of: id)[0]))")
    case (.harmless(let check), .success(let id)): #expect(try check(try store.layers(of: id)[0]))
    case (.harmless, .failure(let error)): Issue.record("it was refused: \(error)")
    }
  }

  @Test func `archives cut at any point leave nothing, or the whole`() throws {
    let space = try Workspace()
    let store = try space.store()
    let whole = tar {
      $0.directory("d")
      $0.file("d/f", "text")
      $0.pax([("path", "d/" + String(repeating: "long", count: 40))])
      $0.file("x", "y")
    }
    for length in stride(from: 0, to: whole.count, by: 97) {
      let source = try space.source(Array(whole[..<length]))
      do {
        let id = try store.importRootFS(from: source, as: nil, now: Moment(seconds: 0))
        // A cut between two entries cannot be told from an end.
        #expect(length > 512)
        _ = try store.remove(id.description, used: [])
      } catch ImageError.refusedArchive {}
      #expect(try space.leftovers() == [])
    }
  }

  @Test func `archives with a changed byte never reach outside`() throws {
    let space = try Workspace()
    let store = try space.store(ImportLimits(entries: 1000, bytes: 1 << 24))
    let before = try Workspace.listing(space.canary)
    let whole = tar {
      $0.directory("d")
      $0.symlink("d/l", to: space.canary)
      $0.pax([("path", "d/some"), ("SCHILY.xattr.user.a", "b")])
      $0.file("x", "y")
      $0.hardlink("h", to: "d/some")
      $0.file("d/.wh.gone")
      $0.gnuLong("L", "d/" + String(repeating: "g", count: 120))
      $0.file("z", "z")
    }
    var generator = SeededGenerator(seed: 41)
    for _ in 0..<150 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[at] = UInt8.random(in: .min ... .max, using: &generator)
        // Keep the header's checksum true, so that the change is not caught there.
        TarChecksum.fix(&bytes, block: at / 512)
      }
      let source = try space.source(bytes)
      let result = Result { () throws(ImageError) in
        try store.importRootFS(from: source, as: nil, now: Moment(seconds: 0))
      }
      if case .success(let id) = result { _ = try store.remove(id.description, used: []) }
      #expect(try space.leftovers() == [], "seed 41")
    }
    #expect(try Workspace.listing(space.canary) == before)
  }
}

enum TarChecksum {
  /// Writes the checksum of a header block anew, where the block looks like one.
  static func fix(_ bytes: inout [UInt8], block: Int) {
    let start = block * 512
    guard start + 512 <= bytes.count, bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) else {
      return
    }
    for n in 148..<156 { bytes[start + n] = 32 }
    let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
    let text = Array(String(sum, radix: 8).utf8)
    let field = [UInt8](repeating: 48, count: max(0, 6 - text.count)) + text + [0]
    for (n, byte) in field.prefix(8).enumerated() { bytes[start + 148 + n] = byte }
  }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
