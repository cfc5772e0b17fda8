import Kernel
public import Stacks

/// The cgroups of one engine's containers: one group for each, named by its ID, in one group of ours
/// at the top of the hierarchy (as Docker's cgroupfs driver does).
///
/// Nothing is remembered: every call looks at the kernel, so a restarted engine goes on with the
/// groups that it finds. The calls block for as long as the kernel takes, and those that wait for
/// processes to die say so.
public struct Cgroups: Sendable {
  public let hierarchy: CgroupHierarchy
  /// The name of the group over all containers: `cairn`, or `cairn-` and 8 digits for an engine with
  /// another root directory.
  public let engineGroup: String
  /// The path of the group that containers' groups are made in, without a slash at its ends: that of the
  /// engine, or what `below` says. Empty: the top of the hierarchy.
  let parent: String
  let devicePrograms = DevicePrograms()

  /// Looks for this machine's cgroups; makes nothing yet.
  public init(parent: String = "cairn") throws(CgroupError) {
    self.init(parent: parent, hierarchy: try CgroupHierarchy.detect())
  }

  public init(parent: String = "cairn", hierarchy: CgroupHierarchy) {
    precondition(!parent.isEmpty && !parent.contains("/") && parent != "." && parent != "..")
    engineGroup = parent
    self.parent = parent
    self.hierarchy = hierarchy
  }

  private init(_ other: Cgroups, parent: String) {
    engineGroup = other.engineGroup
    self.parent = parent
    hierarchy = other.hierarchy
  }

  /// The same for containers with a `cgroup_parent`: a path that begins with `/` counts from the top of the
  /// hierarchy, any other from the engine's own group. nil: nothing is changed.
  ///
  /// A group in the engine's own is removed with its last container. One at another place is made where
  /// it is missing, and stays: others may have given it limits.
  public func below(_ path: String?) throws(CgroupError) -> Cgroups {
    guard let path else { return self }
    let parts = path.split(separator: "/")
    guard parts.allSatisfy({ $0 != "." && $0 != ".." && !$0.utf8.contains(0) }) else {
      throw .invalidPath(path)
    }
    let inner = parts.joined(separator: "/")
    if path.hasPrefix("/") { return Cgroups(self, parent: inner) }
    return Cgroups(self, parent: inner.isEmpty ? engineGroup : engineGroup + "/" + inner)
  }

  /// The same for the container `id`, whose `cgroup_parent` is not known any more: where its group is found
  /// in the engine's own, at whatever depth.
  public func holding(_ id: ContainerID) -> Cgroups {
    for root in roots {
      if let found = holder(of: id, in: engineGroup, root) { return Cgroups(self, parent: found) }
    }
    return self
  }

  private func holder(of id: ContainerID, in group: String, _ root: String) -> String? {
    guard let names = try? CgroupFiles.children("\(root)/\(group)") else { return nil }
    if names.contains(id.description) { return group }
    return names.lazy.filter { ContainerID($0) == nil }
      .compactMap { holder(of: id, in: "\(group)/\($0)", root) }.first
  }

  /// Makes the group of a container with its limits. An empty one that is there already, as after a
  /// crash, is replaced.
  ///
  /// Throws `missingController` where a limit is asked for that the kernel cannot set here, and
  /// `busy` where there is a group with processes.
  public func create(
    id: ContainerID, resources: Resources = Resources(), devices: DeviceAccess = .standard
  ) throws(CgroupError) -> CgroupPlacement {
    try requireControllers(for: resources)
    var attempts = 3
    while true {
      attempts -= 1
      do throws(CgroupError) {
        return try hierarchy.unified == nil
          ? createVersion1(id, resources, devices) : createVersion2(id, resources, devices)
      } catch {
        if case .system(let failure) = error, failure.isExisting, attempts > 0 {
          try remove(id: id, milliseconds: 0)
          continue
        }
        // Half a group would count as a container's.
        try? remove(id: id, milliseconds: 0)
        // The end of another container may take the group above away just now.
        if case .system(let failure) = error, failure.isNotFound, parent != engineGroup, attempts > 0 {
          continue
        }
        throw error
      }
    }
  }

