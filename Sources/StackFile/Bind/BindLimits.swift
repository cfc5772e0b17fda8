internal import Stacks

extension Binder {
  /// The limits beyond `cpus`, memory and processes: Docker's own numbers, swap, CPUs by number, block devices.
  mutating func limits(_ service: Node, into resources: inout Resources) {
    resources.oomScoreAdjustment = service["oom_score_adj"]?.int.flatMap { $0 == 0 ? nil : Int($0) }
    resources.disablesOOMKill = service["oom_kill_disable"]?.bool == true ? true : nil
    resources.cpuShares = positive(service["cpu_shares"])
    resources.cpuQuota = positive(service["cpu_quota"])
    resources.cpuPeriod = positive(service["cpu_period"])
    for key in ["cpu_quota", "cpu_period"] {
      guard let pair = service.pair(key), positive(pair.value) != nil else { continue }
      if resources.cpuLimit != nil {
        findings.error(pair.keyAt, "'\(key)' and 'cpus' say the same", fix: "keep 'cpus'")
      } else if !(1000...(key == "cpu_period" ? 1_000_000 : .max)).contains(pair.value.int ?? 0) {
        findings.error(
          pair.value.at, "the kernel takes no such '\(key)'",
          fix: key == "cpu_period" ? "use 1000 to 1000000 microseconds" : "use at least 1000 microseconds")
      }
    }
    resources.cpuSet = cpuSet(service["cpuset"])
    resources.cgroupParent = cgroupParent(service["cgroup_parent"])
    swap(service, &resources)
    if let blocks = service["blkio_config"] { resources.blockIO = blockIO(blocks) }
  }

  /// A number above 0; anything else says nothing.
  private func positive(_ node: Node?) -> UInt64? { node?.int.flatMap { $0 > 0 ? UInt64($0) : nil } }

  /// CPUs as a list of ranges: `0-3,8`.
  private mutating func cpuSet(_ node: Node?) -> String? {
    guard let node, let text = node.string, !text.isEmpty else { return nil }
    let isRight = text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
      guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1] else { return false }
      return first <= last
    }
    if !isRight {
      findings.error(node.at, "\(quoted(text)) is not a list of CPUs", fix: "write such as 0-3 or 0,2")
    }
    return text
  }

  /// A path in the hierarchy of cgroups.
  private mutating func cgroupParent(_ node: Node?) -> String? {
    guard let node, let text = node.string, !text.isEmpty else { return nil }
    let parts = text.drop { $0 == "/" }.split(separator: "/", omittingEmptySubsequences: false)
    let isRight = parts.allSatisfy { part in
      !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 200
        && !part.utf8.contains { $0 < 32 || $0 == 127 }
    }
    if !isRight, text != "/" {
      findings.error(
        node.at, "\(quoted(text)) cannot be the path of a cgroup",
        fix: "write such as 'batch' for one in cairn's own, or '/batch' for one at the top")
    }
    return text
  }

  private mutating func swap(_ service: Node, _ resources: inout Resources) {
    if let node = service["memswap_limit"], let text = node.string, text != "0" {
      resources.swapLimit = text == "-1" ? .max : UInt64(text)
      if let memory = resources.memoryLimit {
        if let swap = resources.swapLimit, swap < memory {
          findings.error(
            node.at, "'memswap_limit' counts memory and swap, and is below 'mem_limit'",
            fix: "make it at least as large, or -1 for any amount of swap")
        }
      } else {
        findings.error(node.at, "'memswap_limit' needs a limit of memory", fix: "add 'mem_limit'")
      }
    }
    if let node = service["mem_swappiness"], let text = node.string, text != "-1" {
      if let value = UInt64(text), value <= 100 {
        resources.swappiness = value
      } else {
        findings.error(node.at, "'mem_swappiness' must be from 0 to 100")
      }
    }
  }

  private mutating func blockIO(_ node: Node) -> BlockIO? {
    func entries(_ key: String, _ value: String) -> [BlockIO.Entry] {
      (node[key]?.items ?? []).compactMap { item in
        guard let path = item["path"]?.string else { return nil }
        let number =
          item[value]?.int.flatMap { UInt64(exactly: $0) } ?? item[value]?.string.flatMap { UInt64($0) }
        return number.map { BlockIO.Entry(path: path, value: $0) }
      }
    }
    let limits = BlockIO(
      weight: positive(node["weight"]), deviceWeights: entries("weight_device", "weight"),
      readRates: entries("device_read_bps", "rate"), writeRates: entries("device_write_bps", "rate"),
      readOperations: entries("device_read_iops", "rate"),
      writeOperations: entries("device_write_iops", "rate"))
    let weights =
      (node["weight"].map { [$0] } ?? []) + (node["weight_device"]?.items ?? []).compactMap { $0["weight"] }
    for weight in weights where weight.int != 0 && !(10...1000).contains(weight.int ?? 0) {
      findings.error(weight.at, "a weight of block devices must be from 10 to 1000")
    }
    for key in [
      "weight_device", "device_read_bps", "device_write_bps", "device_read_iops", "device_write_iops",
    ] {
      for item in node[key]?.items ?? [] {
        guard let path = item["path"] ?? Optional(item), path.string?.hasPrefix("/") != true else { continue }
        findings.error(
          path.at, "an entry of '\(key)' needs the path of a device", fix: "add such as 'path: /dev/sda'")
      }
    }
    return limits == BlockIO() ? nil : limits
  }
}
