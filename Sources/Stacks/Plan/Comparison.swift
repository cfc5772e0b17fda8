/// How a container differs from what is wanted in its place, and what must be done about it.
struct Comparison: Equatable {
  private(set) var differences: [Difference] = []
  /// `--force-recreate` asks for another container though nothing differs.
  private(set) var isRenewed = false
  /// `--renew-anon-volumes` asks for other volumes.
  private(set) var getsFreshVolumes = false

  /// No difference.
  init() {}

  /// `differences` are those of the specs; `image` is what the wanted image's name stands for now, nil where
  /// it is not stored, and `images` what each name does.
  init(
    _ container: ObservedContainer, _ wanted: ContainerSpec, _ differences: [Difference], image: Digest?,
    _ images: [ImageReference: Digest], _ asked: Asked
  ) {
    self.differences = differences
    if let index = differences.firstIndex(where: { $0.path == "image" }) {
      // Another name for the very image that it was made from is no reason to replace it.
      self.differences[index].isLive = image == container.image
    } else if let image, image != container.image, container.follows(asked) {
      self.differences.insert(
        Difference(
          path: "image", old: "sha256:" + container.image.short, new: "sha256:" + image.short), at: 0)
    }
    for mounted in wanted.boxed.box.value.mountedImages {
      guard let old = container.mountedImages[mounted], let new = images[mounted], old != new,
        container.follows(asked)
      else { continue }
      self.differences.append(
        Difference(
          path: "volumes.\(mounted)", old: "sha256:" + old.short, new: "sha256:" + new.short))
    }
    isRenewed = asked.renewal.map { container.createdAt < $0 } ?? false
    getsFreshVolumes = container.hasAnonymousVolumes && container.losesVolumes(asked)
  }

  var isEqual: Bool { differences.isEmpty && !isRenewed && !getsFreshVolumes }
  /// Something differs that cannot be changed in place.
  var needsReplacement: Bool { isRenewed || getsFreshVolumes || differences.contains { !$0.isLive } }

  /// The fields that differ, those first that ask for a replacement.
  var reason: String {
    let sorted = differences.filter { !$0.isLive } + differences.filter(\.isLive)
    if sorted.isEmpty {
      return isRenewed ? "a new container was asked for" : "new volumes without a name were asked for"
    }
    return Difference.summary(sorted)
  }
}

extension ObservedContainer {
  /// Whether its volumes without a name go with it, whatever takes its place.
  func losesVolumes(_ asked: Asked) -> Bool { asked.freshVolumes.map { createdAt < $0 } ?? false }

  /// Whether it is replaced when its image name comes to stand for another image. An image that is
  /// stored between two `up` changes nothing until the second.
  fileprivate func follows(_ asked: Asked) -> Bool { asked.up.map { createdAt < $0 } ?? true }
}
