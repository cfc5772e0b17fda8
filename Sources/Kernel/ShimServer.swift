internal import Glibc
internal import Synchronization

/// Where shims come from: a small process that forks one for each plan. It is started with the first, and
/// again where it was killed; it ends when this does. Shims outlive it.
public final class ShimServer: Sendable {
  private let program: Descriptor
  private let running = Mutex<Server?>(nil)

  private struct Server {
    var process: SpawnedProcess
    var requests: PacketSocket
  }

  /// `program` is `cairn-shim`, open.
  public init(_ program: Descriptor) { self.program = program }

  /// Has a shim started for a plan. `streams` are its standard streams. Returns our end of the socket over
  /// which it reports; its end is the shim's, or of one that never came to be.
  public func start(_ plan: LaunchPlan, streams: [Descriptor], on poller: Poller) async throws(SystemError)
    -> PacketSocket
  {
    precondition(streams.count == 3)
    let file = try MemFD.sealed("cairn-plan", plan.bytes)
    let (ours, theirs) = try PacketSocket.pair()
    let descriptors = streams + [file, theirs.descriptor] + plan.descriptors
    guard descriptors.count <= PacketSocket.mostDescriptors else {
      throw SystemError("start", on: "cairn-shim with \(descriptors.count) descriptors", code: E2BIG)
    }
    let request = [UInt8(descriptors.count)]
    let server = try server(poller)
    do throws(SystemError) {
      try await server.requests.send(request, descriptors, on: poller)
    } catch {
      guard error.isBrokenPipe else { throw error }
      try await self.server(poller, insteadOf: server.process).requests.send(request, descriptors, on: poller)
    }
    return ours
  }

  /// The one that runs; another than the one that was found to have ended.
  private func server(_ poller: Poller, insteadOf ended: SpawnedProcess? = nil) throws(SystemError) -> Server
  {
    try running.withLock { running throws(SystemError) in
      if let running, running.process.process != ended?.process { return running }
      let (ours, theirs) = try PacketSocket.pair()
      let null = try Spawn.null()
      let process = try Spawn.program(
        program, arguments: ["cairn-shim"], descriptors: [null, null, null, theirs.descriptor])
      poller.whenReady(process.handle.descriptor) { _ in _ = try? process.handle.reap() }
      let server = Server(process: process, requests: ours)
      running = server
      return server
    }
  }

  /// The server that runs, or did; nil: no shim was asked for yet.
  var process: Int32? { running.withLock { $0?.process.process } }
}
