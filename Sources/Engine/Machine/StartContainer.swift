internal import Containers
internal import Images
internal import Kernel
internal import Logging
internal import Networks
internal import Stacks

extension LocalMachine {
  /// Starts a container that does not run: cgroup, namespaces, links, and then its program. A failure
  /// is recorded, and the planner decides what follows from it.
  func start(_ instance: Instance) async throws(EngineError) {
    guard var record = records.record(instance) else {
      throw EngineError(.failed, "start \(instance): it has no record; it was removed meanwhile")
    }
    if case .running = state(of: record) { return }
    await settleLoss(of: record.id)
    let settled = ranLongEnough(record)
    record.recentStarts = settled ? 1 : record.recentStarts + 1
    record.lastStart = now
    record.stop = nil
    record.startFailure = nil
    do {
      let settings = try ProcessSettings(record.spec.template, image(record.image).defaults)
      let request = try request(for: record, settings)
      let prepared = try await runtime.prepare(request)
      do {
        try attach(record, prepared)
        let started = try await runtime.release(prepared)
        for warning in started.warnings { logger.warning("\(record.spec.name): \(warning)") }
        record.lastStart = started.startedAt
      } catch {
        await runtime.abandon(prepared)
        throw error
      }
      try records.save(record)
      watchHealth(of: record, settings)
    } catch {
      try? cgroups.remove(id: record.id)
      let code = (error as? RuntimeError)?.exitCode ?? 128
      record.startFailure = .init(at: now, message: "\(error)", code: code)
      try records.save(record)
      throw EngineError(.failed, "start \(record.spec.name): \(error)")
    }
  }

  /// Whether the last run lasted so long that what came before it no longer counts.
  private func ranLongEnough(_ record: ContainerRecord) -> Bool {
    guard case .exited(let exited) = state(of: record), exited.startFailure == nil else { return false }
    return exited.finishedAt - exited.startedAt >= RestartPolicy.settledAfter
  }

  /// Joins the prepared container to its networks: the links are made in its namespace, and it brings
  /// them up itself.
  private func attach(_ record: ContainerRecord, _ prepared: PreparedContainer) throws {
    if record.addresses.isEmpty { return }
    let namespace = NetworkNamespace(prepared.networkNamespace)
    let attachments = interfaces(of: record).map { network, address, interface in
      Attachment(
        container: record.id, network: network, address: address, interface: interface, namespace: namespace)
    }
    for outcome in networks.attach(attachments) { _ = try outcome.get() }
  }

  /// The container's links: `eth0` is on its first network by name, internal ones last, so that the
  /// default route leads out where one can.
  func interfaces(of record: ContainerRecord) -> [(String, IPv4Address, String)] {
    record.addresses.sorted { $0.key < $1.key }.enumerated().map { index, entry in
      (entry.key, entry.value, "eth\(index)")
    }
  }

  private func request(for record: ContainerRecord, _ settings: ProcessSettings) throws -> LaunchRequest {
    let template = record.spec.template
    let known = try image(record.image)
    let layers = snapshots.layers(of: record.id, over: known.layers)
    var request = LaunchRequest(
      id: record.id, arguments: settings.arguments,
      root: RootLayers(lower: layers.lower, upper: layers.upper, work: layers.work))
    request.environment = settings.environment
    request.workingDirectory = settings.workingDirectory
    request.user = settings.user.isEmpty ? nil : settings.user
    let hostname = template.hostname ?? record.id.short
    request.hostname = hostname
    request.hasReadOnlyRoot = template.security.hasReadOnlyRoot
    request.mounts = try mounts(of: record)

    var endpoints: [NetworkEndpoint] = []
    var servers: [IPv4Address] = []
    var hasRoute = false
    for (network, address, interface) in interfaces(of: record) {
      let endpoint = try networks.endpoint(network: network, address: address, interface: interface)
      let leadsOut = !endpoint.isInternal && !hasRoute
      endpoints.append(
        NetworkEndpoint(
          interface: interface, address: address, prefix: endpoint.prefix,
          gateway: leadsOut ? endpoint.gateway : nil))
      if leadsOut { hasRoute = true }
      servers.append(endpoint.gateway)
    }
    request.network = .isolated(endpoints)
    request.sysctls = sysctls(template)
    request.files = try nameFiles(record, hostname: hostname, servers: servers)
    if !template.naming.servers.isEmpty { networks.setServers(template.naming.servers, of: record.id) }
    request.contents = template.files.map {
      LaunchFile(target: $0.target, content: $0.content, owner: $0.owner, group: $0.group, mode: $0.mode)
    }

    request.isPrivileged = template.security.isPrivileged
    request.capabilities = try CapabilitySet.resolve(template.security)
    request.seccomp = try seccomp.filter(
      for: request.capabilities, template.security.filter, privileged: template.security.isPrivileged)
    request.forbidsNewPrivileges = template.security.forbidsNewPrivileges
    request.limits = try ResourceLimit.resolve(template.ulimits)
    request.hasTerminal = template.tty
    request.keepsStdin = template.stdinOpen
    request.runsInit = template.runsInit
    request.groups = template.groups
    request.oomScoreAdjustment = template.resources.oomScoreAdjustment
    request.sharedMemory = template.sharedMemory ?? request.sharedMemory
    request.log = template.logging
    let devices = try Devices(template)
    request.devices = devices.nodes
    request.cgroup = try cgroups.create(
      id: record.id, resources: template.resources, devices: devices.access)
    return request
  }

