// Which fields of a container can be changed while it runs. What the process was started with cannot
// (command, environment, mounts, network attachments, capabilities, …). Live are: cgroup limits, which
// the kernel takes at any time; ports, which are rules on the host; aliases, which our name server
// answers; health checks, restart policy and stop settings, which the engine reads when it needs them;
// and labels, which only listings read.

extension ContainerSpec {
  /// The fields in which `wanted` differs from this, in a fixed order; empty exactly where they are
  /// equal. Both are of one service: the replica's number is part of no comparison.
  public func differences(to wanted: ContainerSpec) -> [Difference] {
    // Nearly always they are the same, which is quickly seen.
    if isSame(as: wanted) { return [] }
    var comparing = Comparing(self, wanted)
    if boxed != wanted.boxed { comparing.add(template.differences(to: wanted.template)) }
    // A name that comes or goes with an attachment or a mount is worded there already.
    let attached = Set(template.networks.keys).symmetricDifference(wanted.template.networks.keys)
    let mounted = Set(volumeKeys).symmetricDifference(wanted.volumeKeys)
    comparing.entries("networks", \.networkNames, except: attached)
    comparing.entries("volumes", \.volumeNames, except: mounted)
    return comparing.found
  }

  /// Whether nothing differs but the slot.
  func isSame(as other: ContainerSpec) -> Bool {
    boxed == other.boxed && networkNames == other.networkNames && volumeNames == other.volumeNames
  }
}

extension ContainerTemplate {
  /// The fields in which `wanted` differs from this.
  func differences(to wanted: ContainerTemplate) -> [Difference] {
    let own = "the image's"
    var comparing = Comparing(self, wanted)
    comparing.field("image", \.image)
    comparing.optional("entrypoint", \.entrypoint, none: own)
    comparing.optional("command", \.command, none: own)
    comparing.entries("environment", \.environment, show: { $0 ?? "unset" })
    comparing.optional("user", \.user, none: own)
    comparing.optional("working_dir", \.workingDirectory, none: own)
    comparing.optional("hostname", \.hostname)
    comparing.optional("container_name", \.containerName)
    comparing.entries("labels", \.labels, live: true, except: [Service.preparationLabel])
    comparing.optional("pre_start", \.preparation)
    comparing.entries("annotations", \.annotations, live: true)
    comparing.field("tty", \.tty)
    comparing.field("stdin_open", \.stdinOpen)
    comparing.add(networkDifferences(to: wanted))
    comparing.field("ports", \.ports, live: true)
    comparing.field("volumes", \.mounts)
    comparing.field("volumes_from", \.volumesFrom)
    comparing.add(fileDifferences(to: wanted))
    comparing.add(naming.differences(to: wanted.naming))
    comparing.add(sharing.differences(to: wanted.sharing))
    comparing.add(resources.differences(to: wanted.resources))
    comparing.entries("ulimits", \.ulimits, show: { "\($0.soft):\($0.hard)" })
    comparing.add(security.differences(to: wanted.security))
    comparing.field("group_add", \.groups)
    comparing.entries("sysctls", \.sysctls)
    comparing.optional("shm_size", \.sharedMemory, none: "64m", show: Shown.bytes)
    comparing.field("devices", \.devices)
    comparing.field("device_cgroup_rules", \.deviceRules)
    comparing.field("init", \.runsInit)
    comparing.add(healthcheckDifferences(to: wanted))
    comparing.field("restart", \.restart, live: true)
    comparing.add(restartTiming.differences(to: wanted.restartTiming))
    comparing.optional("stop_signal", \.stopSignal, live: true, none: own)
    comparing.field("stop_grace_period", \.stopGracePeriod, live: true)
    comparing.add(logging.differences(to: wanted.logging))
    comparing.field("post_start", \.postStart, live: true, show: Self.words)
    comparing.field("pre_stop", \.preStop, live: true, show: Self.words)
    comparing.optional("platform", \.platform, none: "any")
    return comparing.found
  }

  /// Hooks that differ may have the same command.
  private static func words(_ hooks: [Hook]) -> String {
    let texts = hooks.map { hook in
      let more = [
        hook.user.map { "user \($0)" }, hook.isPrivileged ? "privileged" : nil,
        hook.workingDirectory.map { "in \($0)" },
        hook.environment.isEmpty ? nil : "with \(hook.environment.keys.sorted().joined(separator: ", "))",
      ].compactMap { $0 }
      return more.isEmpty ? hook.description : "\(hook) (\(more.joined(separator: ", ")))"
    }
    return texts.isEmpty ? "none" : texts.joined(separator: "; ")
  }

