extension Routing {
  /// The routing for the containers that run, of all `stacks`. Equal inputs in any order give an
  /// equal value.
  ///
  /// A container that runs is routed to whatever its health check says, as Docker does: a service
  /// whose every replica is unwell is reached rather than refused.
  public static func make(from stacks: [ObservedState]) -> Routing {
    let running = stacks.flatMap { $0.containers.values }.filter(\.isRunning).sorted {
      ($0.instance, $0.id) < ($1.instance, $1.id)
    }
    let internalNetworks = Set(
      stacks.flatMap { $0.networks.values }.filter(\.definition.isInternal).map(\.name))
    var routing = Routing()
    routing.addPorts(of: running, internalNetworks)
    for container in running { routing.addNames(of: container) }
    for network in routing.names.keys {
      routing.names[network] = routing.names[network]?.mapValues { Set($0).sorted() }
    }
    return routing
  }

  /// Who comes first by stack and service has a port that two ask for.
  private mutating func addPorts(of running: [ObservedContainer], _ internalNetworks: Set<String>) {
    struct Listener: Hashable {
      var transport: PortMapping.Transport
      var address: IPv4Address
      var port: UInt16
    }
    var published: [Listener: PublishedPort] = [:]
    var lost: Set<PortConflict> = []
    for container in running {
      guard let (network, address) = container.entry(internalNetworks) else { continue }
      let slot = container.instance.slot
      for mapping in container.ports.sorted() where mapping.hostPort != 0 {
        let listener = Listener(
          transport: mapping.transport, address: mapping.hostAddress, port: mapping.hostPort)
        var port =
          published[listener]
          ?? PublishedPort(stack: slot.stack, service: slot.service, mapping: mapping, backends: [])
        guard port.stack == slot.stack, port.service == slot.service, port.mapping == mapping else {
          lost.insert(
            PortConflict(
              mapping: mapping, loser: "\(slot.stack)/\(slot.service)",
              holder: "\(port.stack)/\(port.service)"))
          continue
        }
        port.backends.append(
          Backend(
            container: container.id, network: network, address: address,
            port: mapping.containerPort))
        published[listener] = port
      }
    }
    ports = published.values.map { port in
      var sorted = port
      sorted.backends.sort { ($0.address, $0.container) < ($1.address, $1.container) }
      return sorted
    }
    ports.sort { $0.mapping < $1.mapping }
    conflicts = lost.sorted { ($0.mapping, $0.loser) < ($1.mapping, $1.loser) }
  }

  /// The service's name, the container's name, its host name, its short ID and its aliases, on each
  /// network where it has an address.
  private mutating func addNames(of container: ObservedContainer) {
    let spec = container.spec
    var aliases: [String: [String]] = [:]
    for (key, attachment) in spec.template.networks {
      aliases[spec.networkName(key), default: []] += attachment.aliases
    }
    for (network, address) in container.addresses {
      var own = [spec.slot.service, spec.name, container.id.short] + aliases[network, default: []]
      if let hostname = spec.template.hostname { own.append(hostname) }
      for name in Set(own.map { $0.lowercased() }) {
        names[network, default: [:]][name, default: []].append(address)
      }
    }
  }
}

extension ObservedContainer {
  var isRunning: Bool { if case .running = state { true } else { false } }

  /// Where published ports lead to: its first network by name, one that leads outside if there is one.
  fileprivate func entry(_ internalNetworks: Set<String>) -> (network: String, address: IPv4Address)? {
    let sorted = addresses.sorted { $0.key < $1.key }
    guard let entry = sorted.first(where: { !internalNetworks.contains($0.key) }) ?? sorted.first
    else { return nil }
    return (entry.key, entry.value)
  }
}
