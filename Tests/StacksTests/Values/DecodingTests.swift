import FoundationEssentials
import Stacks
import Testing

@Suite struct DecodingTests {
  func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  @Test func `a field that an older version did not store is its default`() throws {
    let image = try ImageReference("app:1")
    #expect(try decode(ContainerTemplate.self, #"{"image":"app:1"}"#) == ContainerTemplate(image: image))
    let slot = #"{"stack":"shop","service":"web","number":1}"#
    let spec = try decode(ContainerSpec.self, #"{"slot":\#(slot),"template":{"image":"app:1"}}"#)
    let wanted = ContainerSpec(
      slot: Slot(stack: "shop", service: "web", number: 1), template: ContainerTemplate(image: image))
    #expect(spec == wanted)
    #expect(
      try decode(Service.self, #"{"template":{"image":"app:1"}}"#) == Service(template: wanted.template))
    #expect(try decode(Stack.self, #"{"name":"shop"}"#) == Stack(name: "shop"))
    #expect(try decode(Security.self, "{}") == Security())
    #expect(try decode(Resources.self, "{}") == Resources())
    #expect(try decode(BlockIO.self, "{}") == BlockIO())
    #expect(try decode(Naming.self, "{}") == Naming())
    #expect(try decode(Sharing.self, "{}") == Sharing())
    #expect(try decode(Hook.self, #"{"command":["a"]}"#) == Hook(command: ["a"]))
    #expect(
      try decode(MountSpec.self, #"{"source":{"volume":{"key":"v"}},"target":"/d"}"#)
        == MountSpec(source: .volume(key: "v"), target: "/d"))
    #expect(try decode(LogSettings.self, "{}") == LogSettings())
    #expect(try decode(Healthcheck.self, "{}") == Healthcheck(test: nil))
    #expect(try decode(NetworkAttachment.self, "{}") == NetworkAttachment())
    #expect(try decode(Dependency.self, "{}") == Dependency())
    #expect(try decode(NetworkDefinition.self, #"{"name":"n"}"#) == NetworkDefinition(name: "n"))
    #expect(try decode(Routing.self, "{}") == Routing())
    #expect(try decode(VolumeDefinition.self, #"{"name":"v"}"#) == VolumeDefinition(name: "v"))
  }

  @Test func `what has no default must be there`() {
    #expect(throws: DecodingError.self) { try decode(ContainerTemplate.self, "{}") }
    #expect(throws: DecodingError.self) { try decode(NetworkDefinition.self, "{}") }
    #expect(throws: ValueError.self) { try decode(ContainerTemplate.self, #"{"image":"UPPER"}"#) }
  }

  @Test(arguments: DifferenceTests.changes.indices)
  func `every field of a spec is read back as it was written`(_ index: Int) throws {
    var spec = try DifferenceTests().base()
    try DifferenceTests.changes[index].2(&spec)
    let data = try JSONEncoder().encode(spec)
    #expect(try JSONDecoder().decode(ContainerSpec.self, from: data) == spec)
  }

  @Test(arguments: [[], Array("a\n\u{1F600}".utf8), [0, 255, 128]])
  func `the bytes of a file are read back as they were`(_ bytes: [UInt8]) throws {
    let data = try JSONEncoder().encode(FileContent(bytes))
    #expect(try JSONDecoder().decode(FileContent.self, from: data).bytes == bytes)
  }

  @Test func `the content of a secret is in no print of what holds it`() throws {
    let file = FileMount(
      kind: .secret, key: "s", target: "/run/secrets/s", content: FileContent("hunter2"))
    let template = ContainerTemplate(image: try ImageReference("app:1"), files: [file])
    var dumped = ""
    dump(template, to: &dumped)
    for text in ["\(template)", String(reflecting: template), "\(file.content)", dumped] {
      #expect(!text.contains("hunter2"))
      #expect(!text.contains("104, 117"))
    }
  }

  @Test func `every field of a stack is read back as it was written`() throws {
    let service = Service(
      replicas: 3, template: ContainerTemplate(image: try ImageReference("app:1")),
      dependencies: ["db": Dependency(condition: .completed, restart: true, required: false)],
      isStopped: true, profiles: ["debug"], isAttached: false,
      asked: Asked(
        up: Moment(seconds: 1), restart: Moment(seconds: 2), renewal: Moment(seconds: 3),
        freshVolumes: Moment(seconds: 4)))
    let network = NetworkDefinition(
      name: "n", isExternal: true, isInternal: true, subnet: IPv4Subnet("10.0.0.0/24"),
      gateway: IPv4Address("10.0.0.1"), range: IPv4Subnet("10.0.0.128/25"),
      reserved: ["r": IPv4Address("10.0.0.9")!],
      ipv6: IPv6Part(subnet: IPv6Subnet("fd00::/64"), reserved: ["r": IPv6Address("fd00::9")!]), mtu: 1400,
      labels: ["a": "b"])
    let stack = Stack(
      name: "shop", services: ["web": service], networks: ["n": network],
      volumes: ["v": VolumeDefinition(name: "v", isExternal: true, device: "/srv", labels: ["a": "b"])],
      projectDirectory: "/srv", files: ["/srv/stack.yaml"])
    let data = try JSONEncoder().encode(stack)
    #expect(try JSONDecoder().decode(Stack.self, from: data) == stack)
  }
}
