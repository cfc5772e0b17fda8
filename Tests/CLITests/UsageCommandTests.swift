import EngineInterface
import FakeEngine
import Kernel
import Stacks
import Synchronization
import Testing

@testable import CLI

@Suite struct UsageCommandTests {
  private static func engine() -> FakeEngine {
    let web = Sample.container("web")
    let engine = FakeEngine([web])
    var usage = ContainerUsage(
      takenAt: Moment(seconds: 1), interfaces: [:], hostCPUTime: 0, hostCPUs: 2, hostMemory: 4 << 30)
    usage.cpuTime = 0
    usage.memory = 3 << 20
    usage.reclaimableMemory = 1 << 20
    usage.processes = 4
    usage.bytesRead = 1_234_567
    let sample = UsageSample(
      id: web.container.id, name: web.name, instance: web.container.instance, usage: usage)
    engine.content.withLock {
      $0.usage = [sample]
      $0.processes = [
        ContainerProcess(
          user: "root", pid: 42, parent: 41, startedAt: Moment(seconds: 1_700_000_000), cpuTime: .seconds(5),
          hasTerminal: true, command: "httpd -f")
      ]
      $0.events = [
        EngineEvent(
          time: Moment(seconds: 6), kind: .container, action: .die, stack: "shop",
          id: web.container.id.description, name: web.name,
          container: .init(
            instance: web.container.instance, image: Sample.busybox, exitCode: 3))
      ]
    }
    return engine
  }

  @Test func `stats works the share of the CPUs out of two samples`() async throws {
    let outcome = try await serving(Self.engine()) { host, _ in
      cairn(["-H", host, "-p", "shop", "stats", "--no-stream"])
    }
    #expect(
      outcome.output == """
        CONTAINER ID   NAME         CPU %    MEM USAGE / LIMIT   MEM %   NET I/O   BLOCK I/O      PIDS
        111111111111   shop-web-1   50.00%   2MiB / 4GiB         0.05%   0B / 0B   1.235MB / --   4

        """)
    #expect(outcome.status == 0)
  }

  @Test func `stats as JSON has Docker's names`() async throws {
    let outcome = try await serving(Self.engine()) { host, _ in
      cairn(["-H", host, "-p", "shop", "stats", "--no-stream", "--format", "json"])
    }
    #expect(
      outcome.output.contains("\"CPUPerc\":\"50.00%\"") && outcome.output.contains("\"Name\":\"shop-web-1\""))
  }

  @Test func `top shows the processes of each container`() async throws {
    let outcome = try await serving(Self.engine()) { host, _ in cairn(["-H", host, "-p", "shop", "top"]) }
    #expect(
      outcome.output == """
        SERVICE   #   UID    PID   PPID   C   STIME        TTY     TIME       CMD
        web       1   root   42    41     0   2023-11-14   pts/0   00:00:05   httpd -f

        """)
  }

  @Test func `events are a line each, or a document`() async throws {
    let (text, json) = try await serving(Self.engine()) { host, _ in
      (
        cairn(["-H", host, "-p", "shop", "events", "--since", "1"]),
        cairn(["-H", host, "-p", "shop", "events", "--since", "1", "--json", "web"])
      )
    }
    let id = String(repeating: "1", count: 64)
    #expect(
      text.output
        == "1970-01-01T00:00:06.000000000Z container die \(id) (exitCode=3, image=busybox:latest, name=shop-web-1)\n"
    )
    #expect(json.output.contains("\"action\":\"die\"") && json.output.contains("\"service\":\"web\""))
  }

  @Test(
    arguments: [
      (0, "0B", "0B"), (999, "999B", "999B"), (1000, "1000B", "1kB"), (1024, "1KiB", "1.024kB"),
      (1536, "1.5KiB", "1.536kB"), (123_456_789, "117.7MiB", "123.5MB"), (1 << 40, "1TiB", "1.1TB"),
    ] as [(UInt64, String, String)])
  func `amounts are worded as Docker words them`(_ bytes: UInt64, _ binary: String, _ decimal: String) {
    #expect(ByteText.binary(bytes) == binary && ByteText.decimal(bytes) == decimal)
  }
}
