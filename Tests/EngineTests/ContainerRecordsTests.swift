import FoundationEssentials
import Stacks
import Testing

@testable import Engine

@Suite struct ContainerRecordsTests {
  @Test func `A record is found by its instance until it is forgotten, also by the next engine`() throws {
    let directory = "/tmp/cairn-records-\(UInt64.random(in: 0...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let records = try ContainerRecords(root: directory)
    var all: [ContainerRecord] = []
    for number in 1...3 { all.append(try Self.add(number, to: records)) }
    #expect(all.allSatisfy { records.record($0.instance)?.id == $0.id })

    // Another number for the same container: the old one leads nowhere any more.
    var moved = all[0]
    moved.instance = Self.instance(7)
    try records.save(moved)
    #expect(records.record(all[0].instance) == nil)
    #expect(records.record(moved.instance)?.id == moved.id)

    try records.changeRun(of: all[1].id) { $0.recentStarts = 4 }
    try records.forget(all[2].id)
    try records.forget(all[2].id)
    for records in [records, try ContainerRecords(root: directory)] {
      #expect(records.record(moved.instance)?.id == moved.id)
      #expect(records.record(all[1].instance)?.run.recentStarts == 4)
      #expect(records.record(all[2].instance) == nil)
      #expect(records.all().count == 2)
      // It is swept by the engine that starts next.
      #expect(records.unrecorded() == [all[2].id])
    }
  }

  @Test func `What is not written the next engine does not know, until something is`() throws {
    let directory = "/tmp/cairn-records-\(UInt64.random(in: 0...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let records = try ContainerRecords(root: directory)
    let id = try Self.add(1, to: records).id
    let stop = ContainerState.Stopping(
      since: Moment(nanoseconds: 1), killAt: Moment(nanoseconds: 1), cause: .removal)
    try records.changeRun(of: id, isWritten: false) { $0.stop = stop }
    #expect(records.record(id)?.run.stop == stop)
    #expect(try ContainerRecords(root: directory).record(id)?.run.stop == nil)
    try records.changeRun(of: id) { $0.recentStarts = 1 }
    #expect(try ContainerRecords(root: directory).record(id)?.run.stop == stop)
  }

  private static func add(_ number: Int, to records: ContainerRecords) throws -> ContainerRecord {
    let instance = instance(number)
    let record = ContainerRecord(
      id: .random(), instance: instance,
      spec: ContainerSpec(
        slot: instance.slot, template: ContainerTemplate(image: try ImageReference("app:1"))),
      image: try #require(Digest("sha256:" + String(repeating: "0", count: 64))),
      createdAt: Moment(nanoseconds: 5), addresses: [:],
      ports: [], anonymousVolumes: [:])
    try FileManager.default.createDirectory(
      atPath: records.directory(of: record.id), withIntermediateDirectories: true)
    try records.save(record)
    return record
  }

  private static func instance(_ number: Int) -> Instance {
    Instance(slot: Slot(stack: "s", service: "web", number: number), generation: 1)
  }
}
