extension Routing {
  /// The routing for the containers that run, of all `stacks`. Equal inputs in any order give an
  /// equal value.
  ///
  /// A service's name and ports lead to those of its replicas that are ready: they run, and a check
  /// that they have passes. Where none is, they lead to all that run: a service whose every replica is
  /// unwell is reached rather than refused. A container's own name leads to it as long as it runs.
  /// `unrouted` are those that get no new connections whatever their state (`Plan.unrouted`).
  public static func make(from stacks: [ObservedState], without unrouted: Set<ContainerID> = []) -> Routing {
    let running = stacks.flatMap { $0.containers.values }.filter(\.isRunning).sorted {
      ($0.instance, $0.id) < ($1.instance, $1.id)
    }
    let serving = serving(running.filter { !unrouted.contains($0.id) })
    let internalNetworks = Set(
      stacks.flatMap { $0.networks.values }.filter(\.definition.isInternal).map(\.name))
    var routing = Routing()
    routing.addPorts(of: serving, internalNetworks)
    let servers = Set(serving.map(\.id))
    let servedSlots = Set(serving.map(\.instance.slot))
    for container in running {
      let serves = servers.contains(container.id)
      routing.addNames(
        of: container, shared: serves, own: serves || !servedSlots.contains(container.instance.slot))
    }
    for network in routing.names.keys {
      routing.names[network] = routing.names[network]?.mapValues { Set($0).sorted() }
    }
    for network in routing.names6.keys {
      routing.names6[network] = routing.names6[network]?.mapValues { Set($0).sorted() }
    }
    return routing
  }

  /// Those among `running` that get a service's connections.
  private static func serving(_ running: [ObservedContainer]) -> [ObservedContainer] {
    struct Name: Hashable { var stack, service: String }
    func name(_ container: ObservedContainer) -> Name {
      Name(stack: container.instance.slot.stack, service: container.instance.slot.service)
    }
    let ready = Set(running.filter(\.isReady).map(name))
    return running.filter { $0.isReady || !ready.contains(name($0)) }
  }

  /// Who comes first by stack and service has a port that two ask for.
  private mutating func addPorts(of running: [ObservedContainer], _ internalNetworks: Set<String>) {
    struct Listener: Hashable {
      var transport: PortMapping.Transport
      var address: String
      var port: UInt16
    }
    var published: [Listener: PublishedPort] = [:]
    var lost: Set<PortConflict> = []
    for container in running {
      guard let (network, address) = container.entry(internalNetworks) else { continue }
      let slot = container.instance.slot
      for mapping in container.ports.sorted() where mapping.hostPort != 0 {
        let listener = Listener(
          transport: mapping.transport, address: mapping.hostText, port: mapping.hostPort)
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
            address6: container.addresses6[network], port: mapping.containerPort))
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

  /// On each network where it has an address: its short ID; its own names where it is the one in its
  /// slot, which are the container's name and its host name; and the names that it shares with other
  /// replicas where it serves, which are the service's name and its aliases.
  private mutating func addNames(of container: ObservedContainer, shared: Bool, own: Bool) {
    let spec = container.spec
    var aliases: [String: [String]] = [:]
    for (key, attachment) in spec.template.networks {
      aliases[spec.networkName(key), default: []] += attachment.aliases
    }
    for (network, address) in container.addresses {
      var found = [container.id.short]
      if own { found += [spec.name] + (spec.template.hostname.map { [$0] } ?? []) }
      if shared { found += [spec.slot.service] + aliases[network, default: []] }
      for name in Set(found.map { $0.lowercased() }) {
        names[network, default: [:]][name, default: []].append(address)
        if let address = container.addresses6[network] {
          names6[network, default: [:]][name, default: []].append(address)
        }
      }
    }
  }
}

extension ObservedContainer {
  package var isRunning: Bool { if case .running = state { true } else { false } }

  /// Where published ports lead to: its first network by name, one that leads outside if there is one.
  fileprivate func entry(_ internalNetworks: Set<String>) -> (network: String, address: IPv4Address)? {
    let sorted = addresses.sorted { $0.key < $1.key }
    guard let entry = sorted.first(where: { !internalNetworks.contains($0.key) }) ?? sorted.first
    else { return nil }
    return (entry.key, entry.value)
  }
}
