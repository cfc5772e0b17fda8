import Stacks
import Testing

@Suite struct IPv6Tests {
  @Test(
    arguments: [
      ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fd00:0:0::5", "fd00::5"),
      ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
      ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("0:0:0:1::", "0:0:0:1::"),
      ("::ffff:10.1.2.3", "::ffff:a01:203"), ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
    ] as [(String, String)])
  func `an address is read in all its spellings and written in one`(text: String, canonical: String) throws {
    let address = try #require(IPv6Address(text))
    #expect(address.description == canonical)
    #expect(IPv6Address(canonical) == address)
    #expect(IPv6Address(number: address.bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }) == address)
  }

  @Test(arguments: [
    "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::",
    "1:2:3:4:5:6:7::8",
    "::1.2.3", "1.2.3.4", "1.2.3.4::", "::1%eth0", "[::1]", "fe80::1/64", ":1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:",
    " ::1", "::+1", "::٣",
  ])
  func `anything else is none`(text: String) { #expect(IPv6Address(text) == nil) }

  @Test func `what is written is read back`() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<2000 {
      var number: UInt128 = 0
      for _ in 0..<8 {
        let word = random.oneIn(2) ? 0 : UInt16.random(in: 0...UInt16.max, using: &random)
        number = number << 16 | UInt128(word)
      }
      let address = IPv6Address(number: number)
      #expect(IPv6Address(address.description) == address)
    }
  }

  @Test func `a subnet has its bounds, and what is in it`() throws {
    let subnet = try #require(IPv6Subnet("fd00:1::ffff/64"))
    #expect(subnet.description == "fd00:1::/64")
    #expect(subnet.last.description == "fd00:1::ffff:ffff:ffff:ffff")
    #expect(subnet.address(at: 5)?.description == "fd00:1::5")
    #expect(subnet.contains(try #require(IPv6Address("fd00:1::1:0:0:0"))))
    #expect(!subnet.contains(try #require(IPv6Address("fd00:1:0:1::"))))
    #expect(subnet.overlaps(try #require(IPv6Subnet("fd00::/16"))))
    #expect(!subnet.overlaps(try #require(IPv6Subnet("fd00:2::/64"))))
    #expect(IPv6Subnet("fd00::/126")?.size == 4 && IPv6Subnet("::/0")?.size == 1 << 63)
    for wrong in ["fd00::", "fd00::/129", "fd00::/-1", "10.0.0.0/8", "fd00::/64/1", "fd00::/"] {
      #expect(IPv6Subnet(wrong) == nil, "\(wrong)")
    }
  }
}
