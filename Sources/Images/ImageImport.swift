internal import Glibc
public import Kernel
public import Stacks

extension ImageStore {
  /// Makes an image of one layer from a tar archive, plain or compressed, at `path`.
  public func importRootFS(
    fromPath path: String, as reference: ImageReference?, changes: [String] = [], comment: String = "",
    now: Moment
  ) throws(ImageError) -> Digest {
    let file = try translating("import \(path)") { () throws(SystemError) in
      try Files.open(path, flags: O_RDONLY)
    }
    return try importRootFS(
      from: file, named: path, as: reference, changes: changes, comment: comment, now: now)
  }

  /// Makes an image of one layer from a tar archive, plain or compressed (gzip, bzip2, xz, zstd), read
  /// from `source` to its end. The result is the image's ID.
  ///
  /// `changes` are instructions as `docker import --change` takes them (see `ImageChange`), and
  /// `source` may be a pipe. A name that another image had is taken from it. Where this throws,
  /// nothing was changed and nothing of the archive is kept.
  public func importRootFS(
    from source: Descriptor, named name: String = "the archive", as reference: ImageReference?,
    changes: [String] = [], comment: String = "", now: Moment
  ) throws(ImageError) -> Digest {
    try importLayers(
      from: [source], named: name, as: reference, changes: changes, comment: comment, now: now)
  }

  /// Makes an image of several layers, the lowest first.
  public func importLayers(
    from sources: [Descriptor], named name: String = "the archive", as reference: ImageReference?,
    changes: [String] = [], comment: String = "", now: Moment
  ) throws(ImageError) -> Digest {
    var defaults = ImageDefaults()
    for text in changes { try defaults.apply(try ImageChange(text)) }
    let place = try translating("import \(name)") { () throws(SystemError) in try staging.place() }
    var layers: [StagedLayer] = []
    for (number, source) in sources.enumerated() {
      layers.append(try unpack(source, named: name, into: "\(place.path)/\(number)"))
    }
    let created = now.rfc3339
    let history = layers.enumerated().map { number, _ in
      ImageConfig.Step(
        created: created, createdBy: number == layers.count - 1 ? "cairn image import" : nil,
        comment: comment.isEmpty ? nil : comment)
    }
    let config = ImageConfig(
      created: created, defaults: defaults, rootFS: .init(diffIDs: layers.map(\.diffID)),
      history: history)
    return try commit(layers, try encoded(config), as: reference.map { [$0] } ?? [], from: name)
  }

  /// A layer that is unpacked in the staging area.
  struct StagedLayer {
    /// Holds `fs` and `layer.json`.
    var path: String
    var diffID: Digest
    /// Bytes of the uncompressed archive.
    var archiveSize: Int64
  }

  func unpack(_ source: Descriptor, named name: String, into path: String) throws(ImageError) -> StagedLayer {
    let hash = ContentHash()
    do {
      try Files.makeDirectory(path)
      try Files.makeDirectory(path + "/fs", mode: 0o755)
      let reader = try ArchiveReader(
        source, name: name, limits: ArchiveLimits(bytes: limits.bytes, ratio: limits.ratio),
        observe: { hash.update($0) })
      var unpacker = try LayerUnpacker(into: path + "/fs", limits: limits)
      try unpacker.unpack(reader)
      let outcome = unpacker.outcome
      let record = LayerRecord(
        size: outcome.size, entries: outcome.entries, isOpaque: outcome.isOpaque)
      try Files.replace(path + "/layer.json", with: try encoded(record))
    } catch let error as ImageError {
      throw error
    } catch LayerUnpacker.Failure.refused(let entry, let refusal) {
      throw .refusedArchive(name, entry: entry, reason: refusal.reason)
    } catch LayerUnpacker.Failure.system(let error) {
      throw importFailure(error, name)
    } catch let error as SystemError {
      throw importFailure(error, name)
    } catch {
      throw .refusedArchive(name, entry: nil, reason: "\(error)")
    }
    return StagedLayer(path: path, diffID: hash.digest, archiveSize: hash.count)
  }

  private func importFailure(_ error: SystemError, _ name: String) -> ImageError {
    if error.isNoSpace { return .diskFull(doing: "import \(name)", error) }
    return error.code == 0 ? .refusedArchive(name, entry: nil, reason: error.hint) : .system(error)
  }

  /// Puts staged layers and a configuration in their places and gives the image its names. The
  /// result is the image's ID, the digest of `config`.
  func commit(_ staged: [StagedLayer], _ config: [UInt8], as references: [ImageReference], from name: String)
    throws(ImageError) -> Digest
  {
    let id = ContentHash.digest(of: config)
    let manifest = try encoded(
      Manifest(
        config: BlobDescriptor(mediaType: MediaType.config, digest: id, size: Int64(config.count)),
        layers: staged.map {
          BlobDescriptor(mediaType: MediaType.layer, digest: $0.diffID, size: $0.archiveSize)
        }))
    let entry = BlobDescriptor(
      mediaType: MediaType.manifest, digest: ContentHash.digest(of: manifest), size: Int64(manifest.count))
    try locked { () throws(ImageError) in
      try translating("import \(name)") { () throws(SystemError) in
        for layer in staged {
          let path = layers + "/" + layer.diffID.hex
          if !Files.exists(path) { try Files.rename(layer.path, to: path) }
        }
        try Files.replace(blobs + "/" + id.hex, with: config)
        try Files.replace(blobs + "/" + entry.digest.hex, with: manifest)
        // Whatever the index names must be on the disk before the index is.
        if isDurable { try Files.open(root, flags: O_RDONLY | O_DIRECTORY).syncFileSystem() }
      }
      var index = try index()
      for reference in references { index.name(entry, reference.description) }
      if references.isEmpty { index.keep(entry) }
      do throws(ImageError) {
        try write(index)
      } catch {
        // Nothing names what was just put there: take it back.
        try? collect(try self.index())
        throw error
      }
    }
    return id
  }
}

extension Index {
  /// Gives an image a name; the image that had it keeps its place without one.
  mutating func name(_ entry: BlobDescriptor, _ name: String) {
    let before = manifests.filter { $0.name == name }
    manifests.removeAll { $0.name == name }
    for old in before where old.digest != entry.digest { keep(old) }
    manifests.removeAll { $0.digest == entry.digest && $0.name == nil }
    var named = entry
    named.annotations = [referenceAnnotation: name]
    manifests.append(named)
  }

  /// Keeps an image without a name, unless it is there already.
  mutating func keep(_ entry: BlobDescriptor) {
    if manifests.contains(where: { $0.digest == entry.digest }) { return }
    var unnamed = entry
    unnamed.annotations = nil
    manifests.append(unnamed)
  }
}
