internal import Stacks

extension Binder {
  /// nil where the service has no usable image.
  mutating func service(_ pair: Node.Pair) -> Service? {
    let node = pair.value
    guard let image = image(node) else { return nil }
    var template = ContainerTemplate(image: image)
    if node["command"] != nil { template.command = strings(node["command"]) }
    if node["entrypoint"] != nil { template.entrypoint = strings(node["entrypoint"]) }
    for entry in node["environment"]?.pairs ?? [] {
      if entry.key.contains("=") || entry.key.contains("\0") {
        findings.error(
          entry.keyAt, "\(quoted(entry.key)) cannot be the name of a variable", fix: "remove the '='")
      }
      template.environment.updateValue(entry.value.string, forKey: entry.key)
    }
    template.user = node["user"]?.string
    template.workingDirectory = workingDirectory(node["working_dir"])
    template.hostname = hostname(node["hostname"])
    template.containerName = node["container_name"]?.string
    template.labels = texts(node["labels"])
    template.annotations = texts(node["annotations"])
    template.tty = node["tty"]?.bool ?? false
    template.stdinOpen = node["stdin_open"]?.bool ?? false
    template.runsInit = node["init"]?.bool ?? false
    template.stopSignal = node["stop_signal"].flatMap { signal($0) }
    template.stopGracePeriod = span(node["stop_grace_period"]) ?? .seconds(10)

    template.networks = attachments(node)
    template.ports = ports(node["ports"])
    template.mounts = mounts(node)
    template.volumesFrom = volumesFrom(node["volumes_from"])
    template.files = files(node)
    template.naming = naming(node)
    template.sharing = sharing(node)
    template.resources = resources(node)
    limits(node, into: &template.resources)
    template.ulimits = ulimits(node["ulimits"])
    template.security = security(node)
    template.groups = strings(node["group_add"])
    template.sysctls = sysctls(node["sysctls"])
    template.sharedMemory = node["shm_size"]?.string.flatMap { UInt64($0) }.flatMap { $0 == 0 ? nil : $0 }
    template.devices = devices(node["devices"])
    template.deviceRules = deviceRules(node["device_cgroup_rules"])
    template.logging = logging(node["logging"])
    template.postStart = hooks(node["post_start"])
    template.preStop = hooks(node["pre_stop"])
    template.platform = platform(node["platform"])
    template.healthcheck = node["healthcheck"].map { healthcheck($0) }
    template.restart = restart(node)
    template.restartTiming = restartTiming(node, template.restart)

    let count = replicas(node)
    place(node["deploy"]?["placement"], replicas: count)
    var service = Service(
      replicas: Int(count), template: template, dependencies: dependencies(node["depends_on"]),
      profiles: strings(node["profiles"]), isAttached: node["attach"]?.bool ?? true,
      update: updatePolicy(node["deploy"]?["update_config"]),
      rollback: rollbackPolicy(node["deploy"]?["rollback_config"]),
      reconciliation: reconciliation(node["x-reconcile"]) ?? reconciliation)
    if let policy = autoscale(node) {
      service.autoscale = policy
      service.replicas = min(max(service.replicas, policy.minimum), policy.maximum)
    }
    return service
  }

  /// There is one machine, so that a global service has one container.
  private mutating func replicas(_ node: Node) -> Int64 {
    let wanted = node["scale"] ?? node["deploy"]?["replicas"]
    if let mode = node["deploy"]?["mode"]?.string, mode.hasPrefix("global"), let wanted, wanted.int != 1 {
      findings.error(
        wanted.at, "a service with 'mode: \(mode)' has one container on each machine",
        fix: "remove the number, or write 'mode: \(mode.replacing("global", with: "replicated"))'")
    }
    return wanted?.int ?? 1
  }

  private mutating func image(_ node: Node) -> ImageReference? {
    // What has none is reported by `Consistency`, or is built, which is refused.
    guard let written = node["image"], let text = written.string else { return nil }
    return image(named: written, text)
  }

  /// nil where it cannot be the name of an image, which is reported.
  mutating func image(named written: Node, _ text: String) -> ImageReference? {
    // A registry's name, 255 letters of repository, a tag and a digest are less than that.
    guard text.utf8.count <= 1024 else {
      findings.error(written.at, "\(quoted(text)) is not the name of an image: it is too long")
      return nil
    }
    do throws(ValueError) {
      return try ImageReference(text)
    } catch {
      findings.error(written.at, "\(quoted(text)) is not the name of an image: \(error.reason)")
      return nil
    }
  }

  private mutating func workingDirectory(_ node: Node?) -> String? {
    guard let node, let path = node.string else { return nil }
    if !path.hasPrefix("/") {
      findings.error(
        node.at, "'working_dir' must be an absolute path, not \(quoted(path))", fix: "write '/\(path)'")
    }
    return path
  }

  private mutating func hostname(_ node: Node?) -> String? {
    guard let node, let name = node.string else { return nil }
    let isRight =
      name.utf8.count <= 63
      && name.utf8.allSatisfy { isAlphanumericByte($0) || ".-_".utf8.contains($0) } && name.first != "-"
    if !isRight {
      findings.error(
        node.at, "\(quoted(name)) cannot be a host name", fix: "use up to 63 letters, digits, '-' and '.'")
    }
    return name
  }

  /// Those on active services: the others are not required, or an error already.
  private func dependencies(_ node: Node?) -> [String: Dependency] {
    var dependencies: [String: Dependency] = [:]
    for pair in node?.pairs ?? [] where active.contains(pair.key) {
      dependencies[pair.key] = Dependency(
        condition: pair.value["condition"]?.string.flatMap(Dependency.Condition.init) ?? .started,
        restart: pair.value["restart"]?.bool ?? false, required: pair.value["required"]?.bool ?? true)
    }
    return dependencies
  }

  private mutating func healthcheck(_ node: Node) -> Healthcheck {
    var check = Healthcheck(test: nil)
    let words = strings(node["test"])
    switch words.first {
    case "NONE": check.isDisabled = true
    case "CMD": check.test = .exec(Array(words.dropFirst()))
    case "CMD-SHELL": check.test = .shell(words.count > 1 ? words[1] : "")
    default: break
    }
    if node["disable"]?.bool == true { check.isDisabled = true }
    // Zero stands for the default, as in the Docker Engine API.
    check.interval = period(node["interval"]) ?? check.interval
    check.timeout = period(node["timeout"]) ?? check.timeout
    check.startPeriod = period(node["start_period"]) ?? check.startPeriod
    check.startInterval = period(node["start_interval"]) ?? check.startInterval
    if let retries = node["retries"]?.int, retries > 0 { check.retries = Int(retries) }
    return check
  }

  private mutating func period(_ node: Node?) -> Span? {
    guard let node, let span = span(node), span != .zero else { return nil }
    if span < .milliseconds(1) {
      findings.error(node.at, "a health check's times must be at least 1ms, not \(span)")
    }
    return span
  }
}
