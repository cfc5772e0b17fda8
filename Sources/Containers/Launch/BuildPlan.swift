internal import Kernel
internal import Stacks

extension LaunchRequest {
  /// The plan that the shim and its child carry out. `place` is the container's own directory, `directory` the
  /// same opened, `log` its log in `logDirectory`, which only a log with settings needs.
  func plan(
    place: String, directory: Descriptor, log: Descriptor, logDirectory: Descriptor?,
    hierarchies: [CgroupMount]
  ) -> LaunchPlan {
    var plan = LaunchPlan()
    var flags: LaunchFlags = []
    if hasTerminal { flags.insert(.terminal) }
    if keepsStdin { flags.insert(.stdin) }
    plan.add(
      .run,
      numbers: [
        namespaces.rawValue, plan.pass(directory), plan.pass(log), flags.rawValue,
      ])
    if let logDirectory {
      plan.add(
        .log,
        numbers: [
          plan.pass(logDirectory), self.log.maximumSize ?? 0, UInt64(max(self.log.maximumFiles, 1)),
          self.log.isKept ? 0 : 1,
        ])
    }
    if let window { plan.add(.window, numbers: [UInt64(window.rows), UInt64(window.columns)]) }
    if let cgroupDirectory = cgroup?.directory {
      plan.add(.cgroupClone, numbers: [plan.pass(cgroupDirectory)])
    }
    for file in cgroup?.taskFiles ?? [] { plan.add(.cgroupAttach, file) }

    addRoot(&plan, place)
    addCgroups(&plan, hierarchies)
    addMounts(&plan)
    plan.add(.wait)
    addNetwork(&plan)
    addPaths(&plan)
    if sharing.hostName.isOwn { plan.add(.hostname, hostname ?? id.short) }
    if hasTerminal { plan.add(.console, numbers: [1]) }
    if let oomScoreAdjustment {
      plan.add(.oomScore, numbers: [UInt64(1000 + max(-1000, min(oomScoreAdjustment, 1000)))])
    }
    plan.add(.user, user ?? "")
    for group in groups { plan.add(.group, group) }
    // Here, since a file may belong to the user, who is looked up in what the mounts have brought.
    addContents(&plan)
    plan.add(.pivot)
    plan.add(.directory, workingDirectory ?? "/", numbers: [1])
    if hasReadOnlyRoot { plan.add(.rootReadOnly) }
    let environment = CommandCheck.complete(
      environment, hostname: hostname ?? id.short, hasTerminal: hasTerminal)
    plan.addProcess(
      arguments: arguments, environment: environment, limits: limits, capabilities: capabilities,
      seccomp: seccomp, forbidsNewPrivileges: forbidsNewPrivileges, runsInit: runsInit)
    return plan
  }

  private var namespaces: Namespaces {
    // The cgroup namespace is entered later: cloned together with CLONE_INTO_CGROUP it would be
    // rooted in the shim's group.
    var all: Namespaces = [.mounts]
    if sharing.hostName.isOwn { all.insert(.hostName) }
    if sharing.ipc.isOwn { all.insert(.ipc) }
    if sharing.processes.isOwn { all.insert(.processes) }
    if case .isolated = network { all.insert(.network) }
    return all
  }

