import Glibc
import Kernel
import Testing

/// One archive that means harm, and what must become of it.
struct HostileArchive: Sendable, CustomTestStringConvertible {
  enum Outcome: Sendable {
    /// The import throws, and its message contains this.
    case refused(String)
    /// The import succeeds, and the check says of the layer's root file system that it is right.
    case harmless(@Sendable (_ root: String) throws -> Bool)
  }
  var name: String
  /// The archive's bytes, given the canary's directory.
  var make: @Sendable (_ canary: String) -> [UInt8]
  var outcome: Outcome

  var testDescription: String { name }

  init(_ name: String, _ outcome: Outcome, _ fill: @escaping @Sendable (inout TarWriter, String) -> Void) {
    self.name = name
    self.outcome = outcome
    make = { canary in tar { fill(&$0, canary) } }
  }

  init(bytes name: String, _ outcome: Outcome, _ make: @escaping @Sendable (String) -> [UInt8]) {
    self.name = name
    self.outcome = outcome
    self.make = make
  }
}

/// What a name in a layer is.
func status(_ name: String, in root: String) throws -> FileStatus? {
  try TreeDirectory(at: root).status(of: Array(name.utf8))
}

let hostileArchives = hostilePaths + hostileLinks + hostileMarks + hostileMetadata + hostileStructure

private let hostilePaths: [HostileArchive] = [
  HostileArchive("an absolute file", .refused("absolute")) { $0.file($1 + "/evil") },
  HostileArchive("an absolute directory", .refused("absolute")) { $0.directory($1 + "/inner", mode: 0o777) },
  HostileArchive("only slashes", .refused("absolute")) { tar, _ in tar.directory("///") },
  HostileArchive("a file beside the root", .refused("'..'")) { tar, _ in tar.file("../evil") },
  HostileArchive("a climb from below", .refused("'..'")) { tar, _ in tar.file("a/b/../../../evil") },
  HostileArchive("the root's parent itself", .refused("'..'")) { tar, _ in tar.directory("..", mode: 0o777) },
  HostileArchive("a climb after a dot", .refused("'..'")) { tar, _ in tar.file("./../evil") },
  HostileArchive("a climb at the end", .refused("'..'")) { tar, _ in tar.directory("a/..") },
  HostileArchive("a pax path that climbs", .refused("'..'")) { tar, _ in
    tar.pax([("path", "../evil")])
    tar.file("innocent")
  },
  HostileArchive("a pax path that is absolute", .refused("absolute")) { tar, canary in
    tar.pax([("path", canary + "/evil")])
    tar.file("innocent")
  },
  HostileArchive("a GNU long name that climbs", .refused("'..'")) { tar, _ in
    tar.gnuLong("L", String(repeating: "a/", count: 80) + String(repeating: "../", count: 90) + "evil")
    tar.file("innocent")
  },
  HostileArchive(
    "a zero byte in a pax path", .harmless { try Files.list($0) == ["ok"] }
  ) { tar, _ in
    tar.pax([("path", "ok\u{0}/../../evil")])
    tar.file("innocent")
  },
  HostileArchive("a path of 5000 bytes", .refused("4095")) { tar, _ in
    tar.pax([("path", String(repeating: "abcd/", count: 1000))])
    tar.file("innocent")
  },
  HostileArchive("a name of 256 bytes", .refused("255")) { tar, _ in
    tar.pax([("path", String(repeating: "n", count: 256))])
    tar.file("innocent")
  },
  HostileArchive("1500 directories deep", .refused("1024")) { tar, _ in
    tar.pax([("path", String(repeating: "a/", count: 1500) + "f")])
    tar.file("innocent")
  },
  HostileArchive("no name", .refused("")) { tar, _ in tar.add("", type: "0") },
  HostileArchive("the root as a link", .refused("root must be a directory")) { $0.symlink("./", to: $1) },
  HostileArchive("the root as a file", .refused("root must be a directory")) { tar, _ in tar.file(".", "x") },
  HostileArchive(
    "a name that is not UTF-8",
    .harmless { root in
      try TreeDirectory(at: root).status(of: [0x66, 0xff, 0xfe]) != nil
    }
  ) { tar, _ in tar.add([0x66, 0xff, 0xfe], type: "0") },
]

