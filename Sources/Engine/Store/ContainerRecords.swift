package import EngineInterface
internal import FoundationEssentials
internal import Kernel
package import Stacks
internal import Synchronization

/// The engine's records of containers: for each DATA-ROOT/containers/ID/record.json, and beside it
/// run.json about its last start, once it was started or stopped.
///
/// A directory without a record is what a crash left of a creation or a removal; it is swept away
/// when the engine starts. A record whose directory somebody else has removed is kept in memory until
/// the planner has had what is left of its container removed.
package final class ContainerRecords: Sendable {
  package let root: String
  private let content: Mutex<Content>
  private let texts = RecordText()

  private struct Content {
    var records: [ContainerID: ContainerRecord] = [:]
    /// Every step of a plan asks by the instance: a search among all would make a plan's cost grow with the
    /// square of its length.
    var ids: [Instance: ContainerID] = [:]

    mutating func put(_ record: ContainerRecord) {
      remove(record.id)
      records[record.id] = record
      ids[record.instance] = record.id
    }

    mutating func remove(_ id: ContainerID) {
      if let before = records.removeValue(forKey: id), ids[before.instance] == id {
        ids[before.instance] = nil
      }
    }
  }

  /// Reads every record below `root`, which is made where it is missing, and says which
  /// directories have none.
  package init(root: String) throws(EngineError) {
    self.root = root
    var found = Content()
    do {
      try Files.makeDirectories(root)
      for name in try Files.list(root) {
        guard let id = ContainerID(name) else { continue }
        let directory = root + "/" + name
        guard let text = try Self.read(directory + "/record.json"), var record = texts.read(text),
          record.id == id
        else { continue }
        if let text = try Self.read(directory + "/run.json") {
          record.run = (try? JSONDecoder().decode(RunRecord.self, from: Data(text))) ?? RunRecord()
        }
        found.put(record)
      }
    } catch {
      throw EngineError(.failed, "read the container records: \(error)")
    }
    content = Mutex(found)
  }

  /// The directories below the root that no record belongs to.
  package func unrecorded() -> [ContainerID] {
    let names = (try? Files.list(root)) ?? []
    return content.withLock { content in
      names.compactMap { ContainerID($0) }.filter { content.records[$0] == nil }
    }
  }

  package func directory(of id: ContainerID) -> String { root + "/" + id.description }

  package func all() -> [ContainerRecord] { content.withLock { Array($0.records.values) } }

  package func of(stack: String) -> [ContainerRecord] {
    all().filter { $0.instance.slot.stack == stack }
  }

  /// Whether the container's directory is still there.
  package func isWhole(_ id: ContainerID) -> Bool { Files.exists(directory(of: id)) }

  package func record(_ id: ContainerID) -> ContainerRecord? { content.withLock { $0.records[id] } }

  package func record(_ instance: Instance) -> ContainerRecord? {
    content.withLock { content in content.ids[instance].flatMap { content.records[$0] } }
  }

  /// Equal for containers that are made from equal templates.
  package func templateHash(of record: ContainerRecord) -> UInt64 { (try? texts.templateHash(record)) ?? 0 }

  /// Writes what the container is, and not what is known of its last start; its directory must be there.
  package func save(_ record: ContainerRecord) throws(EngineError) {
    try write("record.json", of: record) { try texts.write(record) }
    content.withLock { content in
      var record = record
      record.run = content.records[record.id]?.run ?? record.run
      content.put(record)
    }
  }

  /// Writes what is known of the last start of a container, if there is a record of it.
  package func save(_ run: RunRecord, of id: ContainerID) throws(EngineError) {
    try changeRun(of: id) { $0 = run }
  }

  /// Changes what is known of the last start of a container; where it `isWritten`, an engine after this one
  /// knows it too.
  package func changeRun(
    of id: ContainerID, isWritten: Bool = true, _ body: (inout RunRecord) -> Void
  ) throws(EngineError) {
    guard var record = record(id) else { return }
    body(&record.run)
    if isWritten { try write("run.json", of: record) { try StoredText.bytes(record.run) } }
    content.withLock { $0.records[id]?.run = record.run }
  }

  /// What a crash leaves of a new file is not whole, and counts as not written.
  private func write(_ name: String, of record: ContainerRecord, _ text: () throws -> Data)
    throws(EngineError)
  {
    do {
      try Files.write(directory(of: record.id) + "/" + name, with: try text())
    } catch {
      throw EngineError(.failed, "record the container \(record.spec.name): \(error)")
    }
  }

  /// Forgets the record, the first step of a removal: a crash after it leaves only what is swept. The file
  /// gets another name, and goes with the directory: to free its blocks now may mean to wait for the disk.
  package func forget(_ id: ContainerID) throws(EngineError) {
    let directory = directory(of: id)
    do throws(SystemError) {
      try Files.rename(directory + "/record.json", to: directory + "/removed.json")
    } catch {
      guard error.isNotFound else {
        throw EngineError(.failed, "forget the container \(id.short): \(error)")
      }
    }
    content.withLock { $0.remove(id) }
  }

  /// nil where there is no file.
  private static func read(_ path: String) throws(SystemError) -> [UInt8]? {
    Files.exists(path) ? try Files.read(path, limit: 64 << 20) : nil
  }
}
