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
  private let records: Mutex<[ContainerID: ContainerRecord]>

  /// Reads every record below `root`, which is made where it is missing, and says which
  /// directories have none.
  package init(root: String) throws(EngineError) {
    self.root = root
    var found: [ContainerID: ContainerRecord] = [:]
    do {
      try Files.makeDirectories(root)
      try Files.spreadDirectories(in: root)
      for name in try Files.list(root) {
        guard let id = ContainerID(name) else { continue }
        let directory = root + "/" + name
        guard var record: ContainerRecord = try Self.read(directory + "/record.json"), record.id == id else {
          continue
        }
        record.run = try Self.read(directory + "/run.json") ?? RunRecord()
        found[id] = record
      }
    } catch {
      throw EngineError(.failed, "read the container records: \(error)")
    }
    records = Mutex(found)
  }

  /// The directories below the root that no record belongs to.
  package func unrecorded() -> [ContainerID] {
    let names = (try? Files.list(root)) ?? []
    return records.withLock { records in names.compactMap { ContainerID($0) }.filter { records[$0] == nil } }
  }

  package func directory(of id: ContainerID) -> String { root + "/" + id.description }

  package func all() -> [ContainerRecord] { records.withLock { Array($0.values) } }

  package func of(stack: String) -> [ContainerRecord] {
    all().filter { $0.instance.slot.stack == stack }
  }

  /// Whether the container's directory is still there.
  package func isWhole(_ id: ContainerID) -> Bool { Files.exists(directory(of: id)) }

  package func record(_ id: ContainerID) -> ContainerRecord? { records.withLock { $0[id] } }

  package func record(_ instance: Instance) -> ContainerRecord? {
    records.withLock { $0.values.first { $0.instance == instance } }
  }

  /// Writes what the container is, and not what is known of its last start; its directory must be there.
  package func save(_ record: ContainerRecord) throws(EngineError) {
    try write(record, "record.json", record)
    records.withLock { records in
      let run = records[record.id]?.run ?? record.run
      records[record.id] = record
      records[record.id]?.run = run
    }
  }

  /// Writes what is known of the last start of a container, if there is a record of it.
  package func save(_ run: RunRecord, of id: ContainerID) throws(EngineError) {
    try changeRun(of: id) { $0 = run }
  }

  package func changeRun(of id: ContainerID, _ body: (inout RunRecord) -> Void) throws(EngineError) {
    guard var record = record(id) else { return }
    body(&record.run)
    try write(record.run, "run.json", record)
    records.withLock { $0[id]?.run = record.run }
  }

  private func write(_ value: some Encodable, _ name: String, _ record: ContainerRecord) throws(EngineError) {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      try Files.replace(directory(of: record.id) + "/" + name, with: try encoder.encode(value))
    } catch {
      throw EngineError(.failed, "record the container \(record.spec.name): \(error)")
    }
  }

  /// Forgets the record, the first step of a removal: a crash after it leaves only what is swept.
  package func forget(_ id: ContainerID) throws(EngineError) {
    do {
      try Files.remove(directory(of: id) + "/record.json")
    } catch {
      throw EngineError(.failed, "forget the container \(id.short): \(error)")
    }
    records.withLock { $0[id] = nil }
  }

  /// nil where there is no file, or not a whole record in it.
  private static func read<Value: Decodable>(_ path: String) throws(SystemError) -> Value? {
    guard Files.exists(path) else { return nil }
    let bytes = try Files.read(path, limit: 64 << 20)
    return try? JSONDecoder().decode(Value.self, from: Data(bytes))
  }
}