private let hostileLinks: [HostileArchive] = [
  HostileArchive("a file through an absolute link", .refused("symbolic link")) { tar, canary in
    tar.symlink("x", to: canary)
    tar.file("x/evil", "x")
  },
  HostileArchive("a file over the canary through a link", .refused("symbolic link")) { tar, canary in
    tar.symlink("x", to: canary)
    tar.file("x/secret", "dead")
  },
  HostileArchive("a file through a relative link", .refused("symbolic link")) { tar, _ in
    tar.symlink("x", to: "../../../../../canary")
    tar.file("x/evil")
  },
  HostileArchive("a file through two links", .refused("symbolic link")) { tar, canary in
    tar.symlink("x", to: canary)
    tar.symlink("y", to: "x")
    tar.file("y/evil")
  },
  HostileArchive("a file through a link inside", .refused("symbolic link")) { tar, _ in
    tar.directory("d")
    tar.symlink("x", to: "d")
    tar.file("x/f")
  },
  HostileArchive("a directory through a link", .refused("symbolic link")) { tar, canary in
    tar.symlink("x", to: canary)
    tar.directory("x/inner/", mode: 0o777)
  },
  HostileArchive("a link through a loop", .refused("symbolic link")) { tar, _ in
    tar.symlink("a", to: "b")
    tar.symlink("b", to: "a")
    tar.file("a/x")
  },
  HostileArchive("a directory replaced by a link", .refused("symbolic link")) { tar, canary in
    tar.directory("d")
    tar.file("d/f")
    tar.symlink("d", to: canary)
    tar.file("d/evil")
  },
  HostileArchive("a FIFO as a directory", .refused("not a directory")) { tar, _ in
    tar.add("p", type: "6")
    tar.file("p/evil")
  },
  HostileArchive(
    "a file in the place of a link", .harmless { try status("x", in: $0)?.kind == .regular }
  ) { tar, canary in
    tar.symlink("x", to: canary + "/secret")
    tar.file("x", "dead")
  },
  HostileArchive(
    "a directory in the place of a link", .harmless { try status("x", in: $0)?.kind == .directory }
  ) { tar, canary in
    tar.symlink("x", to: canary)
    tar.directory("x", mode: 0o777)
  },
  HostileArchive("a hard link to an absolute path", .refused("absolute")) {
    $0.hardlink("h", to: $1 + "/secret")
  },
  HostileArchive("a hard link that climbs", .refused("'..'")) { tar, _ in
    tar.hardlink("h", to: "../../../../canary/secret")
  },
  HostileArchive("a hard link by pax that climbs", .refused("'..'")) { tar, _ in
    tar.pax([("linkpath", "../../../../canary/secret")])
    tar.hardlink("h", to: "innocent")
  },
  HostileArchive("a hard link by a GNU long link that climbs", .refused("'..'")) { tar, _ in
    tar.gnuLong("K", String(repeating: "../", count: 60) + "etc/shadow")
    tar.hardlink("h", to: "innocent")
  },
  HostileArchive("a hard link through a symbolic link", .refused("not in the archive")) { tar, canary in
    tar.symlink("x", to: canary)
    tar.hardlink("h", to: "x/secret")
  },
  HostileArchive("a hard link to nothing", .refused("not in the archive")) { tar, _ in
    tar.hardlink("h", to: "nothing")
  },
  HostileArchive("a hard link to itself", .refused("itself")) { tar, _ in
    tar.file("h")
    tar.hardlink("h", to: "./h")
  },
  HostileArchive("a hard link to a directory", .refused("no file")) { tar, _ in
    tar.directory("d")
    tar.hardlink("h", to: "d")
  },
  HostileArchive("a hard link to a whiteout", .refused("no file")) { tar, _ in
    tar.file(".wh.a")
    tar.hardlink("h", to: "a")
  },
  HostileArchive(
    "a hard link to a link, then a file",
    .harmless { root in
      try status("h", in: root)?.kind == .regular && status("s", in: root)?.kind == .symbolicLink
    }
  ) { tar, canary in
    tar.symlink("s", to: canary + "/secret")
    tar.hardlink("h", to: "s")
    tar.file("h", "dead")
  },
  HostileArchive("a link to nowhere", .refused("no readable target")) { tar, _ in tar.add("l", type: "2") },
]

