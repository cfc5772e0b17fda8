// The parts of a template, compared as `SpecDifferences` does with the whole.

extension Resources {
  func differences(to wanted: Resources) -> [Difference] {
    if self == wanted { return [] }
    var comparing = Comparing(self, wanted)
    comparing.optional("limits.memory", \.memoryLimit, live: true, show: Shown.bytes)
    comparing.optional("reservations.memory", \.memoryReservation, live: true, show: Shown.bytes)
    comparing.optional("memswap_limit", \.swapLimit, live: true) { $0 == .max ? "-1" : Shown.bytes($0) }
    comparing.optional("mem_swappiness", \.swappiness)
    comparing.optional("oom_kill_disable", \.disablesOOMKill)
    comparing.optional("oom_score_adj", \.oomScoreAdjustment)
    comparing.optional("limits.cpus", \.cpuLimit, live: true, show: Shown.cpus)
    comparing.optional("reservations.cpus", \.cpuReservation, live: true, show: Shown.cpus)
    comparing.optional("cpu_shares", \.cpuShares, live: true)
    comparing.optional("cpu_quota", \.cpuQuota, live: true)
    comparing.optional("cpu_period", \.cpuPeriod, live: true)
    comparing.optional("cpuset", \.cpuSet)
    comparing.optional("limits.pids", \.pidsLimit, live: true)
    comparing.optional("cgroup_parent", \.cgroupParent, none: "the engine's")
    var blocks = Comparing(blockIO ?? BlockIO(), wanted.blockIO ?? BlockIO())
    blocks.optional("blkio_config.weight", \.weight)
    blocks.field("blkio_config.weight_device", \.deviceWeights)
    blocks.field("blkio_config.device_read_bps", \.readRates)
    blocks.field("blkio_config.device_write_bps", \.writeRates)
    blocks.field("blkio_config.device_read_iops", \.readOperations)
    blocks.field("blkio_config.device_write_iops", \.writeOperations)
    return comparing.found + blocks.found
  }
}

extension Security {
  func differences(to wanted: Security) -> [Difference] {
    if self == wanted { return [] }
    var comparing = Comparing(self, wanted)
    comparing.field("cap_add", \.addedCapabilities)
    comparing.field("cap_drop", \.droppedCapabilities)
    comparing.field("privileged", \.isPrivileged)
    comparing.field("read_only", \.hasReadOnlyRoot)
    comparing.field("no-new-privileges", \.forbidsNewPrivileges)
    if case .profile(let old) = filter, case .profile(let new) = wanted.filter {
      if let (line, other) = FileContent(old).firstDifference(to: FileContent(new)) {
        comparing.add([Difference(path: "seccomp", old: line, new: other)])
      }
    } else {
      comparing.field("seccomp", \.filter)
    }
    return comparing.found
  }
}

extension Security.Filter: CustomStringConvertible {
  public var description: String {
    switch self {
    case .standard: "the engine's"
    case .none: "unconfined"
    case .profile: "a profile of its own"
    }
  }
}

extension Naming {
  func differences(to wanted: Naming) -> [Difference] {
    if self == wanted { return [] }
    var comparing = Comparing(self, wanted)
    comparing.optional("domainname", \.domain)
    comparing.field("extra_hosts", \.hosts)
    comparing.field("dns", \.servers)
    comparing.field("dns_search", \.searchDomains)
    comparing.field("dns_opt", \.options)
    comparing.entries("links", \.links)
    return comparing.found
  }
}

extension Sharing {
  func differences(to wanted: Sharing) -> [Difference] {
    if self == wanted { return [] }
    var comparing = Comparing(self, wanted)
    comparing.field("network_mode", \.network)
    comparing.field("ipc", \.ipc)
    comparing.field("pid", \.processes)
    comparing.field("uts", \.hostName)
    comparing.field("cgroup", \.cgroup)
    return comparing.found
  }
}

extension LogSettings {
  func differences(to wanted: LogSettings) -> [Difference] {
    if self == wanted { return [] }
    var comparing = Comparing(self, wanted)
    comparing.field("logging.driver", \.isKept) { $0 ? "json-file" : "none" }
    comparing.optional("logging.options.max-size", \.maximumSize, show: Shown.bytes)
    comparing.field("logging.options.max-file", \.maximumFiles)
    return comparing.found
  }
}

extension ContainerTemplate {
  /// Configs and secrets by kind and path. Of a secret's content nothing is said.
  func fileDifferences(to wanted: ContainerTemplate) -> [Difference] {
    if files == wanted.files { return [] }
    let old = Dictionary(files.map { ($0.place, $0) }) { $1 }
    let new = Dictionary(wanted.files.map { ($0.place, $0) }) { $1 }
    var found: [Difference] = []
    for place in Set(old.keys).union(new.keys).sorted() where old[place] != new[place] {
      guard let before = old[place], let after = new[place] else {
        let (was, becomes) = old[place] == nil ? ("none", "mounted") : ("mounted", "none")
        found.append(Difference(path: place, old: was, new: becomes))
        continue
      }
      var comparing = Comparing(before, after)
      comparing.field("\(place).source", \.key)
      comparing.optional("\(place).uid", \.owner, none: "the user's")
      comparing.optional("\(place).gid", \.group, none: "the user's")
      comparing.field("\(place).mode", \.mode) { "0" + String($0, radix: 8) }
      if let (line, other) = before.content.firstDifference(to: after.content) {
        let isSecret = before.kind == .secret
        comparing.add([
          Difference(
            path: "\(place).content", old: isSecret ? "old" : line, new: isSecret ? "new" : other)
        ])
      }
      found += comparing.found
    }
    // Only the order is another, which matters where one lies in another's place.
    if found.isEmpty {
      func places(_ files: [FileMount]) -> String { files.map(\.place).joined(separator: ", ") }
      found.append(Difference(path: "configs and secrets", old: places(files), new: places(wanted.files)))
    }
    return found
  }
}

extension FileMount {
  /// `configs./etc/app.conf`.
  fileprivate var place: String { "\(kind.rawValue)s.\(target)" }
}
