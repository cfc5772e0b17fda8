internal import Containers
internal import EngineInterface
internal import Kernel
internal import Networks
internal import Stacks

/// Where a container stands among others: its network, what it shares, and what it is called.
struct ContainerPlace {
  var network: LaunchNetwork
  var sharing = LaunchSharing()
  var hostname: String
  /// The addresses that are its own in /etc/hosts.
  var addresses: [IPv4Address] = []
  /// Its IPv6 addresses.
  var addresses6: [IPv6Address] = []
  /// Our name servers that it reaches.
  var servers: [IPv4Address] = []
  /// It sees the machine's network, and so has the machine's names.
  var isOnHost = false
}

extension LocalMachine {
  /// Finds out, at each start anew, where a container belongs. Throws where one whose namespaces it shares
  /// does not run.
  func place(of record: ContainerRecord) throws -> ContainerPlace {
    let wanted = record.spec.template.sharing
    let ownName = record.spec.template.hostname
    var place: ContainerPlace
    switch wanted.network {
    case .own:
      let (endpoints, servers) = try endpoints(of: record)
      place = ContainerPlace(
        network: .isolated(endpoints), hostname: ownName ?? record.id.short,
        addresses: endpoints.map(\.address), addresses6: endpoints.compactMap { $0.ipv6?.address },
        servers: servers)
    case .host:
      place = ContainerPlace(network: .host, hostname: ownName ?? machineName, isOnHost: true)
    case .service, .container:
      let other = try other(wanted.network, for: record, as: "network_mode")
      let its = try self.place(of: other)
      place = ContainerPlace(
        network: .shared(try runtime.namespace("net", of: other.id)), hostname: ownName ?? its.hostname,
        addresses: its.addresses, addresses6: its.addresses6, servers: its.servers, isOnHost: its.isOnHost)
    }
    func source(_ wanted: Sharing.Source, _ key: String, _ namespace: String) throws -> LaunchSharing.Source {
      switch wanted {
      case .own: .own
      case .host: .host
      case .service, .container:
        .of(try runtime.namespace(namespace, of: other(wanted, for: record, as: key).id))
      }
    }
    place.sharing.ipc = try source(wanted.ipc, "ipc", "ipc")
    if case .of = place.sharing.ipc {
      place.sharing.sharedMemoryOf = try runtime.namespace(
        "mnt", of: other(wanted.ipc, for: record, as: "ipc").id)
    }
    place.sharing.processes = try source(wanted.processes, "pid", "pid")
    place.sharing.hostName = try source(wanted.hostName, "uts", "uts")
    place.sharing.seesAllCgroups = wanted.cgroup == .host
    switch wanted.hostName {
    case .own: break
    case .host: place.hostname = machineName
    case .service, .container:
      place.hostname = try self.place(of: other(wanted.hostName, for: record, as: "uts")).hostname
    }
    return place
  }

  /// The running container whose namespace is shared: of a service the one with the same number, or the one
  /// with the lowest.
  func other(
    _ source: Sharing.Source, for record: ContainerRecord, as key: String, isRunning: Bool = true
  ) throws -> ContainerRecord {
    let slot = record.instance.slot
    let candidates = records.all().filter { candidate in
      switch source {
      case .own, .host: false
      case .service(let name):
        candidate.instance.slot.stack == slot.stack && candidate.instance.slot.service == name
      case .container(let name): candidate.spec.name == name
      }
    }.filter { candidate in
      if candidate.id == record.id { return false }
      if case .running = status(of: candidate.id) { return true }
      return !isRunning
    }
    let sorted = candidates.sorted { ($0.instance, $0.id) < ($1.instance, $1.id) }
    guard let found = sorted.first(where: { $0.instance.slot.number == slot.number }) ?? sorted.first else {
      throw EngineError(
        .failed,
        "\(key): \(source): there is no such container\(isRunning ? " that runs; start it" : "; make it") first"
      )
    }
    return found
  }

  private var machineName: String {
    let text = (try? Files.readText("/proc/sys/kernel/hostname")) ?? ""
    return text.split(separator: "\n").first.map(String.init) ?? "localhost"
  }

  /// The container's links, and our name servers on their networks: those with a way out first.
  func endpoints(of record: ContainerRecord) throws -> ([NetworkEndpoint], [IPv4Address]) {
    let interfaces = Interface.all(of: record)
    let found = try interfaces.map {
      try networks.endpoint(
        network: $0.network, address: $0.address, address6: $0.address6, interface: $0.name)
    }
    let open = zip(interfaces, found).filter { !$0.1.isInternal }
    // Of equal ones the first.
    let way = open.max { $0.0.gatewayPriority < $1.0.gatewayPriority }?.0.gatewayPriority
    let exit = open.first { $0.0.gatewayPriority == way }?.0.name
    // The IPv6 default route is on the first of those that has IPv6, by the same order.
    let open6 = open.filter { $0.1.ipv6 != nil }
    let way6 = open6.max { $0.0.gatewayPriority < $1.0.gatewayPriority }?.0.gatewayPriority
    let exit6 = open6.first { $0.0.gatewayPriority == way6 }?.0.name
    let endpoints = zip(interfaces, found).map { interface, endpoint in
      NetworkEndpoint(
        interface: interface.name, address: interface.address, prefix: endpoint.prefix,
        gateway: interface.name == exit ? endpoint.gateway : nil,
        ipv6: endpoint.ipv6.map {
          .init(
            address: $0.address, prefix: $0.prefix, gateway: interface.name == exit6 ? $0.gateway : nil)
        })
    }
    return (endpoints, Endpoint.nameServers(of: found))
  }

  /// Where the container's hosts, resolv.conf and hostname are; made anew at every start.
  func nameFolder(of id: ContainerID) -> String { execRoot + "/names/\(id)" }

  func nameFiles(_ record: ContainerRecord, _ place: ContainerPlace) throws -> NetworkFiles {
    let folder = nameFolder(of: record.id)
    try Files.makeDirectories(folder)
    let naming = record.spec.template.naming
    let hosts: String
    let resolver: String
    if place.isOnHost {
      // What the machine says counts here too, then what the service says.
      hosts = ((try? HostFile.read("/etc/hosts")) ?? "") + NameFiles.lines(naming.hosts, host: .loopback)
      let itself = naming.servers.isEmpty ? try? HostFile.read("/etc/resolv.conf") : nil
      resolver = itself ?? NameFiles.resolver(servers: [], naming: naming)
    } else {
      hosts = NameFiles.hosts(
        hostname: place.hostname, addresses: place.addresses, addresses6: place.addresses6,
        naming: naming,
        host: place.servers.first ?? .loopback)
      resolver = NameFiles.resolver(servers: place.servers, naming: naming)
    }
    let files = [("/hosts", hosts), ("/resolv.conf", resolver), ("/hostname", place.hostname + "\n")]
    for (name, text) in files { try Files.write(folder + name, with: text.utf8, mode: 0o644) }
    return NetworkFiles(
      hosts: folder + "/hosts", resolvConf: folder + "/resolv.conf", hostname: folder + "/hostname")
  }
}