  private func addRoot(_ plan: inout LaunchPlan, _ place: String) {
    func join(_ namespace: Descriptor, _ kind: Namespaces) {
      plan.add(.namespaceJoin, numbers: [plan.pass(namespace), kind.rawValue])
    }
    if case .shared(let namespace) = network { join(namespace, .network) }
    if case .of(let namespace) = sharing.ipc { join(namespace, .ipc) }
    if case .of(let namespace) = sharing.processes { join(namespace, .processes) }
    if case .of(let namespace) = sharing.hostName { join(namespace, .hostName) }
    for mount in mounts where mount.keepsToHost {
      guard case .bind(let path) = mount.source else { continue }
      plan.add(.source, path, numbers: [mount.bindFlags.intersection(.recursive).rawValue])
    }
    plan.add(.rootOverlay, strings: ([place, root.upper, root.work] + root.lower).map { Array($0.utf8) })
    plan.add(.proc)
    // Links get IPv6 only where their network has it: without this they would answer to router advertisements
    // (CVE-2020-13401). Links that come after it have it from the start. The loopback device keeps ::1.
    if case .isolated(let endpoints) = network, !endpoints.isEmpty {
      plan.add(.sysctl, "net/ipv6/conf/default/disable_ipv6", "1", numbers: [1])
    }
    plan.add(.sys, numbers: [isPrivileged ? 0 : 1])
    plan.add(.dev, numbers: [64 << 20])
    plan.add(.devPts)
    switch sharing.ipc {
    case .own: plan.add(.devShm, numbers: [sharedMemory])
    case .host: plan.add(.bind, "/dev/shm", "/dev/shm", numbers: [0, 0])
    case .of:
      if let other = sharing.sharedMemoryOf { plan.add(.shmJoin, numbers: [plan.pass(other)]) }
    }
    plan.add(.devMqueue)
    for device in devices {
      let kind: UInt64 = device.kind == .character ? 0o020000 : 0o060000
      plan.add(
        .device, device.path,
        numbers: [
          kind | (UInt64(device.mode) & 0o7777), DeviceNode.number(device.major, device.minor),
          UInt64(device.owner), UInt64(device.group),
        ])
    }
  }

  private func addCgroups(_ plan: inout LaunchPlan, _ hierarchies: [CgroupMount]) {
    guard let cgroup else { return }
    if !sharing.seesAllCgroups { plan.add(.cgroupNamespace) }
    let isReadOnly: UInt64 = isPrivileged ? 0 : 1
    if hierarchies.isEmpty || cgroup.directory != nil {
      plan.add(.cgroupUnified, numbers: [isReadOnly])
    } else {
      plan.add(
        .cgroupTree,
        strings: hierarchies.flatMap {
          [$0.name, $0.directory(of: cgroup.paths, seesAll: sharing.seesAllCgroups) ?? "", $0.options]
        }.map { Array($0.utf8) },
        numbers: [isReadOnly])
    }
  }

  private func addMounts(_ plan: inout LaunchPlan) {
    for (path, target) in [
      (files.hosts, "/etc/hosts"), (files.resolvConf, "/etc/resolv.conf"), (files.hostname, "/etc/hostname"),
    ] {
      if let path { plan.add(.bind, path, target, numbers: [0, 0]) }
    }
    var taken: UInt64 = 0
    for mount in mounts {
      let readOnly: MountAttributes = mount.isReadOnly ? .readOnly : []
      switch mount.source {
      case .bind(let path):
        if mount.keepsToHost { taken += 1 }
        let strings = [path, mount.target] + (mount.subpath.map { [$0] } ?? [])
        plan.add(
          .bind, strings: strings.map { Array($0.utf8) },
          numbers: [
            readOnly.rawValue, mount.bindFlags.rawValue, mount.kernelPropagation.rawValue,
            mount.keepsToHost ? taken : 0,
          ])
      case .volume(let path):
        plan.add(.bind, path, mount.target, numbers: [readOnly.rawValue, BindFlags.copyUp.rawValue])
      case .tmpfs(let size, let mode, let owner, let group, let isExecutable):
        var attributes: MountAttributes = [readOnly, .noSetUID, .noDevices]
        if !isExecutable { attributes.insert(.noExecution) }
        plan.add(
          .tmpfs, mount.target,
          numbers: [
            size ?? 0, UInt64(mode & 0o7777), attributes.rawValue,
            (UInt64(owner) + 1) << 32 | (UInt64(group) + 1),
          ])
      case .image(let layers):
        let strings = [mount.target, mount.subpath ?? ""] + layers
        let attributes: MountAttributes = [.readOnly, .noDevices]
        plan.add(.image, strings: strings.map { Array($0.utf8) }, numbers: [attributes.rawValue])
      }
    }
  }

  private func addContents(_ plan: inout LaunchPlan) {
    for file in contents {
      plan.add(
        .file, strings: [Array(file.target.utf8), file.content.bytes],
        numbers: [
          UInt64(file.mode & 0o777), file.owner.map { UInt64($0) + 1 } ?? 0,
          file.group.map { UInt64($0) + 1 } ?? 0,
        ])
    }
  }

