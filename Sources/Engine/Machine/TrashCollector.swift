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
  private let work: LastWork
  private let logger: Logger

  init(
    _ snapshots: Snapshots, _ volumes: VolumeStore, _ roots: HeldRoots, after work: LastWork, _ logger: Logger
  ) {
    self.snapshots = snapshots
    self.volumes = volumes
    self.roots = roots
    self.work = work
    self.logger = logger
    (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// There is something to delete.
  func ring() { bell.yield() }

  /// How long nothing else may have been done: who removes much has ended by then, and neither that nor what
  /// is begun next shares the disk and the processors with the deletion.
  private static let calm = Duration.milliseconds(500)
  /// Where there is no calm, the disk is not to fill either.
  private static let longest = Duration.seconds(10)

  /// Deletes a while after it was rung for, until the task is cancelled.
  func run() async {
    for await _ in rings {
      // Where the task is cancelled, the next engine deletes.
      do { try await work.rest(for: Self.calm, atMost: Self.longest) } catch { return }
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
