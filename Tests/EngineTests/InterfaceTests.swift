import Stacks
import Testing

@testable import Engine

@Suite struct `The links of a container` {
  private func all(_ networks: [String: NetworkAttachment]) throws -> [String] {
    let spec = ContainerSpec(
      slot: Slot(stack: "s", service: "a", number: 1),
      template: ContainerTemplate(image: try ImageReference("app:1"), networks: networks))
    var record = ContainerRecord(
      id: .random(), instance: Instance(slot: spec.slot, generation: 1), spec: spec,
      image: try #require(Digest("sha256:" + String(repeating: "0", count: 64))),
      createdAt: Moment(seconds: 0), addresses: [:], ports: [], anonymousVolumes: [:])
    for (number, key) in networks.keys.sorted().enumerated() {
      record.addresses["s_\(key)"] = IPv4Address(number: 0x0a00_0002 + UInt32(number) << 8)
    }
    return Interface.all(of: record).map { "\($0.name) \($0.network)" }
  }

  @Test func `are numbered by priority, then by name, around the names that were chosen`() throws {
    #expect(try all([:]) == [])
    #expect(try all(["b": .init(), "a": .init()]) == ["eth0 s_a", "eth1 s_b"])
    #expect(
      try all(["b": .init(priority: 5), "a": .init(), "c": .init(priority: -1)]) == [
        "eth0 s_b", "eth1 s_a", "eth2 s_c",
      ])
    #expect(
      try all(["a": .init(), "b": .init(interface: "eth0"), "c": .init(interface: "lan")]) == [
        "eth1 s_a", "eth0 s_b", "lan s_c",
      ])
  }

  @Test func `have hardware addresses of six bytes`() {
    #expect(Interface.bytes("02:42:ac:11:00:0f") == [2, 0x42, 0xac, 0x11, 0, 15])
    #expect(Interface.bytes("02-42-AC-11-00-0F") == [2, 0x42, 0xac, 0x11, 0, 15])
    for wrong in ["", "02:42:ac:11:00", "02:42:ac:11:00:0g", "2:42:ac:11:00:0f", "02:42:ac:11:00:0f:01"] {
      #expect(Interface.bytes(wrong) == nil, "\(wrong)")
    }
  }
}