  private func networkDifferences(to wanted: ContainerTemplate) -> [Difference] {
    if networks == wanted.networks { return [] }
    var found: [Difference] = []
    for key in Set(networks.keys).union(wanted.networks.keys).sorted() {
      guard let old = networks[key], let new = wanted.networks[key] else {
        let (before, after) = networks[key] == nil ? ("none", "attached") : ("attached", "none")
        found.append(Difference(path: "networks.\(key)", old: before, new: after))
        continue
      }
      var comparing = Comparing(old, new)
      comparing.field("networks.\(key).aliases", \.aliases, live: true)
      comparing.optional("networks.\(key).ipv4_address", \.address)
      comparing.optional("networks.\(key).ipv6_address", \.address6)
      comparing.optional("networks.\(key).mac_address", \.hardwareAddress)
      comparing.optional("networks.\(key).interface_name", \.interface)
      comparing.field("networks.\(key).priority", \.priority)
      comparing.field("networks.\(key).gw_priority", \.gatewayPriority)
      found += comparing.found
    }
    return found
  }

  private func healthcheckDifferences(to wanted: ContainerTemplate) -> [Difference] {
    if healthcheck == wanted.healthcheck { return [] }
    guard let old = healthcheck, let new = wanted.healthcheck else {
      let text = { (check: Healthcheck?) in check == nil ? "the image's" : "given" }
      return [
        Difference(
          path: "healthcheck", old: text(healthcheck), new: text(wanted.healthcheck), isLive: true)
      ]
    }
    var comparing = Comparing(old, new)
    comparing.optional("healthcheck.test", \.test, live: true)
    comparing.field("healthcheck.interval", \.interval, live: true)
    comparing.field("healthcheck.timeout", \.timeout, live: true)
    comparing.field("healthcheck.retries", \.retries, live: true)
    comparing.field("healthcheck.start_period", \.startPeriod, live: true)
    comparing.field("healthcheck.start_interval", \.startInterval, live: true)
    comparing.field("healthcheck.disable", \.isDisabled, live: true)
    return comparing.found
  }
}

extension RestartTiming {
  fileprivate func differences(to wanted: RestartTiming) -> [Difference] {
    if self == wanted { return [] }
    let path = "deploy.restart_policy"
    var comparing = Comparing(self, wanted)
    comparing.optional("\(path).delay", \.delay, live: true)
    comparing.optional("\(path).max_attempts", \.maximum, live: true)
    comparing.optional("\(path).window", \.window, live: true)
    comparing.optional("x-replace-unhealthy", \.replacesUnhealthy, live: true, none: "by the restart policy")
    return comparing.found
  }
}

extension NetworkDefinition {
  /// The fields in which `wanted` differs from this. Who owns it is not one of them.
  public func differences(to wanted: NetworkDefinition) -> [Difference] {
    if self == wanted { return [] }
    var comparing = Comparing(self, wanted)
    comparing.field("internal", \.isInternal)
    comparing.optional("subnet", \.subnet, none: "any")
    comparing.optional("gateway", \.gateway, none: "any")
    comparing.optional("ip_range", \.range, none: "any")
    comparing.entries("aux_addresses", \.reserved)
    if let ipv6, let other = wanted.ipv6 {
      comparing.add(ipv6.differences(to: other))
    } else {
      comparing.field("enable_ipv6", \.ipv6) { "\($0 != nil)" }
    }
    comparing.optional("mtu", \.mtu, none: "1500")
    comparing.entries("labels", \.labels)
    return comparing.found
  }
}

extension IPv6Part {
  fileprivate func differences(to wanted: IPv6Part) -> [Difference] {
    var comparing = Comparing(self, wanted)
    comparing.optional("subnet", \.subnet, none: "any")
    comparing.optional("gateway", \.gateway, none: "any")
    comparing.optional("ip_range", \.range, none: "any")
    comparing.entries("aux_addresses", \.reserved)
    return comparing.found
  }
}

extension VolumeDefinition {
  /// The fields in which `wanted` differs from this. Who owns it is not one of them.
  public func differences(to wanted: VolumeDefinition) -> [Difference] {
    if self == wanted { return [] }
    var comparing = Comparing(self, wanted)
    comparing.optional("device", \.device, none: "the engine's own place")
    comparing.optional("driver_opts", \.fileSystem)
    comparing.entries("labels", \.labels)
    return comparing.found
  }
}
