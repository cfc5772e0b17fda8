import Glibc
import Kernel
import Stacks
import Testing

@testable import Images

/// A directory for one test, gone when the test ends. `canary` stands for the host: no test may
/// change it.
final class Workspace: Sendable {
  let path: String
  var canary: String { path + "/canary" }
  var storePath: String { path + "/data/images" }

  init() throws {
    path = "/tmp/cairn-images-\(UInt64.random(in: .min ... .max))"
    try Files.makeDirectory(path, mode: 0o755)
    try Files.makeDirectory(path + "/canary", mode: 0o755)
    try Files.replace(path + "/canary/secret", with: "alive".utf8, mode: 0o640)
    try Files.makeDirectory(path + "/canary/inner", mode: 0o750)
  }

  deinit { try? Files.removeTree(path) }

  func store(_ limits: ImportLimits = ImportLimits()) throws -> ImageStore {
    try ImageStore(root: storePath, limits: limits, isDurable: false)
  }

  /// Writes bytes to a new file and opens it.
  func source(_ bytes: [UInt8]) throws -> Descriptor {
    let file = path + "/source-\(UInt64.random(in: .min ... .max))"
    try Files.replace(file, with: bytes)
    return try Files.open(file, flags: O_RDONLY)
  }

  /// Everything below a path: names, kinds, modes, owners, times, link targets and content.
  static func listing(_ path: String) throws -> [String] {
    var lines: [String] = []
    func visit(_ directory: TreeDirectory, _ prefix: String) throws {
      for name in try directory.names() {
        // overlayfs lists a whiteout in a directory that no other layer has, and then has no such file.
        guard let status = try directory.status(of: name) else { continue }
        let place = prefix + String(decoding: name, as: UTF8.self)
        var line =
          "\(place) \(status.kind) \(String(status.permissions, radix: 8)) \(status.owner):\(status.group)"
        if status.kind != .directory { line += " \(status.modified.seconds)" }
        switch status.kind {
        case .regular:
          line += " " + String(decoding: try directory.file(name).readAll(), as: UTF8.self).prefix(80)
        case .symbolicLink: line += " -> " + String(decoding: try directory.target(of: name), as: UTF8.self)
        default: break
        }
        lines.append(line)
        if status.kind == .directory { try visit(try directory.directory(name), place + "/") }
      }
    }
    try visit(try TreeDirectory(at: path), "")
    return lines
  }

  /// What an import leaves in the store besides what the store always has.
  func leftovers() throws -> [String] {
    let root = storePath
    return try Files.list(root + "/blobs/sha256") + Files.list(root + "/layers")
      + Files.list(root + "/staging")
  }
}

extension Workspace {
  /// Imports archives as the layers of one image, the lowest first.
  func image(_ layers: [[UInt8]], as name: String? = nil, changes: [String] = [], in store: ImageStore)
    throws -> Digest
  {
    try store.importLayers(
      from: layers.map { try source($0) }, as: try name.map { try ImageReference($0) }, changes: changes,
      now: Moment(seconds: 1_700_000_000))
  }
}

/// Mounts an overlay of lower directories, read-only unless there is an upper one, at a new
/// directory, and takes it away afterwards.
func withOverlay<T>(
  lower: [String], upper: String? = nil, work: String? = nil, _ body: (String) throws -> T
) throws -> T {
  let target = "/tmp/cairn-overlay-\(UInt64.random(in: .min ... .max))"
  try Files.makeDirectory(target)
  defer { try? Files.removeTree(target) }
  var options = "lowerdir=" + lower.joined(separator: ":")
  if let upper, let work { options += ",upperdir=\(upper),workdir=\(work)" }
  let done = unsafe options.withCString { unsafe mount("overlay", target, "overlay", 0, $0) }
  guard done == 0 else { throw SystemError.last("mount", on: options) }
  defer { unsafe umount2(target, Int32(MNT_DETACH)) }
  return try body(target)
}

/// Whether this machine lets tests mount an overlay; root in a mount namespace can.
let canMount: Bool = {
  guard geteuid() == 0, let space = try? Workspace() else { return false }
  try? Files.makeDirectory(space.path + "/a")
  try? Files.makeDirectory(space.path + "/b")
  return (try? withOverlay(lower: [space.path + "/a", space.path + "/b"]) { _ in true }) ?? false
}()
