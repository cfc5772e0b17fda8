import Stacks
import Testing

@testable import Networks

@Suite struct AddressPoolTests {
  /// Seeded random sequences of requests against the laws of a pool.
  @Test(arguments: 0..<200) func `An address is usable, held by one, and given again last`(seed: UInt64)
    throws
  {
    var random = Seeded(state: seed)
    let prefix = Int.random(in: 24...29, using: &random)
    let subnet = IPv4Subnet(
      containing: IPv4Address(number: UInt32.random(in: 0x0a00_0000...0x0aff_0000, using: &random)),
      prefix: prefix)
    let gateway = try #require(subnet.address(at: UInt64.random(in: 1..<(subnet.size - 1), using: &random)))
    var pool = AddressPool(network: "n", subnet: subnet, gateway: gateway)
    let ids = (0..<40).map { _ in ContainerID.random(using: &random) }
    var model: [ContainerID: IPv4Address] = [:]
    for _ in 0..<300 {
      let id = try #require(ids.randomElement(using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        pool.release(id)
        model[id] = nil
      case 1:
        let fixed = IPv4Address(
          number: subnet.base.number &+ UInt32.random(in: 0..<UInt32(subnet.size + 2), using: &random))
        let isUsable = subnet.contains(fixed) && ![subnet.first, subnet.last, gateway].contains(fixed)
        let isFree = isUsable && !model.contains { $0.key != id && $0.value == fixed }
        let given = try? pool.allocate(id, fixed: fixed)
        #expect(given == (isFree ? fixed : nil), "seed \(seed)")
        if let given { model[id] = given }
      default:
        let given = try? pool.allocate(id)
        if let held = model[id] { #expect(given == held, "seed \(seed)") }
        #expect((given == nil) == (model[id] == nil && model.count == Int(subnet.size) - 3), "seed \(seed)")
        if let given {
          #expect(
            subnet.contains(given) && ![subnet.first, subnet.last, gateway].contains(given), "seed \(seed)")
          #expect(!model.contains { $0.key != id && $0.value == given }, "seed \(seed)")
          model[id] = given
        }
      }
      #expect(pool.holders == Dictionary(uniqueKeysWithValues: model.map { ($1, $0) }), "seed \(seed)")
    }
  }

  @Test func `Addresses come from the range, and none is one that is reserved`() throws {
    func address(_ text: String) throws -> IPv4Address { try #require(IPv4Address(text)) }
    var pool = AddressPool(
      network: "n", subnet: try #require(IPv4Subnet("10.0.0.0/24")), gateway: try address("10.0.0.129"),
      range: IPv4Subnet("10.0.0.128/30"), reserved: [try address("10.0.0.130"), try address("10.0.0.7")])
    let first = ContainerID.random()
    #expect(try pool.allocate(.random()) == address("10.0.0.131"))
    #expect(try pool.allocate(first) == address("10.0.0.128"))
    #expect(throws: NetworkError.self) { try pool.allocate(.random()) }
    // One that is asked for may lie outside of the range.
    #expect(try pool.allocate(.random(), fixed: address("10.0.0.5")) == address("10.0.0.5"))
    for wrong in ["10.0.0.7", "10.0.0.130", "10.0.0.129"] {
      #expect(throws: NetworkError.self, "\(wrong)") {
        try pool.allocate(.random(), fixed: address(wrong))
      }
    }
  }

  @Test func `An address that was given back waits for its turn`() throws {
    var pool = AddressPool(
      network: "n", subnet: try #require(IPv4Subnet("10.0.0.0/29")),
      gateway: try #require(IPv4Address("10.0.0.1")))
    var seen: [String] = []
    for _ in 0..<6 {
      let id = ContainerID.random()
      seen.append(try pool.allocate(id).description)
      pool.release(id)
    }
    #expect(seen == ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2"])
  }

  @Test func `IPv6 addresses are given out by the same rules`() throws {
    func address(_ text: String) throws -> IPv6Address { try #require(IPv6Address(text)) }
    var pool = AddressPool(
      network: "n", subnet: try #require(IPv6Subnet("fd00::/64")), gateway: try address("fd00::1"),
      range: IPv6Subnet("fd00::/80"), reserved: [try address("fd00::3")])
    let (one, two) = (ContainerID.random(), ContainerID.random())
    #expect(try pool.allocate(one).description == "fd00::2")
    #expect(try pool.allocate(two).description == "fd00::4")
    #expect(try pool.allocate(one).description == "fd00::2")
    #expect(try pool.allocate(one, fixed: address("fd00::ffff:0:0:5")).description == "fd00::ffff:0:0:5")
    for wrong in ["fd00::", "fd00::1", "fd00::3", "fd00::4", "fd01::2"] {
      #expect(throws: NetworkError.self, "\(wrong)") {
        try pool.allocate(.random(), fixed: address(wrong))
      }
    }
    #expect(
      message { () throws(NetworkError) in try pool.allocate(.random(), fixed: IPv6Address("fd00::4")) }
        == "network n: the address fd00::4 is in use by container \(two.short); choose another `ipv6_address`"
    )
  }

  @Test func `The errors say who and what`() throws {
    var pool = AddressPool(
      network: "shop_default", subnet: try #require(IPv4Subnet("10.0.0.0/30")),
      gateway: try #require(IPv4Address("10.0.0.1")))
    let first = ContainerID.random()
    _ = try pool.allocate(first)
    #expect(
      message { () throws(NetworkError) in try pool.allocate(.random()) }
        == "network shop_default: every address of 10.0.0.0/30 is in use; give the network a larger `subnet`")
    #expect(
      message { () throws(NetworkError) in try pool.allocate(.random(), fixed: IPv4Address("10.0.0.2")) }
        == "network shop_default: the address 10.0.0.2 is in use by container \(first.short); choose another `ipv4_address`"
    )
  }
}

