internal import Kernel

/// One hierarchy of cgroup version 1 as a container's /sys/fs/cgroup has it, from where only the container's
/// own group is seen.
struct CgroupMount: Hashable, Sendable {
  /// Where it is mounted on the host.
  var point: String
  /// The directory in /sys/fs/cgroup.
  var name: String
  /// Joined by commas, as the kernel wants them.
  var options: String

  /// What a container's /sys/fs/cgroup is made of where version 1 is mounted; empty where it is not, and
  /// one version 2 mount is all. The version 2 mount of a hybrid machine has no controllers and is left out.
  static func all(mountInfo: String) -> [CgroupMount] {
    var names: Set<Substring> = []
    return MountEntry.visible(in: mountInfo).filter { $0.type == "cgroup" }.compactMap { mount in
      guard let name = mount.point.split(separator: "/").last, names.insert(name).inserted else { return nil }
      return CgroupMount(point: mount.point, name: String(name), options: options(of: mount))
    }
  }

  /// The directory that the container is shown of it: its own group. nil: it has none there, or it `seesAll`;
  /// then the hierarchy is mounted anew, and what is seen is its namespace's part.
  func directory(of paths: [String], seesAll: Bool) -> String? {
    seesAll ? nil : paths.first { $0.hasPrefix(point + "/") }
  }

  /// Those that say which hierarchy it is. An existing one is only found by exactly its controllers.
  private static func options(of mount: MountEntry) -> String {
    let all = mount.superOptions.split(separator: ",").filter { option in
      !["rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode", "favordynmods"].contains(option)
        && !option.hasPrefix("release_agent=")
    }
    let isNamedOnly = all.allSatisfy { $0.hasPrefix("name=") }
    return ((isNamedOnly ? ["none"] : []) + all).joined(separator: ",")
  }
}
