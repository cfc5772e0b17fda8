internal import Containers
internal import EngineInterface
internal import Images
internal import Kernel
internal import Logging
internal import Networks
internal import Stacks

extension LocalMachine {
  /// Records a container with its addresses, host ports, volumes and writable layer. Where anything
  /// fails, nothing of it is left.
  func create(_ instance: Instance, _ spec: ContainerSpec, _ image: Digest) async throws(EngineError) {
    if records.record(instance) != nil { return }
    let known = try self.image(image)
    let mounted = try mountedImages(of: spec)
    let settings = try ProcessSettings(spec.template, known.defaults)
    try check(spec)
    if let wanted = spec.template.platform, !Platform.matches(wanted, known.platform) {
      throw EngineError(
        .invalid,
        "create \(spec.name): the stack file asks for the platform \(wanted), and the image \(spec.template.image) is for \(known.platform); import one for it, or remove 'platform'"
      )
    }
    let id = ContainerID.random()
    do {
      var record = ContainerRecord(
        id: id, instance: instance, spec: spec, image: image, createdAt: now, addresses: [:], addresses6: [:],
        ports: [],
        anonymousVolumes: [:], mountedImages: mounted)
      for (key, attachment) in spec.template.networks.sorted(by: { $0.key < $1.key }) {
        let name = spec.networkName(key)
        record.addresses[name] = try networks.allocate(
          network: name, container: id, fixed: attachment.address)
        record.addresses6?[name] = try networks.allocate6(
          network: name, container: id, fixed: attachment.address6)
      }
      record.ports = try reserve(spec, id, hasIPv6: record.hasIPv6)
      _ = try snapshots.create(id, over: known.layers)
      let anonymous = spec.template.mounts.filter { $0.source == .anonymous }.map(\.target)
      for path in Set(anonymous + settings.imageVolumes).sorted() {
        let heir = VolumeHeir(slot: instance.slot, path: path)
        let labels = spec.template.mounts.first { $0.target == path }?.labels ?? [:]
        record.anonymousVolumes[path] =
          try volumes.inherit(heir, by: id) ?? volumes.createAnonymous(for: id, labels: labels, now: now)
      }
      try records.save(record)
    } catch {
      // What cannot be taken back is swept at the next start.
      do { try await discard(id) } catch { logger.warning("clean up after a failed creation: \(error)") }
      throw EngineError(.failed, "create \(spec.name): \(error)")
    }
  }

  /// What the images that the spec's mounts show stand for.
  private func mountedImages(of spec: ContainerSpec) throws(EngineError) -> [ImageReference: Digest] {
    var found: [ImageReference: Digest] = [:]
    do throws(ImageError) {
      for image in spec.template.mountedImages { found[image] = try images.resolve(image) }
    } catch {
      throw EngineError(.failed, "create \(spec.name): \(error)")
    }
    if let missing = spec.template.mountedImages.first(where: { found[$0] == nil }) {
      throw EngineError(
        .notFound,
        "create \(spec.name): the image \(missing) is not stored; import it with `cairn image import ROOTFS.tar \(missing)`"
      )
    }
    return found
  }

  /// Reserves the host ports of a container; `chosen` are those that it already has.
  func reserve(
    _ spec: ContainerSpec, _ id: ContainerID, hasIPv6: Bool, chosen: [PortMapping] = []
  ) throws(NetworkError) -> [PortMapping] {
    var reserved: [PortMapping] = []
    for mapping in spec.template.ports {
      let before = chosen.first {
        $0.containerPort == mapping.containerPort && $0.transport == mapping.transport
          && $0.hostText == mapping.hostText
      }
      reserved.append(
        try ports.reserve(
          mapping, stack: spec.slot.stack, service: spec.slot.service, container: id, hasIPv6: hasIPv6,
          chosen: before?.hostPort))
    }
    return reserved
  }

  /// Finds out now what would otherwise fail at the start: limits that the machine has no controller
  /// for, capabilities and resource limits that it cannot give.
  private func check(_ spec: ContainerSpec) throws(EngineError) {
    do {
      let capabilities = try CapabilitySet.resolve(spec.template.security)
      _ = try seccomp.filter(
        for: capabilities, spec.template.security.filter, privileged: spec.template.security.isPrivileged)
      _ = try ResourceLimit.resolve(spec.template.ulimits)
      _ = try Devices(spec.template)
      if spec.template.sharing.network != .own, !spec.template.ports.isEmpty {
        throw EngineError(
          .invalid, "network_mode: \(spec.template.sharing.network) has no ports to publish; remove 'ports'")
      }
      try cgroups.below(spec.template.resources.cgroupParent).check(spec.template.resources)
      for (name, value) in spec.template.sysctls {
        if let problem = Sysctl.problem(name, value) {
          throw EngineError(.invalid, "sysctl '\(name)': \(problem)")
        }
      }
      let size = spec.template.files.reduce(0) { $0 + $1.content.bytes.count }
      guard size <= LocalMachine.mostFileContent else {
        throw EngineError(
          .invalid,
          "configs and secrets have \(size) bytes together, and at most \(LocalMachine.mostFileContent) are kept; mount what is large with 'volumes'"
        )
      }
    } catch {
      throw EngineError(.invalid, "create \(spec.name): \(error)")
    }
  }

  /// Configs and secrets are kept in the container's record, and in memory while it runs.
  static let mostFileContent = 8 << 20

  func createNetwork(_ key: String, _ definition: NetworkDefinition, stack: String) throws(EngineError) {
    do throws(NetworkError) {
      let isMended = try networks.observe().contains { $0.name == definition.name && !$0.isUp }
      try networks.create(name: definition.name, definition: definition, stack: stack, key: key)
      // Containers of other stacks may have lost their links to it.
      if isMended { tellAll() }
    } catch {
      throw EngineError(.failed, "\(error)")
    }
  }

  func createVolume(_ definition: VolumeDefinition, stack: String) throws(EngineError) {
    do throws(ImageError) {
      try volumes.create(definition, stack: stack, now: now)
    } catch .volumeExists {
    } catch {
      throw EngineError(.failed, "\(error)")
    }
  }
}
