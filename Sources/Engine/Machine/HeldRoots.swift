internal import Kernel
internal import Stacks
internal import Synchronization

/// Keeps the root file systems of containers that are being removed mounted until nobody waits.
///
/// With the last process of a container its overlay is unmounted, and the kernel first writes everything on
/// the file system below to the disk (ovl_sync_fs, Linux 5.10 to 6.18; only the option `volatile`, with which
/// fsync does nothing in the container either, spares it). Until then the process counts as alive: a hundred
/// that end together wait for the disk a hundred times, for files that are deleted next. Whoever has a file
/// open holds the mount. Where the engine dies, the kernel closes the file.
final class HeldRoots: Sendable {
  private let roots = Mutex(Roots())

  private struct Roots {
    var held: [ContainerID: Descriptor] = [:]
    /// Of containers that are gone.
    var freed: [Descriptor] = []
  }

  /// Holds the root of a container whose process 1 runs. Where it has just ended there is nothing to hold.
  func hold(_ id: ContainerID, process: Int32) {
    if roots.withLock({ $0.held[id] != nil }) { return }
    guard let root = try? HostMount.root(of: process) else { return }
    roots.withLock { $0.held[id] = root }
  }

  /// The container is gone, and its root goes with `takeFreed`.
  func free(_ id: ContainerID) {
    roots.withLock { roots in
      if let root = roots.held.removeValue(forKey: id) { roots.freed.append(root) }
    }
  }

  /// The container stays: its root is unmounted now, unless it runs.
  func letGo(_ id: ContainerID) {
    let root = roots.withLock { $0.held.removeValue(forKey: id) }
    withExtendedLifetime(root) {}
  }

  /// The roots of containers that are gone. To let them go takes as long as the disk does.
  func takeFreed() -> [Descriptor] {
    roots.withLock { roots in
      defer { roots.freed = [] }
      return roots.freed
    }
  }
}