  /// The group of a container that has one, for a process that joins it.
  public func placement(of id: ContainerID) throws(CgroupError) -> CgroupPlacement {
    let paths = try existingPaths(of: id)
    guard hierarchy.unified != nil, let path = paths.first else {
      return CgroupPlacement(directory: nil, paths: paths)
    }
    let directory = try cgroup { () throws(SystemError) in try CgroupFiles.openDirectory(path) }
    return CgroupPlacement(directory: directory, paths: paths)
  }

  /// Gives a running container other limits; nil takes a limit away. A memory limit below what is in
  /// use is refused by version 1, and makes the OOM killer come on version 2.
  public func update(id: ContainerID, resources: Resources) throws(CgroupError) {
    _ = try existingPaths(of: id)
    try apply(resources, to: id, resetting: true)
  }

  /// What the container uses now.
  public func statistics(of id: ContainerID) throws(CgroupError) -> CgroupStatistics {
    let paths = try existingPaths(of: id)
    if hierarchy.unified != nil, let path = paths.first {
      return CgroupStatistics { file in try? Files.readText("\(path)/\(file)") }
    }
    return CgroupStatistics { controller, file in
      path(of: id, in: controller).flatMap { path in try? Files.readText("\(path)/\(file)") }
    }
  }

  /// How many of the container's processes the OOM killer has ended since the group was made; 0
  /// where memory is not counted. Read it before `remove`.
  public func oomKills(of id: ContainerID) throws(CgroupError) -> Int {
    guard let path = path(of: id, in: .memory) else { return 0 }
    let file = path + (hierarchy.unified == nil ? "/memory.oom_control" : "/memory.events")
    do throws(SystemError) {
      return MemoryController.oomKills(try Files.readText(file))
    } catch {
      if error.isNotFound { return 0 }
      throw .system(error)
    }
  }

  /// The containers that have a group, sorted: for cleaning up after a crash, and for finding leaks.
  public func list() throws(CgroupError) -> [ContainerID] {
    var found: Set<ContainerID> = []
    for root in roots {
      try cgroup { () throws(SystemError) in try Self.containers(beneath: "\(root)/\(engineGroup)", &found) }
    }
    return found.sorted()
  }

  private static func containers(beneath path: String, _ found: inout Set<ContainerID>) throws(SystemError) {
    for name in try CgroupFiles.children(path) {
      if let id = ContainerID(name) {
        found.insert(id)
      } else {
        try containers(beneath: "\(path)/\(name)", &found)
      }
    }
  }

  /// Removes the group over all containers. Throws, and leaves it, while there are containers.
  public func removeParent() throws(CgroupError) {
    for root in roots {
      try cgroup { () throws(SystemError) in try CgroupFiles.remove("\(root)/\(engineGroup)") }
    }
  }
}

extension Cgroups {
  /// The mount points that are used, each once. The first is the one that processes are listed from.
  var roots: [String] {
    if let unified = hierarchy.unified { return [unified] }
    var seen: Set<String> = []
    return Self.version1Controllers.compactMap { hierarchy.mounts[$0] }.filter { seen.insert($0).inserted }
  }

  /// What a version 1 group is made in. The freezer is first: it holds all processes of a group still.
  static let version1Controllers: [CgroupHierarchy.Controller] = [
    .freezer, .memory, .cpu, .cpuacct, .pids, .devices, .io, .cpuset,
  ]

  func path(of id: ContainerID, under root: String) -> String {
    parent.isEmpty ? "\(root)/\(id)" : "\(root)/\(parent)/\(id)"
  }

  /// The groups above the containers', from the top down, without the top itself.
  func groupsAbove(under root: String) -> [String] {
    var path = root
    return parent.split(separator: "/").map { part in
      path += "/" + part
      return path
    }
  }

