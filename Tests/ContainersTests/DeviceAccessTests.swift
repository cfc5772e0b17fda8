import Testing

@testable import Containers

@Suite struct DeviceAccessTests {
  @Test func `a rule becomes instructions that fall through where it does not match`() {
    let rules = [
      DeviceRule(.character, major: 1, minor: 3), DeviceRule(.any, major: 7, access: [.read, .makeNode]),
    ]
    let text = DeviceProgram.instructions(for: .only(rules)).map(\.description).joined(separator: "\n")
    #expect(
      text == """
        r2 = *(u32 *)(r1 + 0)
        w3 = w2
        w2 &= 65535
        w3 >>= 16
        r4 = *(u32 *)(r1 + 4)
        r5 = *(u32 *)(r1 + 8)
        if r2 != 2 goto +4
        if r4 != 1 goto +3
        if r5 != 3 goto +2
        w0 = 1
        exit
        w1 = w3
        w1 &= 3
        if r1 != r3 goto +3
        if r4 != 7 goto +2
        w0 = 1
        exit
        w0 = 0
        exit
        """)
  }

  @Test func `instructions are laid out as the kernel reads them`() {
    let one = DeviceProgram.Instruction(code: 0x55, destination: 4, source: 3, offset: -2, immediate: -1)
    #expect(one.encoded == 0xFFFF_FFFF_FFFE_3455)
  }

  @Test func `everything allowed is two instructions`() {
    #expect(DeviceProgram.instructions(for: .all).map(\.description) == ["w0 = 1", "exit"])
  }

  /// Runs a program as the kernel would.
  private func run(
    _ program: [DeviceProgram.Instruction], kind: UInt32, access: UInt32, major: UInt32, minor: UInt32
  )
    -> Bool?
  {
    var registers = [UInt64](repeating: 0, count: 11)
    let context = [access << 16 | kind, major, minor]
    var at = 0
    for _ in 0..<1000 {
      guard program.indices.contains(at) else { return nil }
      let one = program[at]
      at += 1
      let (to, from) = (Int(one.destination), Int(one.source))
      switch one.code {
      case 0x61: registers[to] = UInt64(context[Int(one.offset) / 4])
      case 0x54: registers[to] = registers[to] & UInt64(UInt32(bitPattern: one.immediate))
      case 0x74: registers[to] = (registers[to] & 0xFFFF_FFFF) >> UInt64(one.immediate)
      case 0xbc: registers[to] = registers[from] & 0xFFFF_FFFF
      case 0xb4: registers[to] = UInt64(UInt32(bitPattern: one.immediate))
      case 0x55 where registers[to] != UInt64(bitPattern: Int64(one.immediate)): at += Int(one.offset)
      case 0x5d where registers[to] != registers[from]: at += Int(one.offset)
      case 0x55, 0x5d: break
      case 0x95: return registers[0] == 1
      default: return nil
      }
    }
    return nil
  }

  @Test func `a program answers for every device as its rules do`() {
    for seed in 0..<200 as Range<UInt64> {
      var random = SplitMix(seed: seed)
      let rules = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        DeviceRule(
          [.any, .block, .character].randomElement(using: &random)!,
          major: Bool.random(using: &random) ? UInt32.random(in: 0...3, using: &random) : nil,
          minor: Bool.random(using: &random) ? UInt32.random(in: 0...3, using: &random) : nil,
          access: DeviceRule.Access(rawValue: UInt32.random(in: 1...7, using: &random)))
      }
      let program = DeviceProgram.instructions(for: .only(rules))
      for kind in [1, 2] as [UInt32] {
        for access in 1...7 as ClosedRange<UInt32> {
          for major in 0...4 as ClosedRange<UInt32> {
            for minor in 0...4 as ClosedRange<UInt32> {
              let allowed = rules.contains { rule in
                (rule.kind == .any || (rule.kind == .block) == (kind == 1))
                  && (rule.major ?? major) == major && (rule.minor ?? minor) == minor
                  && access & ~rule.access.rawValue == 0
              }
              let answer = run(program, kind: kind, access: access, major: major, minor: minor)
              #expect(answer == allowed, "seed \(seed): \(rules) for \(kind) \(major):\(minor) \(access)")
            }
          }
        }
      }
    }
  }

  @Test func `version 1 gets exceptions to nothing`() {
    let rules = [
      DeviceRule(.character, major: 1, minor: 3), DeviceRule(.any, major: 7, access: .read), DeviceRule(.any),
    ]
    #expect(
      DevicesController.version1(.only(rules)).map(\.description) == [
        "devices.deny = a", "devices.allow = c 1:3 rwm, b 7:* r, c 7:* r, a",
      ])
    #expect(DevicesController.version1(.all).map(\.description) == ["devices.allow = a"])
  }

  @Test(arguments: ["c 1:3 rwm", "b *:* m", "a 5:* rw", "c 10:229 w"])
  func `a rule is read and shown in the same form`(_ text: String) {
    #expect(DeviceRule(text)?.description == text)
  }

  @Test(arguments: [
    "", "c 1:3", "d 1:3 r", "c 1 r", "c 1:3 x", "c 1:3 rr", "c -1:3 r", "c +1:3 r", "c 1:3: r", "c  1:3 r",
    "c 1:3 ",
    "c 4294967296:0 r",
  ])
  func `what is not a rule is not taken for one`(_ text: String) {
    #expect(DeviceRule(text) == nil)
  }
}

/// Random numbers from a seed, the same everywhere.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
