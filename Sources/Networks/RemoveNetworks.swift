import Kernel
import Synchronization

extension HostNetworks {
  /// Removes networks with every link on them, in one message each, and their records. Those that
  /// are not there are no error. Containers that still are on them are cut off.
  public func remove(_ names: [String]) throws(NetworkError) {
    try state.withLock { (state) throws(NetworkError) in
      let records = names.compactMap { state.records[$0] }
      if records.isEmpty { return }
      let removal = try trying("remove networks") { () throws(SystemError) in
        try LinkRemoval(
          of: Set(records.map(\.bridge)), by: records.map { LinkMessage.deleteGroup($0.group) })
      }
      // The rules wait for the kernel too, as long as the links do. Where a container may still be on one of
      // the networks they stay until it is cut off.
      let before = state.records
      let isEmpty = records.allSatisfy { state.pools[$0.name]?.holders.isEmpty == true }
      if isEmpty {
        for record in records { state.records[record.name] = nil }
        do throws(NetworkError) { try settle(&state) } catch {
          state.records = before
          throw error
        }
      }
      var failure: NetworkError?
      do throws(NetworkError) {
        let outcomes = try trying("remove networks") { () throws(SystemError) in try removal.wait() }
        for (record, outcome) in zip(records, outcomes) {
          // ENODEV: no link of the group is left, as after a reboot.
          if let outcome, !outcome.isNoDevice {
            throw .system("remove the network \(record.name)", outcome)
          }
          try forget(record, &state)
        }
      } catch {
        failure = error
        // Those that were not forgotten are still there, whatever is left of them: it is tried again.
        for record in records where store.has(record) { state.records[record.name] = record }
      }
      if failure != nil || !isEmpty { try settle(&state) }
      if let failure { throw failure }
    }
  }

  public func remove(_ name: String) throws(NetworkError) { try remove([name]) }

  /// Forgets a network whose links are gone.
  private func forget(_ record: NetworkRecord, _ state: inout State) throws(NetworkError) {
    nameServer.stopServing(record.name)
    nameServer.changeMembers { $0.remove(network: record.name) }
    try store.remove(record)
    state.records[record.name] = nil
    state.pools[record.name] = nil
    state.pools6[record.name] = nil
  }
}