  /// The service's own, and its domain name.
  private func sysctls(_ template: ContainerTemplate) -> [String: String] {
    var sysctls: [String: String] = [:]
    if let domain = template.naming.domain { sysctls["kernel.domainname"] = domain }
    return sysctls.merging(template.sysctls) { $1 }
  }

  /// Where volumes and host paths are mounted, outer targets before inner ones.
  private func mounts(of record: ContainerRecord) throws -> [LaunchMount] {
    var mounts: [LaunchMount] = []
    let known = try image(record.image)
    func volume(_ name: String, at target: String, isReadOnly: Bool) throws {
      _ = try volumes.populate(name, fromLayers: known.layers, path: target)
      mounts.append(
        LaunchMount(.bind(try volumes.path(of: name)), target: target, isReadOnly: isReadOnly))
    }
    for mount in record.spec.template.mounts {
      switch mount.source {
      case .bind(let path, let createIfMissing):
        if createIfMissing { try Files.makeDirectories(path, mode: 0o755) }
        mounts.append(LaunchMount(.bind(path), target: mount.target, isReadOnly: mount.isReadOnly))
      case .volume(let key):
        try volume(record.spec.volumeName(key), at: mount.target, isReadOnly: mount.isReadOnly)
      case .anonymous: break
      case .tmpfs(let size, let mode):
        mounts.append(
          LaunchMount(
            .tmpfs(size: size, mode: mode ?? 0o1777), target: mount.target, isReadOnly: mount.isReadOnly))
      }
    }
    for (target, name) in record.anonymousVolumes {
      let isReadOnly = record.spec.template.mounts.first { $0.target == target }?.isReadOnly ?? false
      try volume(name, at: target, isReadOnly: isReadOnly)
    }
    return mounts.sorted { a, b in
      let depths = [a, b].map { $0.target.split(separator: "/").count }
      return depths[0] != depths[1] ? depths[0] < depths[1] : a.target < b.target
    }
  }

  /// Where the container's hosts, resolv.conf and hostname are; made anew at every start.
  func nameFolder(of id: ContainerID) -> String { execRoot + "/names/\(id)" }

  private func nameFiles(_ record: ContainerRecord, hostname: String, servers: [IPv4Address]) throws
    -> NetworkFiles
  {
    let folder = nameFolder(of: record.id)
    try Files.makeDirectories(folder)
    let files = NetworkFiles(
      hosts: folder + "/hosts", resolvConf: folder + "/resolv.conf", hostname: folder + "/hostname")
    let naming = record.spec.template.naming
    let hosts = NameFiles.hosts(
      hostname: hostname, addresses: Array(record.addresses.values), naming: naming,
      host: servers.first ?? .loopback)
    let resolver = NameFiles.resolver(servers: servers, naming: naming)
    try Files.replace(files.hosts!, with: hosts.utf8, mode: 0o644)
    try Files.replace(files.resolvConf!, with: resolver.utf8, mode: 0o644)
    try Files.replace(files.hostname!, with: (hostname + "\n").utf8, mode: 0o644)
    return files
  }
}