  /// Takes the groups between the engine's own and the containers' away, as far as nothing is in them.
  func removeEmptyParents(under root: String) {
    guard parent.hasPrefix(engineGroup + "/") else { return }
    let own = engineGroup.split(separator: "/").count
    for path in groupsAbove(under: root).dropFirst(own).reversed() { try? CgroupFiles.remove(path) }
  }

  /// The container's group in the hierarchy of `controller`; nil where there is none.
  func path(of id: ContainerID, in controller: CgroupHierarchy.Controller) -> String? {
    (hierarchy.unified ?? hierarchy.mounts[controller]).map { path(of: id, under: $0) }
  }

  /// The directories of the container that exist; throws `noGroup` where none does.
  func existingPaths(of id: ContainerID) throws(CgroupError) -> [String] {
    let paths = roots.map { path(of: id, under: $0) }.filter { Files.exists($0) }
    guard !paths.isEmpty else { throw .noGroup(id: id.description) }
    return paths
  }

  /// Writes limits. What is asked of a controller that is absent is an error; what is not asked of
  /// it is passed over.
  func apply(_ resources: Resources, to id: ContainerID, resetting: Bool) throws(CgroupError) {
    try requireControllers(for: resources)
    for controller in resourceControllers {
      let settings =
        hierarchy.unified == nil
        ? controller.version1(resources, resetting: resetting)
        : controller.version2(resources, resetting: resetting)
      guard !settings.isEmpty, has(controller.controller), let path = path(of: id, in: controller.controller)
      else { continue }
      try write(settings, to: path)
    }
  }

  /// Writes the limits on block devices into a group that has none yet.
  func apply(_ blockIO: BlockIO?, to id: ContainerID) throws(CgroupError) {
    guard let blockIO, blockIO != BlockIO(), let path = path(of: id, in: .io) else { return }
    let number = { (device: String) throws(SystemError) -> String in
      guard let found = try HostDevice(at: device), found.isBlock else {
        throw SystemError("limit the device", on: device, code: 0, hint: "it is not a block device")
      }
      return found.number
    }
    do throws(SystemError) {
      let has = { (file: String) in Files.exists("\(path)/\(file)") }
      let settings =
        hierarchy.unified == nil
        ? try IOController.version1(blockIO, has: has, number: number)
        : try IOController.version2(blockIO, has: has, number: number)
      for setting in settings {
        guard has(setting.file) else {
          throw SystemError(
            "set blkio_config", on: setting.file, code: 0,
            hint: "the kernel has no such limit for this cgroup version or I/O scheduler; remove it")
        }
        try CgroupFiles.write(setting.values, to: "\(path)/\(setting.file)")
      }
    } catch { throw .system(error) }
  }

  func write(_ settings: [CgroupSetting], to path: String) throws(CgroupError) {
    for setting in settings {
      do throws(SystemError) {
        try CgroupFiles.write(setting.values, to: "\(path)/\(setting.file)")
      } catch {
        if setting.isOptional && error.isNotFound { continue }
        throw .system(error)
      }
    }
  }

  func requireControllers(for resources: Resources) throws(CgroupError) {
    let isVersion2 = hierarchy.unified != nil
    for controller in resourceControllers {
      if let (limit, reason) = controller.unsupported(in: resources, isVersion2: isVersion2) {
        throw .unsupported(limit: limit, reason: reason)
      }
      guard let limit = controller.asked(of: resources).first, !has(controller.controller) else { continue }
      let name =
        hierarchy.unified == nil
        ? controller.controller.version1Name : controller.controller.rawValue
      throw .missingController(limit: limit, controller: name, isVersion2: isVersion2)
    }
  }

  /// Throws where a limit is asked for that cannot be had here: what `create` would find out.
  public func check(_ resources: Resources) throws(CgroupError) { try requireControllers(for: resources) }

  /// Whether the kernel offers the controller here.
  func has(_ controller: CgroupHierarchy.Controller) -> Bool {
    guard let unified = hierarchy.unified else { return hierarchy.mounts[controller] != nil }
    return offeredControllers(in: unified).contains(controller.rawValue)
  }
}
