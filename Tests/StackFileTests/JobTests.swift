import StackFile
import Stacks
import Testing

@Suite struct JobTests {
  /// A file of a time zone with two changes in 2026 and the rule that they follow.
  private static func zone(version: UInt8 = UInt8(ascii: "2"), rule: String) -> String {
    func header(times: UInt8, types: UInt8) -> [UInt8] {
      Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
        + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, times, 0, 0, 0, types, 0, 0, 0, 4]
    }
    let old = header(times: 0, types: 1) + [0, 0, 0, 0, 0, 0] + Array("LMT\0".utf8)
    let new =
      header(times: 1, types: 2) + [0, 0, 0, 0, 0x5E, 0x0B, 0x61, 0x00, 1]
      + [0, 0, 0, 0, 0, 0] + [0, 0, 0x0E, 0x10, 0, 0] + Array("CET\0".utf8)
    return String(decoding: old + new + Array("\n\(rule)\n".utf8), as: UTF8.self)
  }

  private func schedules(_ written: String, files: [String: String] = [:]) throws -> [Schedule] {
    let result = Fixtures.load(
      """
      services: {web: {image: x}}
      jobs:
        nightly:
          image: y
          command: backup
          environment: {A: null, B: "2"}
          env_file: present.env
          networks: [back]
          volumes: ["data:/data"]
          depends_on: [web]
          triggers: {schedule: [\(written)]}
      networks: {back: }
      volumes: {data: }
      """, files: files.merging(["/project/present.env": "C=3\n"]) { $1 }, environment: ["A": "1"])
    let stack = try #require(result.stack, "\(result.text)")
    let job = try #require(stack.jobs["nightly"])
    #expect(job.template.environment == ["A": "1", "B": "2", "C": "3"] && job.template.command == ["backup"])
    #expect(job.dependencies == ["web": Dependency()])
    #expect(stack.networks["back"]?.name == "project_back" && stack.volumes["data"]?.name == "project_data")
    return job.schedules
  }

  @Test func `a job has a template, dependencies and its times`() throws {
    let found = try schedules("'0 3 * * *', {cron: '@daily', concurrency: queue, missed_fires: skip}")
    #expect(found.map(\.description) == ["0 3 * * * UTC", "@daily UTC, queue, missed ones are skipped"])
  }

  @Test(
    arguments: [
      // 2026-03-29T01:00:00Z and 2026-10-25T01:00:00Z; 2099-03-29T01:00:00Z and 2099-10-25T01:00:00Z.
      ("CET-1CEST,M3.5.0,M10.5.0/3", [1_774_746_000, 1_792_890_000], [4_078_429_200, 4_096_573_200]),
      // 2026-03-08T07:00:00Z and 2026-11-01T06:00:00Z.
      ("EST5EDT,M3.2.0,M11.1.0", [1_772_953_200, 1_793_512_800], [4_076_636_400, 4_097_196_000]),
      // South of the equator summer ends first: 2026-04-04T16:00:00Z and 2026-10-03T16:00:00Z.
      ("AEST-10AEDT,M10.1.0,M4.1.0/3", [1_775_318_400, 1_791_043_200], [4_079_001_600, 4_094_726_400]),
    ] as [(String, [Int64], [Int64])])
  func `clocks are set as the rule of the zone says, for long`(
    rule: String, year2026: [Int64], year2099: [Int64]
  ) throws {
    let zone = try #require(
      try schedules(
        "{cron: '@daily', timezone: Test/Zone}",
        files: ["/usr/share/zoneinfo/Test/Zone": Self.zone(rule: rule)]
      ).first?.zone)
    #expect(zone.name == "Test/Zone" && zone.firstOffset == 3600)
    let changes = zone.changes.map(\.at)
    #expect(changes.filter { (1_767_225_600..<1_798_761_600).contains($0) } == year2026)
    #expect(changes.filter { (4_070_908_800..<4_102_444_800).contains($0) } == year2099)
    #expect(changes == changes.sorted())
  }

  @Test(arguments: ["UTC0", "<+0545>-5:45", "<-03>3"])
  func `a zone may never set its clocks`(rule: String) throws {
    let found = try schedules(
      "{cron: '@daily', timezone: Test/Zone}", files: ["/usr/share/zoneinfo/Test/Zone": Self.zone(rule: rule)]
    )
    #expect(found.first?.zone.changes.count ?? 0 <= 1)
  }

  @Test func `a job whose profile is not active is none, and one that is named is`() {
    let text = """
      services: {web: {image: x}}
      jobs: {nightly: {image: y, profiles: [night], triggers: {manual: true}}}
      """
    #expect(Fixtures.load(text).stack?.jobs.isEmpty == true)
    #expect(Fixtures.load(text, profiles: ["night"]).stack?.jobs.count == 1)
    #expect(Fixtures.load(text, services: ["nightly"]).stack?.jobs.count == 1)
  }
}
