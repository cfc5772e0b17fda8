import Stacks
import Testing

@testable import Engine

@Suite struct HealthRecordTests {
  let start = Moment(seconds: 100)
  let check = Healthcheck(
    test: .shell("true"), interval: .seconds(30), retries: 3, startPeriod: .seconds(10),
    startInterval: .seconds(1))

  @Test func `a pass makes it healthy, and only as many failures in a row as retries unhealthy`() {
    var record = HealthRecord(startedAt: start)
    record = record.after(.passed(output: "ok"), at: start + .seconds(1), check: check)
    #expect(record.health == .healthy)
    #expect(record.since == start + .seconds(1))
    for expected in [Health.healthy, .healthy, .unhealthy, .unhealthy] {
      record = record.after(.failed(output: "no"), at: start + .seconds(40), check: check)
      #expect(record.health == expected)
    }
    #expect(record.since == start + .seconds(40))
    record = record.after(.passed(output: "ok"), at: start + .seconds(50), check: check)
    #expect(record.health == .healthy)
    #expect(record.failures == 0)
  }

  @Test func `failures in the start period do not count until it has been healthy once`() {
    var record = HealthRecord(startedAt: start)
    for _ in 0..<5 { record = record.after(.failed(output: "no"), at: start + .seconds(5), check: check) }
    #expect(record.health == .starting)
    #expect(record.failures == 0)
    record = record.after(.failed(output: "no"), at: start + .seconds(11), check: check)
    #expect(record.failures == 1)

    var well = HealthRecord(startedAt: start).after(
      .passed(output: ""), at: start + .seconds(1), check: check)
    for _ in 0..<3 { well = well.after(.failed(output: "no"), at: start + .seconds(5), check: check) }
    #expect(well.health == .unhealthy)
  }

  @Test func `probes come at the start interval in the start period and at the interval after it`() {
    let record = HealthRecord(startedAt: start)
    #expect(record.pause(at: start + .seconds(2), check: check) == .seconds(1))
    #expect(record.pause(at: start + .seconds(10), check: check) == .seconds(30))
    let well = record.after(.passed(output: ""), at: start + .seconds(1), check: check)
    #expect(well.pause(at: start + .seconds(2), check: check) == .seconds(30))
  }
}