@Suite struct SubnetPoolsTests {
  private let host = ["10.80.0.0/20", "10.80.16.5/32", "10.80.40.0/21"].compactMap { IPv4Subnet($0) }

  @Test func `The first part that touches nothing is chosen`() {
    #expect(SubnetPools.standard.firstFree(avoiding: []) == IPv4Subnet("10.80.0.0/20"))
    #expect(SubnetPools.standard.firstFree(avoiding: host) == IPv4Subnet("10.80.48.0/20"))
  }

  @Test func `Where a VPN claims a range the next one serves`() throws {
    let wide = try #require(IPv4Subnet("10.0.0.0/8"))
    #expect(SubnetPools.standard.firstFree(avoiding: [wide]) == IPv4Subnet("172.16.0.0/20"))
    let all = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].compactMap { IPv4Subnet($0) }
    #expect(SubnetPools.standard.firstFree(avoiding: all) == nil)
  }

  @Test func `An IPv6 network gets a part of the unique local addresses that touches no other`() throws {
    var numbers = Seeded(state: 1)
    let first = SubnetPools.unique(avoiding: [], from: &numbers)
    #expect(first.prefix == 64 && first.description.hasPrefix("fd") && first.description.hasSuffix("::/64"))
    // The same numbers again, and the first is taken.
    numbers = Seeded(state: 1)
    let second = SubnetPools.unique(avoiding: [first], from: &numbers)
    #expect(!first.overlaps(second))
    let local = try #require(IPv6Subnet("fc00::/7"))
    #expect(local.overlaps(first) && local.overlaps(second))
  }

  @Test func `There are 256 networks of 4093 containers in the first range`() throws {
    var taken: [IPv4Subnet] = []
    for _ in 0..<256 { taken.append(try #require(SubnetPools.standard.firstFree(avoiding: taken))) }
    let range = try #require(IPv4Subnet("10.80.0.0/12"))
    #expect(taken.allSatisfy { range.overlaps($0) && $0.size == 4096 })
    #expect(Set(taken).count == 256)
  }
}

/// The description of the error that `body` throws; empty where it throws none.
func message<T>(_ body: () throws(NetworkError) -> T) -> String {
  do {
    _ = try body()
    return ""
  } catch {
    return error.description
  }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
