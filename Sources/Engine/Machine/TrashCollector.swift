internal import Images
internal import Kernel
internal import Logging

/// Deletes what removed containers and volumes left, beside the work that somebody waits for.
struct TrashCollector: Sendable {
  private let rings: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation
  private let snapshots: Snapshots
  private let volumes: VolumeStore
  private let roots: HeldRoots
  private let logger: Logger

  init(_ snapshots: Snapshots, _ volumes: VolumeStore, _ roots: HeldRoots, _ logger: Logger) {
    self.snapshots = snapshots
    self.volumes = volumes
    self.roots = roots
    self.logger = logger
    (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// There is something to delete.
  func ring() { bell.yield() }

  /// How long what was removed lies untouched: who removes much has ended by then, and does not share
  /// the disk and the processors with its deletion.
  private static let rest = Duration.milliseconds(500)

  /// Deletes a while after it was rung for, until the task is cancelled.
  func run() async {
    for await _ in rings {
      // Where the task is cancelled, the next engine deletes.
      do { try await Task.sleep(for: Self.rest) } catch { return }
      do throws(ImageError) {
        try snapshots.sweep()
        try volumes.sweep()
      } catch {
        logger.warning("\(error)")
      }
      // After the deletion: what was deleted is not written to the disk first. The last one to close a file
      // unmounts.
      let roots = roots
      await DedicatedThread.run { _ = roots.takeFreed() }
    }
  }
}
