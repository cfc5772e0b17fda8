import Kernel
import Stacks

/// The images on this machine.
///
/// On disk it is an OCI image layout: `oci-layout`, `index.json` and `blobs/sha256/`. Beside it,
/// `layers/HEX/fs` holds each layer unpacked as a lower directory of overlayfs, named by the digest
/// of its uncompressed archive. The archives themselves are not kept: they would double the disk
/// that an image takes, and their digests are true without them. `index.json` is the only list of
/// names; it is replaced as a whole, last, so that a crash leaves the old state or the new.
/// `staging/` is for what is not whole yet.
///
/// It knows no container: whoever removes says which images are used. Calls block; they may come
/// from any thread and from several processes.
public struct ImageStore: Sendable {
  /// The store's directory, mode 0700 (rule R10).
  public let root: String
  let limits: ImportLimits
  let isDurable: Bool

  /// Opens the store at `root`, makes it if it is not there, and removes what a crash left.
  ///
  /// `isDurable` false leaves it to the kernel when an import reaches the disk, for tests.
  public init(root: String, limits: ImportLimits = ImportLimits(), isDurable: Bool = true)
    throws(ImageError)
  {
    self.root = root
    self.limits = limits
    self.isDurable = isDurable
    try translating("open the image store \(root)") { () throws(SystemError) in
      try Files.makeDirectories(root, mode: 0o700)
      try Files.makeDirectories(blobs, mode: 0o700)
      try Files.makeDirectories(layers, mode: 0o700)
      if !Files.exists(root + "/oci-layout") {
        try Files.replace(root + "/oci-layout", with: #"{"imageLayoutVersion":"1.0.0"}"#.utf8)
      }
      try staging.sweep()
    }
    // A damaged image does not keep the store from opening: nothing is collected then, and whoever
    // asks for the image is told.
    try locked { () throws(ImageError) in
      do throws(ImageError) {
        try collect(try index())
      } catch .system(let error) {
        throw .system(error)
      } catch {}
    }
  }

  var blobs: String { root + "/blobs/sha256" }
  var layers: String { root + "/layers" }
  var staging: StagingArea { StagingArea(path: root + "/staging") }
  private var indexPath: String { root + "/index.json" }

  /// Runs `body` while nobody else changes the store.
  func locked<T>(_ body: () throws(ImageError) -> T) throws(ImageError) -> T {
    let lock = try translating("lock the image store \(root)") { () throws(SystemError) in
      try FileLock.wait(on: root + "/lock")
    }
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  func index() throws(ImageError) -> Index {
    Files.exists(indexPath) ? try load(Index.self, at: indexPath) : Index()
  }

  func write(_ index: Index) throws(ImageError) {
    var index = index
    index.manifests.sort { ($0.name ?? "", $0.digest) < ($1.name ?? "", $1.digest) }
    let bytes = try encoded(index)
    try translating("write \(indexPath)") { () throws(SystemError) in
      try Files.replace(indexPath, with: bytes, sync: isDurable)
    }
  }

  /// The content of a blob, verified against its name.
  func blob(_ digest: Digest) throws(ImageError) -> [UInt8] {
    let path = blobs + "/" + digest.hex
    let bytes = try translating("read \(path)") { () throws(SystemError) in try Files.read(path) }
    guard ContentHash.digest(of: bytes) == digest else {
      throw .damaged(path: path, reason: "its content does not have the digest that names it")
    }
    return bytes
  }

  func manifest(_ digest: Digest) throws(ImageError) -> Manifest {
    try decoded(Manifest.self, from: try blob(digest), path: blobs + "/" + digest.hex)
  }

  /// What the store knows about a layer besides its files.
  struct LayerRecord: Codable, Hashable {
    /// Bytes of its regular files.
    var size: Int64
    var entries: Int
    /// Layers below it are not seen through it.
    var isOpaque: Bool
  }

  func layerRecord(_ diffID: Digest) throws(ImageError) -> LayerRecord {
    try load(LayerRecord.self, at: "\(layers)/\(diffID.hex)/layer.json")
  }

  /// Removes the blobs and layers that no image in `index` needs. The caller holds the lock.
  func collect(_ index: Index) throws(ImageError) {
    var keptBlobs: Set<String> = []
    var keptLayers: Set<String> = []
    for digest in Set(index.manifests.map(\.digest)) {
      let manifest = try manifest(digest)
      keptBlobs.formUnion([digest.hex, manifest.config.digest.hex])
      keptLayers.formUnion(try config(of: manifest.config.digest).rootFS.diffIDs.map(\.hex))
    }
    try translating("remove what no image needs from \(root)") { () throws(SystemError) in
      for name in try Files.list(blobs) where !keptBlobs.contains(name) {
        try Files.remove(blobs + "/" + name)
      }
      for name in try Files.list(layers) where !keptLayers.contains(name) {
        try staging.discard(layers + "/" + name)
      }
      try staging.sweep()
    }
  }
}

extension BlobDescriptor {
  /// The image's name that an entry of the index gives; nil: it gives none.
  var name: String? { annotations?[referenceAnnotation] }
}