private let hostileMarks: [HostileArchive] = [
  HostileArchive("a whiteout of the parent", .refused("hides no name")) { tar, _ in tar.file("d/.wh...") },
  HostileArchive("a whiteout of the directory", .refused("hides no name")) { tar, _ in tar.file("d/.wh..") },
  HostileArchive("a whiteout of nothing", .refused("hides no name")) { tar, _ in tar.file(".wh.") },
  HostileArchive("a whiteout through a link", .refused("symbolic link")) { tar, canary in
    tar.symlink("x", to: canary)
    tar.file("x/.wh.secret")
  },
  HostileArchive("an opaque mark through a link", .refused("symbolic link")) { tar, canary in
    tar.symlink("x", to: canary)
    tar.file("x/.wh..wh..opq")
  },
  HostileArchive("a whiteout that is a directory", .refused("regular file")) { tar, _ in
    tar.directory(".wh.d")
  },
  HostileArchive("a whiteout that is a link", .refused("regular file")) { $0.symlink(".wh.d", to: $1) },
  HostileArchive("a file below a whiteout", .refused("below a whiteout")) { tar, _ in
    tar.file(".wh.d/f")
  },
  HostileArchive(
    "a whiteout of a link that is there",
    .harmless { try status("a", in: $0)?.kind == .symbolicLink }
  ) { tar, canary in
    tar.symlink("a", to: canary)
    tar.file(".wh.a")
  },
  HostileArchive(
    "a file in the place of a whiteout", .harmless { try status("d", in: $0)?.kind == .directory }
  ) { tar, _ in
    tar.file(".wh.d")
    tar.file("d/f")
  },
  HostileArchive("a device 0:0", .refused("0:0")) { tar, _ in tar.add("d", type: "3") },
  HostileArchive("an overlay's opaque mark", .refused("trusted.overlay.opaque")) { tar, _ in
    tar.pax([("SCHILY.xattr.trusted.overlay.opaque", "y")])
    tar.directory("d")
  },
  HostileArchive("an overlay's redirect", .refused("trusted.overlay.redirect")) { tar, _ in
    tar.pax([("SCHILY.xattr.trusted.overlay.redirect", "/etc")])
    tar.directory("d")
  },
  HostileArchive("an overlay's mark of a user", .refused("user.overlay.whiteout")) { tar, _ in
    tar.pax([("SCHILY.xattr.user.overlay.whiteout", "y")])
    tar.file("f")
  },
  HostileArchive("an overlay's redirect on the root", .refused("trusted.overlay")) { tar, _ in
    tar.pax([("SCHILY.xattr.trusted.overlay.redirect", "/etc")])
    tar.directory("./")
  },
  HostileArchive("an ACL as an attribute", .refused("system.posix_acl_access")) { tar, _ in
    tar.pax([("SCHILY.xattr.system.posix_acl_access", "x")])
    tar.file("f")
  },
]

private let hostileMetadata: [HostileArchive] = [
  HostileArchive("an owner that wraps to root", .refused("4294967296")) { tar, _ in
    tar.add("f", uid: 1 << 32)
  },
  HostileArchive("an owner of 2 to the 31", .refused("2147483648")) { tar, _ in tar.add("f", gid: 1 << 31) },
  HostileArchive("a negative owner", .refused("")) { tar, _ in tar.add("f", uid: -1) },
  HostileArchive(
    "a set-user-ID program of root",
    .harmless { root in
      // No other user of the host may come near it.
      let parts = root.split(separator: "/")
      let store = "/" + parts[...parts.firstIndex(of: "images")!].joined(separator: "/")
      return try status("su", in: root)?.permissions == 0o4755
        && TreeDirectory(at: store).descriptor.status().permissions == 0o700
    }
  ) { tar, _ in tar.add("su", body: [1], mode: 0o4755) },
  HostileArchive(
    "a disk's device",
    .harmless { try status("sda", in: $0)?.kind == .blockDevice(major: 8, minor: 0) }
  ) { tar, _ in tar.add("sda", type: "4", mode: 0o660, major: 8, minor: 0) },
  HostileArchive(
    "a label of another machine's policy",
    .harmless { root in
      let file = try TreeDirectory(at: root).file(Array("f".utf8))
      return try file.attributeNames() == []
    }
  ) { tar, _ in
    tar.pax([("SCHILY.xattr.security.selinux", "system_u:object_r:shadow_t:s0")])
    tar.file("f")
  },
]

