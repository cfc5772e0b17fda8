internal import Containers
internal import Kernel
internal import Logging
internal import Networks
internal import Stacks

extension LocalMachine {
  /// Gives a container that runs back the links that it has lost.
  func mendLinks(of record: ContainerRecord) throws {
    if record.addresses.isEmpty { return }
    let view = try networks.look()
    for (interface, endpoint) in zip(Interface.all(of: record), try endpoints(of: record).0) {
      let network = interface.network
      if view.isAttached(record.id, to: network) { continue }
      // One that has ended meanwhile needs no link.
      guard let namespace = try runtime.networkNamespace(of: record.id) else { return }
      try networks.reattach(
        Attachment(
          container: record.id, network: network, address: interface.address,
          address6: interface.address6, interface: interface.name,
          namespace: namespace, hardwareAddress: interface.hardwareAddress),
        leadsOut: endpoint.gateway != nil, leadsOut6: endpoint.ipv6?.gateway != nil)
      logger.notice("\(record.spec.name) has its link to the network \(network) again")
    }
  }

  /// Wakes up whom it concerns when somebody else has taken links, bridges, addresses or rules away;
  /// until the task is cancelled.
  func watchNetworks() async {
    while !Task.isCancelled {
      do throws(NetworkError) {
        let damage = try await networks.damage()
        if damage.networks {
          tellAll()
          continue
        }
        for record in records.all() where damage.mayConcern(record.id) {
          if case .running = status(of: record.id) { tell(record.id) }
        }
      } catch {
        if Task.isCancelled { return }
        logger.error("\(error); damage to networks is noticed late")
        return
      }
    }
  }
}
