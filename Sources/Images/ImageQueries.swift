import Kernel
public import Stacks

/// One image as the store has it.
public struct StoredImage: Hashable, Sendable {
  /// The digest of its configuration, as Docker names images.
  public var id: Digest
  /// The digest of its manifest.
  public var manifest: Digest
  /// Its names, sorted; empty where another image took the last one.
  public var references: [ImageReference]
  /// Bytes of the files in all its layers.
  public var size: Int64
  public var createdAt: Moment
  public var config: ImageConfig
}

extension ImageStore {
  /// Every image, by ID.
  public func images() throws(ImageError) -> [StoredImage] {
    var found: [Digest: StoredImage] = [:]
    for entry in try index().manifests {
      if found[entry.digest] == nil {
        let id = try manifest(entry.digest).config.digest
        let config = try config(of: id)
        var size: Int64 = 0
        for layer in Set(config.rootFS.diffIDs) { size += try layerRecord(layer).size }
        found[entry.digest] = StoredImage(
          id: id, manifest: entry.digest, references: [], size: size,
          createdAt: Moment(rfc3339: config.created) ?? Moment(nanoseconds: 0), config: config)
      }
      if let name = entry.name { found[entry.digest]?.references.append(try reference(name)) }
    }
    return found.values.sorted { $0.id < $1.id }
  }

  /// What each name stands for, in one look at the disk.
  public func references() throws(ImageError) -> [ImageReference: Digest] {
    var ids: [Digest: Digest] = [:]
    var found: [ImageReference: Digest] = [:]
    for entry in try index().manifests {
      guard let name = entry.name else { continue }
      if ids[entry.digest] == nil { ids[entry.digest] = try manifest(entry.digest).config.digest }
      found[try reference(name)] = ids[entry.digest]
    }
    return found
  }

  /// The ID of the image that `reference` names; nil where the store has none. A digest in the
  /// reference may be that of the manifest or of the configuration, and decides alone.
  public func resolve(_ reference: ImageReference) throws(ImageError) -> Digest? {
    for entry in try index().manifests {
      if let pin = reference.digest {
        if pin == entry.digest { return try manifest(entry.digest).config.digest }
        if try manifest(entry.digest).config.digest == pin { return pin }
      } else if entry.name == reference.description {
        return try manifest(entry.digest).config.digest
      }
    }
    return nil
  }

  /// The image that a user means: a name, an ID with or without `sha256:`, or the beginning of an
  /// ID that no other image shares.
  public func find(_ text: String) throws(ImageError) -> StoredImage {
    let images = try images()
    if let reference = try? ImageReference(text), let id = try resolve(reference),
      let image = images.first(where: { $0.id == id })
    {
      return image
    }
    let digits = text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...]
    let matching = digits.isEmpty ? [] : images.filter { $0.id.hex.hasPrefix(digits) }
    switch matching.count {
    case 1: return matching[0]
    case 0: throw .noSuchImage(text)
    default: throw .invalid(ValueError(kind: "image ID", text: text, reason: "several images begin with it"))
    }
  }

  /// The configuration of the image with the ID `id`.
  public func config(of id: Digest) throws(ImageError) -> ImageConfig {
    do {
      return try decoded(ImageConfig.self, from: try blob(id), path: blobs + "/" + id.hex)
    } catch .system(let error) where error.isNotFound {
      throw .noSuchImage(id.description)
    }
  }

  /// The directories of an image's layers, the top one first, as overlayfs takes lower directories.
  public func layers(of id: Digest) throws(ImageError) -> [String] {
    var paths: [String] = []
    for layer in try config(of: id).rootFS.diffIDs.reversed() {
      let record = try layerRecord(layer)
      paths.append("\(layers)/\(layer.hex)/fs")
      // overlayfs merges the roots of all layers whatever their marks say.
      if record.isOpaque { break }
    }
    return paths
  }

  func reference(_ text: String) throws(ImageError) -> ImageReference {
    do {
      return try ImageReference(text)
    } catch {
      throw .damaged(path: root + "/index.json", reason: "\(error)")
    }
  }
}