private let hostileStructure: [HostileArchive] = [
  HostileArchive("a file of a tebibyte", .refused("larger than")) { tar, _ in
    tar.add("f", size: 1 << 40)
  },
  HostileArchive("a negative size", .refused("")) { tar, _ in tar.add("f", size: -512) },
  HostileArchive("a hole of an exbibyte", .refused("")) { tar, _ in
    tar.pax([
      ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "hole"),
      ("GNU.sparse.realsize", "\(Int64(1) << 60)"),
    ])
    tar.add("hole", body: Array("0\n".utf8) + [UInt8](repeating: 0, count: 510))
  },
  HostileArchive("data behind the end of a sparse file", .refused("")) { tar, _ in
    tar.pax([
      ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "f"),
      ("GNU.sparse.realsize", "16"),
    ])
    let map = Array("1\n4096\n512\n".utf8)
    tar.add(
      "f", body: map + [UInt8](repeating: 0, count: 512 - map.count) + [UInt8](repeating: 7, count: 512))
  },
  HostileArchive("more entries than the limit", .refused("100 entries")) { tar, _ in
    for n in 0...100 { tar.file("f\(n)") }
  },
  HostileArchive("a pax header of a gibibyte", .refused("")) { tar, _ in
    tar.add("x", type: "x", size: 1 << 30)
    tar.raw([UInt8](repeating: 65, count: 4096))
  },
  HostileArchive("a pax record with a wrong length", .refused("")) { tar, _ in
    tar.add("x", type: "x", body: Array("999 path=../evil\n".utf8))
    tar.file("f")
  },
  HostileArchive("a header with a wrong checksum", .refused("")) { tar, _ in
    tar.file("f")
    tar.add("g", checksum: 1)
  },
  HostileArchive(bytes: "an end in the middle of a file", .refused("")) { _ in
    Array(tar { $0.add("f", body: [UInt8](repeating: 1, count: 4096)) }.prefix(1500))
  },
  HostileArchive(bytes: "an end in the middle of a header", .refused("")) { _ in
    Array(
      tar {
        $0.file("f", "x")
        $0.file("g", "x")
      }.prefix(1200))
  },
  HostileArchive(bytes: "nothing at all", .refused("")) { _ in [] },
  HostileArchive(bytes: "no archive", .refused("")) { _ in
    (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
  },
  HostileArchive(bytes: "a cpio archive", .refused("")) { _ in
    Array(("070701" + String(repeating: "0", count: 104) + "TRAILER!!!\u{0}\u{0}\u{0}\u{0}").utf8)
  },
  HostileArchive(bytes: "an archive compressed twice", .refused("more than once")) { _ in
    Fixtures.gzipTwice
  },
  HostileArchive(bytes: "a zstd bomb", .refused("grows more than")) { _ in zstdBomb },
  HostileArchive(bytes: "a damaged gzip stream", .refused("")) { _ in
    var bytes = Fixtures.gzip
    for n in 20..<60 { bytes[n] ^= 0x55 }
    return bytes
  },
]

/// 80 MiB of zeros as zstd blocks of type RLE, 4 bytes for each 128 KiB (RFC 8878, 3.1.1.2).
private let zstdBomb: [UInt8] = {
  var frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]
  for n in 0..<640 {
    let header = UInt32(128 << 10) << 3 | 1 << 1 | (n == 639 ? 1 : 0)
    frame += [
      UInt8(truncatingIfNeeded: header), UInt8(truncatingIfNeeded: header >> 8),
      UInt8(truncatingIfNeeded: header >> 16), 0,
    ]
  }
  return frame
}()