  private func addNetwork(_ plan: inout LaunchPlan) {
    guard case .isolated(let endpoints) = network else {
      addSysctls(&plan)
      return
    }
    plan.add(.link, "lo", numbers: [0, 0, 0])
    for endpoint in endpoints {
      // A link that was there before the default was set did not get it. To write this waits for the lock
      // that all of the machine's networks share, and spins meanwhile: it is looked at first.
      let link = "net/ipv6/conf/\(endpoint.interface)/"
      if endpoint.ipv6 != nil { plan.add(.sysctl, link + "accept_ra", "0", numbers: [1]) }
      plan.add(.sysctl, link + "disable_ipv6", endpoint.ipv6 == nil ? "1" : "0", numbers: [1, 1])
      plan.add(
        .link, endpoint.interface,
        numbers: [
          UInt64(endpoint.address.number), UInt64(endpoint.prefix), UInt64(endpoint.gateway?.number ?? 0),
        ])
      guard let six = endpoint.ipv6 else { continue }
      plan.add(
        .address6, endpoint.interface, six.address.description, six.gateway?.description ?? "",
        numbers: [UInt64(six.prefix)])
    }
    // As Docker sets them: ping without a raw socket, low ports without a capability.
    for (path, value) in [
      ("net/ipv4/ping_group_range", "0 2147483647"), ("net/ipv4/ip_unprivileged_port_start", "0"),
    ] {
      plan.add(.sysctl, path, value, numbers: [1])
    }
    addSysctls(&plan)
  }

  private func addSysctls(_ plan: inout LaunchPlan) {
    for (name, value) in sysctls.sorted(by: { $0.key < $1.key }) {
      let path = String(name.map { $0 == "." ? "/" : $0 })
      plan.add(.sysctl, path, value, numbers: [0])
    }
  }

  private func addPaths(_ plan: inout LaunchPlan) {
    if isPrivileged { return }
    for path in ProtectedPaths.masked + Self.maskedOfProcessors { plan.add(.mask, path) }
    for path in ProtectedPaths.readOnly { plan.add(.readOnly, path) }
  }

  /// Processors do not come and go while the engine runs, or at least not so that it matters.
  private static let maskedOfProcessors = ProtectedPaths.maskedOfProcessors()
}

extension LaunchMount {
  fileprivate var bindFlags: BindFlags {
    var flags: BindFlags =
      switch recursion {
      case .enabled: .recursive
      case .disabled: []
      case .writable: [.recursive, .topOnly]
      }
    // What is mounted below must not lead to the host from a slave either.
    if propagation != .shared { flags.insert(.spread) }
    return flags
  }

  fileprivate var kernelPropagation: MountPropagation {
    switch propagation {
    case .rprivate, .private: .private
    case .rslave, .slave: .slave
    case .rshared, .shared: .shared
    }
  }

  /// Whether its source must be taken while it still belongs to the host's mounts.
  fileprivate var keepsToHost: Bool { kernelPropagation != .private }
}

extension LaunchPlan {
  /// What comes last for a container's process and for one that joins.
  mutating func addProcess(
    arguments: [String], environment: [String], limits: [ResourceLimit], capabilities: CapabilitySet,
    seccomp: [UInt8]?, forbidsNewPrivileges: Bool, runsInit: Bool
  ) {
    for limit in limits {
      let index = Int(limit.resource)
      let name = ResourceLimit.names.indices.contains(index) ? ResourceLimit.names[index] : "\(index)"
      add(.rlimit, name, numbers: [UInt64(limit.resource), limit.soft, limit.hard])
    }
    add(.capabilities, numbers: [capabilities.rawValue, capabilities.rawValue])
    if forbidsNewPrivileges { add(.noNewPrivileges) }
    if let seccomp { add(.seccomp, strings: [seccomp]) }
    for variable in environment { add(.environment, variable) }
    for argument in arguments { add(.argument, argument) }
    add(.execute, numbers: [runsInit ? 1 : 0])
  }
}

extension DeviceNode {
  /// glibc's encoding of a device number (makedev(3)).
  static func number(_ major: UInt32, _ minor: UInt32) -> UInt64 {
    let high = UInt64(major & 0xffff_f000) << 32 | UInt64(major & 0xfff) << 8
    return high | UInt64(minor & 0xffff_ff00) << 12 | UInt64(minor & 0xff)
  }
}
