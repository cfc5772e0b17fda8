internal import Kernel

/// One cgroup file system as it is mounted again in a container's /sys/fs/cgroup, from where only the
/// container's own group is seen.
struct CgroupMount: Hashable, Sendable {
  /// `cgroup` or `cgroup2`.
  var type: String
  /// The directory in /sys/fs/cgroup.
  var name: String
  /// Joined by commas, as the kernel wants them.
  var options: String

  /// What a container's /sys/fs/cgroup is made of where version 1 is mounted; empty where it is not,
  /// and one version 2 mount is all.
  static func all(mountInfo: String) -> [CgroupMount] {
    let visible = MountEntry.visible(in: mountInfo).filter { $0.type == "cgroup" || $0.type == "cgroup2" }
    guard visible.contains(where: { $0.type == "cgroup" }) else { return [] }
    var names: Set<Substring> = []
    return visible.compactMap { mount in
      guard let name = mount.point.split(separator: "/").last, names.insert(name).inserted else { return nil }
      return CgroupMount(type: mount.type, name: String(name), options: options(of: mount))
    }
  }

  /// Those that say which hierarchy it is. An existing one is only found by exactly its controllers.
  private static func options(of mount: MountEntry) -> String {
    if mount.type == "cgroup2" { return "" }
    let all = mount.superOptions.split(separator: ",").filter { option in
      !["rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode", "favordynmods"].contains(option)
        && !option.hasPrefix("release_agent=")
    }
    let isNamedOnly = all.allSatisfy { $0.hasPrefix("name=") }
    return ((isNamedOnly ? ["none"] : []) + all).joined(separator: ",")
  }
}
