import FoundationEssentials
import Stacks
import Testing

@testable import Engine

@Suite struct RecordTextTests {
  @Test func `A record is read as it was written, with all that its template has`() throws {
    var record = try Self.record()
    record.spec.networkNames = ["default": "s_default"]
    record.spec.template.containerName = "a\nb"
    record.spec.template.labels = ["x": "y"]
    record.spec.oneOffOf = "web"
    let bytes = [UInt8](try RecordText().write(record))
    #expect(RecordText().read(bytes) == record)
  }

  @Test func `Records with one template share it, and others keep their own`() throws {
    let (record, texts) = (try Self.record(), RecordText())
    var (replica, other) = (record, record)
    replica.id = .random()
    replica.spec.slot.number = 2
    other.spec.template.tty = true
    let read = try [record, replica, other, record].map { texts.read([UInt8](try texts.write($0))) }
    #expect(read == [record, replica, other, record])
    let (first, second) = (try #require(read[0]), try #require(read[1]))
    #expect(first.spec.boxed.isSame(as: second.spec.boxed))
    let hashes = try [record, replica, other].map { try RecordText().templateHash($0) }
    #expect(hashes[0] == hashes[1] && hashes[0] != hashes[2])
  }

  @Test func `A record that was not written to its end is none, wherever it breaks off`() throws {
    let bytes = [UInt8](try RecordText().write(Self.record()))
    for length in bytes.indices { #expect(RecordText().read(Array(bytes[..<length])) == nil, "\(length)") }
  }

  @Test func `A record of an older version has the template in it`() throws {
    let record = try Self.record()
    #expect(RecordText().read([UInt8](try JSONEncoder().encode(record))) == record)
  }

  private static func record() throws -> ContainerRecord {
    let slot = Slot(stack: "s", service: "web", number: 1)
    return ContainerRecord(
      id: .random(), instance: Instance(slot: slot, generation: 1),
      spec: ContainerSpec(slot: slot, template: ContainerTemplate(image: try ImageReference("app:1"))),
      image: try #require(Digest("sha256:" + String(repeating: "0", count: 64))),
      createdAt: Moment(nanoseconds: 5), addresses: [:], ports: [], anonymousVolumes: [:])
  }
}
