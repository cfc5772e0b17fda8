public import Stacks

extension ImageStore {
  /// What a removal did.
  public enum Removal: Hashable, Sendable {
    /// A name is gone.
    case untagged(ImageReference)
    /// An image is gone, with the layers that no other image has.
    case deleted(Digest)
  }

  /// Gives the image with the ID `id` a further name, taken from the image that had it.
  public func tag(_ id: Digest, as reference: ImageReference) throws(ImageError) {
    try locked { () throws(ImageError) in
      var index = try index()
      for entry in index.manifests where try manifest(entry.digest).config.digest == id {
        index.name(entry, reference.description)
        return try write(index)
      }
      throw .noSuchImage(id.description)
    }
  }

  /// Removes what a user names: a name only, where the image has others; the image itself with its
  /// last name or by its ID. An image in `used` (those of the containers that exist, running or
  /// not) is not removed; neither is one by its ID that has several names, unless `force` is true.
  public func remove(_ text: String, used: Set<Digest>, force: Bool = false) throws(ImageError) -> [Removal] {
    try locked { () throws(ImageError) in
      let image = try find(text)
      let named = (try? ImageReference(text)).flatMap { $0.digest == nil ? $0 : nil }
      if let named, image.references.contains(named), image.references.count > 1 {
        try forget { $0.digest == image.manifest && $0.name == named.description }
        return [.untagged(named)]
      }
      if used.contains(image.id) { throw .inUse(text, by: "a container") }
      if image.references.count > 1, !force {
        let names = image.references.map(\.description).joined(separator: ", ")
        throw .inUse(text, by: "several names: \(names)")
      }
      try forget { $0.digest == image.manifest }
      return image.references.map { .untagged($0) } + [.deleted(image.id)]
    }
  }

  /// Removes the images without a name, or all (`all` true), that are not in `used`.
  public func prune(used: Set<Digest>, all: Bool = false) throws(ImageError) -> [Removal] {
    try locked { () throws(ImageError) in
      let going = try images().filter { !used.contains($0.id) && (all || $0.references.isEmpty) }
      let manifests = Set(going.map(\.manifest))
      try forget { manifests.contains($0.digest) }
      return going.flatMap { image in
        image.references.map { .untagged($0) } + [.deleted(image.id)]
      }
    }
  }

  /// Takes entries out of the index, then removes what nothing needs any more.
  private func forget(_ isGoing: (BlobDescriptor) -> Bool) throws(ImageError) {
    var index = try index()
    index.manifests.removeAll(where: isGoing)
    try write(index)
    try collect(index)
  }
}
