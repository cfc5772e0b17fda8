internal import Kernel
internal import Synchronization

/// Loaded device programs: nearly all containers share one, and loading takes longer than all else
/// that a version 2 group needs.
final class DevicePrograms: Sendable {
  /// Beyond this many different rules, which is much for one machine, all are loaded anew.
  private static let most = 32
  private let loaded = Mutex<[DeviceAccess: Descriptor]>([:])

  func program(for access: DeviceAccess) throws(SystemError) -> Descriptor {
    if let ready = loaded.withLock({ $0[access] }) { return ready }
    let fresh = try BPF.loadDeviceProgram(DeviceProgram.instructions(for: access).map(\.encoded))
    loaded.withLock { programs in
      if programs.count >= Self.most { programs.removeAll() }
      programs[access] = fresh
    }
    return fresh
  }
}
