internal import Containers
internal import EngineInterface
internal import Logging
internal import Stacks

extension LocalMachine {
  /// Opens the session that somebody waits for, before the container's program begins.
  func attachEarly(_ record: ContainerRecord) throws(RuntimeError) {
    let slot = record.instance.slot
    guard record.spec.oneOffOf != nil, let givesInput = attachments.expectation(slot) else { return }
    attachments.keep(try runtime.attach(record.id, givesInput: givesInput), for: slot)
    // Unstructured, because it outlives the start: whoever asked may have gone, and a session that nobody
    // reads holds the container up.
    Task { [attachments] in
      try? await Task.sleep(for: .seconds(10))
      attachments.forget(slot.stack, slot.service)
    }
  }

  /// A session with a container that runs. The one that was opened before its program began is given once.
  func attach(_ id: ContainerID, givesInput: Bool) throws(EngineError) -> AttachedSession {
    guard let record = records.record(id) else {
      throw EngineError(.notFound, "No such container: \(id.short)")
    }
    if let session = attachments.take(record.instance.slot) { return AttachedSession(self, id, session) }
    do throws(RuntimeError) {
      return AttachedSession(self, id, try runtime.attach(id, givesInput: givesInput))
    } catch {
      throw EngineError(.conflict, "attach to \(record.spec.name): \(error)")
    }
  }

  func resize(_ id: ContainerID, rows: UInt16, columns: UInt16) async throws(EngineError) {
    do throws(RuntimeError) {
      try await runtime.attach(id, givesInput: false).resize(TerminalSize(rows: rows, columns: columns))
    } catch {
      throw EngineError(.conflict, "resize the terminal of \(id.short): \(error)")
    }
  }
}

/// A session with a container's own process, as the interface has it.
struct AttachedSession: ExecSession {
  private let machine: LocalMachine
  private let id: ContainerID
  private let session: AttachSession

  init(_ machine: LocalMachine, _ id: ContainerID, _ session: AttachSession) {
    self.machine = machine
    self.id = id
    self.session = session
  }

  var output: AsyncStream<OutputChunk> { AsyncStream { [session] in OutputChunk(try? await session.next()) } }

  func write(_ bytes: [UInt8]) async throws(EngineError) {
    do throws(RuntimeError) { try await session.send(bytes) } catch {
      throw EngineError(.conflict, "\(error)")
    }
  }

  // A container that has ended has no input to close, and no terminal.
  func closeInput() async { try? await session.closeStdin() }

  func resize(rows: UInt16, columns: UInt16) async {
    try? await session.resize(TerminalSize(rows: rows, columns: columns))
  }

  func wait() async -> Int32 { (try? await machine.wait(id)) ?? 137 }
}
