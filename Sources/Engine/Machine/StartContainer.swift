internal import Containers
internal import EngineInterface
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
    var ended = observed(record)
    if case .running = ended.state { return }
    roots.letGo(record.id)
    if ended.state != .created {
      await settleLoss(of: record.id)
      endStragglers(of: record)
      ended = observed(record)
    }
    record.run = RunRecord(
      recentStarts: ended.recentStartsWhenStarted, lastStart: now, firstRun: ended.firstRunWhenStarted)
    do {
      let settings = try ProcessSettings(record.spec.template, image(record.image).defaults)
      let request = try request(for: record, settings)
      let prepared = try await runtime.prepare(request)
      do {
        try attach(record, prepared)
        try attachEarly(record)
        let started = try await runtime.release(prepared)
        for warning in started.warnings { logger.warning("\(record.spec.name): \(warning)") }
        record.run.lastStart = started.startedAt
      } catch {
        await runtime.abandon(prepared)
        throw error
      }
      try records.save(record.run, of: record.id)
      watchHealth(of: record, settings)
    } catch {
      try? cgroups(of: record.id).remove(id: record.id)
      let code = (error as? RuntimeError)?.exitCode ?? 128
      record.run.startFailure = .init(at: now, message: "\(error)", code: code)
      try records.save(record.run, of: record.id)
      throw EngineError(.failed, "start \(record.spec.name): \(error)")
    }
    try await run(record.spec.template.postStart, "post_start", in: record)
  }

  /// Joins the prepared container to its networks: the links are made in its namespace, and it brings
  /// them up itself.
  private func attach(_ record: ContainerRecord, _ prepared: PreparedContainer) throws {
    if record.addresses.isEmpty { return }
    let namespace = NetworkNamespace(prepared.networkNamespace)
    let attachments = Interface.all(of: record).map {
      Attachment(
        container: record.id, network: $0.network, address: $0.address, address6: $0.address6,
        interface: $0.name,
        namespace: namespace, hardwareAddress: $0.hardwareAddress)
    }
    for outcome in networks.attach(attachments) { _ = try outcome.get() }
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
    request.hasReadOnlyRoot = template.security.hasReadOnlyRoot
    request.mounts = try mounts(of: record)

    let place = try place(of: record)
    request.network = place.network
    request.sharing = place.sharing
    request.hostname = place.hostname
    request.sysctls = sysctls(template)
    request.files = try nameFiles(record, place)
    if !template.naming.servers.isEmpty { networks.setServers(template.naming.servers, of: record.id) }
    if !template.naming.links.isEmpty { networks.setLinks(template.naming.links, of: record.id) }
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
    request.cgroup = try cgroups(of: record.id).create(
      id: record.id, resources: template.resources, devices: devices.access)
    return request
  }

  /// The service's own, and its domain name.
  private func sysctls(_ template: ContainerTemplate) -> [String: String] {
    var sysctls: [String: String] = [:]
    if let domain = template.naming.domain, template.sharing.hostName == .own {
      sysctls["kernel.domainname"] = domain
    }
    return sysctls.merging(template.sysctls) { $1 }
  }
}
