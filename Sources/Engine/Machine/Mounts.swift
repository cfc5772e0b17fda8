internal import Containers
internal import EngineInterface
internal import Images
internal import Kernel
internal import Stacks

extension LocalMachine {
  /// Where volumes and host paths are mounted, outer targets before inner ones.
  func mounts(of record: ContainerRecord) throws -> [LaunchMount] {
    var all = try ownMounts(of: record, for: record)
    for from in record.spec.template.volumesFrom {
      let other = try other(from.source, for: record, as: "volumes_from", isRunning: false)
      // What the image of the one that has the volume holds is there already, or is of no concern here.
      for mount in try ownMounts(of: other, for: record)
      where !all.contains(where: { $0.target == mount.target }) {
        var mount = mount
        mount.isReadOnly = mount.isReadOnly || from.isReadOnly
        all.append(mount)
      }
    }
    return all.sorted { a, b in
      let depths = [a, b].map { $0.target.split(separator: "/").count }
      return depths[0] != depths[1] ? depths[0] < depths[1] : a.target < b.target
    }
  }

  /// The mounts of `owner`, as they are made in a container of `record`'s image.
  private func ownMounts(of owner: ContainerRecord, for record: ContainerRecord) throws -> [LaunchMount] {
    var mounts: [LaunchMount] = []
    let layers = try image(record.image).layers
    for mount in owner.spec.template.mounts {
      var made: LaunchMount
      switch mount.source {
      case .bind(let path, let createIfMissing):
        if createIfMissing { try Files.makeDirectories(path, mode: 0o755) }
        try check(mount.propagation, of: path)
        made = LaunchMount(.bind(path), target: mount.target)
        made.propagation = mount.propagation
      case .volume(let key):
        made = try volume(owner.spec.volumeName(key), mount, layers)
      case .anonymous: continue
      case .tmpfs(let size, let mode, let user, let group, let isExecutable):
        made = LaunchMount(
          .tmpfs(
            size: size, mode: mode ?? 0o1777, owner: user ?? 0, group: group ?? 0,
            isExecutable: isExecutable ?? false), target: mount.target)
      case .image(let name):
        guard let digest = owner.mountedImages?[name] else {
          throw EngineError(.failed, "mount \(mount.target): the image \(name) is not on record; recreate it")
        }
        made = LaunchMount(.image(try overlay(of: digest)), target: mount.target)
      }
      made.isReadOnly = mount.isReadOnly
      made.recursion = mount.recursion
      made.subpath = mount.subpath
      mounts.append(made)
    }
    for (target, name) in owner.anonymousVolumes {
      let mount =
        owner.spec.template.mounts.first { $0.target == target }
        ?? MountSpec(source: .anonymous, target: target)
      var made = try volume(name, mount, layers)
      made.isReadOnly = mount.isReadOnly
      mounts.append(made)
    }
    return mounts
  }

  /// The layers of an image for an overlay of its own, which the kernel makes of two or more.
  private func overlay(of digest: Digest) throws -> [String] {
    let layers = try image(digest).layers
    if layers.count > 1 { return layers }
    let empty = execRoot + "/empty"
    try Files.makeDirectories(empty, mode: 0o755)
    return layers + [empty]
  }

  /// A mount that is nobody's peer has nothing to give or to take.
  private func check(_ propagation: MountSpec.Propagation, of path: String) throws {
    let isShared = propagation == .shared || propagation == .rshared
    guard isShared || propagation == .slave || propagation == .rslave else { return }
    let facts = try HostMount.facts(of: path)
    if facts.isShared || (facts.isSlave && !isShared) { return }
    throw EngineError(
      .invalid,
      "mount \(path) with the propagation '\(propagation.rawValue)': the mount that it lies on is private; make it shared with `mount --make-shared` first, or remove 'propagation'"
    )
  }

  /// A volume at its target, filled from the image at its first use unless the mount says otherwise. A part of
  /// a volume is never filled: what the image has is for the whole.
  private func volume(_ name: String, _ mount: MountSpec, _ layers: [String]) throws -> LaunchMount {
    let isFilled = mount.copiesImage && mount.subpath == nil
    let definition = try volumes.volume(name).definition
    if let place = try definition.fileSystem == nil ? definition.device : volumes.mounted(name) {
      return LaunchMount(isFilled ? .volume(place) : .bind(place), target: mount.target)
    }
    _ = try volumes.populate(name, fromLayers: isFilled ? layers : [], path: mount.target)
    return LaunchMount(.bind(try volumes.path(of: name)), target: mount.target)
  }
}
