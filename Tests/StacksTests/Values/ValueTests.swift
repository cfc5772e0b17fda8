import FoundationEssentials
import Stacks
import Testing

@Suite struct ValueTests {
  @Test func `a boxed value is a value and is written as one`() throws {
    struct Pair: Codable, Hashable {
      @Boxed var big: [String]
      var small = 1
    }
    let one = Pair(big: ["a"])
    var two = one
    #expect(one == two && one.hashValue == two.hashValue)
    two.big.append("b")
    #expect(one.big == ["a"] && two.big == ["a", "b"] && one != two)
    #expect(two == Pair(big: ["a", "b"]))
    let text = try JSONEncoder().encode(two)
    #expect(try JSONDecoder().decode(Pair.self, from: text) == two)
    #expect(String(decoding: text, as: UTF8.self).contains(#""big":["a","b"]"#))
  }

  @Test(arguments: [
    ("busybox", "busybox:latest", "docker.io", "library/busybox"),
    ("docker.io/library/busybox:latest", "busybox:latest", "docker.io", "library/busybox"),
    ("user/app:2", "user/app:2", "docker.io", "user/app"),
    ("localhost/app", "localhost/app:latest", "localhost", "app"),
    ("reg.example:5000/a/b_c:v1.0", "reg.example:5000/a/b_c:v1.0", "reg.example:5000", "a/b_c"),
  ])
  func `image names are understood`(
    _ text: String, _ shown: String, _ registry: String, _ repository: String
  ) throws {
    let image = try ImageReference(text)
    #expect(image.description == shown)
    #expect(image.registry == registry)
    #expect(image.repository == repository)
    #expect(try ImageReference(image.description) == image)
  }

  @Test(arguments: [
    "", "UPPER", "a:", "a:-x", "a@sha256:12", "a//b", "/a", "a/", "..", "a/../b", "a b", "re_g.x/a", "a\n",
  ])
  func `what is no image name is refused`(_ text: String) {
    #expect(throws: ValueError.self) { try ImageReference(text) }
  }

  @Test func `a digest pins an image and needs no tag`() throws {
    let pinned = try ImageReference("app@\(digest("a"))")
    #expect(pinned.tag == nil)
    #expect(pinned.digest == digest("a"))
    #expect(pinned.description == "app@\(digest("a"))")
  }

  @Test func `digests and container IDs become parts of paths, so they are strict`() {
    let hex = String(repeating: "0a", count: 32)
    #expect(Digest("sha256:" + hex)?.hex == hex)
    #expect(ContainerID(hex)?.short == "0a0a0a0a0a0a")
    for wrong in [hex.uppercased(), hex + "0", String(hex.dropFirst()), "../" + hex.dropFirst(3), ""] {
      #expect(Digest("sha256:" + wrong) == nil)
      #expect(ContainerID(wrong) == nil)
    }
    #expect(Digest("sha512:" + hex) == nil)
    #expect(Digest(hex) == nil)
  }

  @Test(arguments: ["1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1..2.3", "+1.2.3.4", "a.b.c.d", ""])
  func `what is no address is refused`(_ text: String) { #expect(IPv4Address(text) == nil) }

  @Test func `subnets clear host bits and know their neighbours`() throws {
    let subnet = try #require(IPv4Subnet("10.89.3.7/22"))
    #expect(subnet.description == "10.89.0.0/22")
    #expect(subnet.last.description == "10.89.3.255")
    #expect(subnet.size == 1024)
    #expect(subnet.address(at: 1023)?.description == "10.89.3.255")
    #expect(subnet.address(at: 1024) == nil)
    #expect(try subnet.overlaps(#require(IPv4Subnet("10.89.2.0/24"))))
    #expect(try #require(IPv4Subnet("10.89.2.0/24")).overlaps(subnet))
    #expect(try !subnet.overlaps(#require(IPv4Subnet("10.89.4.0/24"))))
    #expect(IPv4Subnet("0.0.0.0/0")?.size == 1 << 32)
    #expect(IPv4Subnet("1.2.3.4/32")?.contains(try #require(IPv4Address("1.2.3.4"))) == true)
    for wrong in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "/8"] {
      #expect(IPv4Subnet(wrong) == nil)
    }
  }

  @Test(arguments: [
    (0, "0s"), (1, "1ns"), (1_500, "1.5µs"), (100_000_000, "100ms"), (1_600_000_000, "1.6s"),
    (60_000_000_000, "1m0s"), (90_500_000_000, "1m30.5s"), (93_600_000_000_000, "26h0m0s"),
    (-1_000_000_000, "-1s"),
  ])
  func `spans are written as Go writes durations`(_ nanoseconds: Int64, _ text: String) {
    #expect(Span(nanoseconds: nanoseconds).description == text)
  }

  @Test func `time clamps instead of overflowing`() {
    let end = Moment(nanoseconds: .max)
    #expect(end + .seconds(1) == end)
    #expect(Moment(nanoseconds: .min) + .seconds(-1) == Moment(nanoseconds: .min))
    #expect(Span.seconds(1) * .max == Span(nanoseconds: .max))
    #expect(Moment(seconds: 3) - Moment(seconds: 5) == .seconds(-2))
  }

  @Test func `instances are read as they are written`() {
    let first = Instance(slot: Slot(stack: "s", service: "a.b-c_d", number: 2), generation: 1)
    let second = Instance(slot: first.slot, generation: 7)
    #expect(first.description == "a.b-c_d:2")
    #expect(second.description == "a.b-c_d:2@7")
    for instance in [first, second] { #expect(Instance(instance.description, stack: "s") == instance) }
    for wrong in ["web", ":1", "web:x", "web:1@", "web:1@2@3", ""] {
      #expect(Instance(wrong, stack: "s") == nil, "\(wrong)")
    }
  }

  @Test func `only sysctls of a container's own namespaces may be set, to one plain line`() {
    for name in ["net.core.somaxconn", "kernel.shmmax", "fs.mqueue.msg_max", "kernel.domainname"] {
      #expect(Sysctl.problem(name, "1 2") == nil, "\(name)")
    }
    for name in [
      "kernel.core_pattern", "vm.overcommit_memory", "net/core", "net..x", "net.x.", "", "kernel.sem\0",
    ] {
      #expect(Sysctl.problem(name, "1") != nil, "\(name)")
    }
    for value in ["", "1\n2", "\0", "é"] { #expect(Sysctl.problem("net.core.somaxconn", value) != nil) }
    #expect(Sysctl.isOfNetwork("net.core.somaxconn") && !Sysctl.isOfNetwork("kernel.sem"))
  }
}
