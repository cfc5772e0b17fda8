import DockerAPI
import EngineInterface
import FakeEngine
import Stacks
import Synchronization
import Testing

@Suite struct UsageTests {
  private static func engine() -> FakeEngine {
    let web = Sample.container("web")
    let engine = FakeEngine([web])
    var usage = ContainerUsage(
      takenAt: Moment(seconds: 1_700_000_100),
      interfaces: [
        "eth0": .init(bytesReceived: 1200, packetsReceived: 12, bytesSent: 3400, packetsSent: 34)
      ], hostCPUTime: 10_000_000_000, hostCPUs: 2, hostMemory: 1 << 30)
    usage.cpuTime = 1_500_000_000
    usage.memory = 3 << 20
    usage.reclaimableMemory = 1 << 20
    usage.processes = 4
    let sample = UsageSample(
      id: web.container.id, name: web.name, instance: web.container.instance, usage: usage)
    engine.content.withLock {
      $0.usage = [sample]
      $0.processes = [
        ContainerProcess(
          user: "root", pid: 42, parent: 41, startedAt: Moment(seconds: 1_700_000_000),
          cpuTime: .seconds(3725), hasTerminal: false, command: "httpd -f")
      ]
    }
    return engine
  }

  @Test func `one sample has what clients work the shares out from`() async throws {
    try await serving(Self.engine()) { path async throws in
      let text = body(try await ask(path, "GET", "/containers/shop-web-1/stats?stream=false&one-shot=true"))
      for part in [
        "\"cpu_usage\":{\"total_usage\":1500000000,", "\"system_cpu_usage\":10000000000", "\"online_cpus\":2",
        "\"memory_stats\":{\"limit\":1073741824,\"stats\":{\"inactive_file\":1048576},\"usage\":3145728}",
        "\"eth0\":{\"rx_bytes\":1200,", "\"pids_stats\":{\"current\":4}", "\"name\":\"/shop-web-1\"",
        "\"preread\":\"0001-01-01T00:00:00Z\"",
      ] {
        #expect(text.contains(part), "\(part) is missing in \(text)")
      }
    }
  }

  @Test func `without one-shot a second sample is taken to compare with`() async throws {
    try await serving(Self.engine()) { path async throws in
      let text = body(try await ask(path, "GET", "/containers/shop-web-1/stats?stream=0"))
      #expect(text.contains("\"total_usage\":2000000000") && text.contains("\"total_usage\":1500000000"))
      #expect(text.ranges(of: "\"preread\"").count == 1, "\(text)")
    }
  }

  @Test func `a container that does not run has one sample of nothing`() async throws {
    let engine = Self.engine()
    engine.content.withLock { $0.usage = [] }
    try await serving(engine) { path async throws in
      let text = body(try await ask(path, "GET", "/containers/shop-web-1/stats"))
      #expect(text.contains("\"total_usage\":0") && text.contains("\"name\":\"/shop-web-1\""))
    }
  }

  @Test func `processes come as ps -ef has them`() async throws {
    try await serving(Self.engine()) { path async throws in
      let text = body(try await ask(path, "GET", "/containers/shop-web-1/top"))
      #expect(
        text.contains("\"Titles\":[\"UID\",\"PID\",\"PPID\",\"C\",\"STIME\",\"TTY\",\"TIME\",\"CMD\"]"))
      #expect(
        text.contains("[\"root\",\"42\",\"41\",\"0\",\"2023-11-14\",\"?\",\"01:02:05\",\"httpd -f\"]"),
        "\(text)")
      #expect(
        try await ask(path, "GET", "/containers/shop-web-1/top?ps_args=aux").hasPrefix("HTTP/1.1 400 "))
    }
  }

  @Test func `metrics are in Prometheus's format`() async throws {
    try await serving(Self.engine()) { path async throws in
      let text = body(try await ask(path, "GET", "/metrics"))
      let place = "{stack=\"shop\",service=\"web\",container=\"shop-web-1\"}"
      for line in [
        "# TYPE cairn_container_cpu_seconds_total counter",
        "cairn_container_cpu_seconds_total\(place) 1.500000000",
        "cairn_container_memory_bytes\(place) 2097152",
        "cairn_container_network_sent_bytes_total\(place) 3400",
        "cairn_container_running\(place) 1",
        "cairn_service_replicas_desired{stack=\"shop\",service=\"web\"} 3",
        "cairn_events_total{stack=\"shop\",service=\"web\",action=\"die\"} 2",
        "cairn_job_running{stack=\"shop\",job=\"backup\"} 1",
        "cairn_job_last_exit_code{stack=\"shop\",job=\"backup\"} 3",
        "cairn_job_last_end_timestamp_seconds{stack=\"shop\",job=\"backup\"} 1700000001.500000000",
        "cairn_job_last_duration_seconds{stack=\"shop\",job=\"backup\"} 1.500000000",
        "cairn_job_next_run_timestamp_seconds{stack=\"shop\",job=\"backup\"} 1700003600.000000000",
        "cairn_job_running{stack=\"shop\",job=\"byhand\"} 0",
        "cairn_engine_memory_bytes 4096",
        "cairn_engine_cpu_seconds_total 1.500000000",
      ] {
        #expect(text.contains(line + "\n"), "\(line) is missing in \(text)")
      }
      #expect(!text.contains("memory_limit"), "what has no sample is left out")
      #expect(!text.contains("exit_code{stack=\"shop\",job=\"byhand\"}"), "it was never run")
    }
  }

  @Test func `events are filtered and worded as Docker's`() async throws {
    let engine = FakeEngine()
    let web = Sample.container("web")
    engine.content.withLock {
      $0.events = [
        EngineEvent(
          time: Moment(seconds: 5), kind: .network, action: .create, stack: "shop", id: "shop_default",
          name: "shop_default"),
        EngineEvent(
          time: Moment(seconds: 6), kind: .container, action: .die, stack: "shop",
          id: web.container.id.description, name: web.name,
          container: .init(
            instance: web.container.instance, image: Sample.busybox, labels: ["tier": "web"], exitCode: 3)),
        EngineEvent(
          time: Moment(seconds: 7), kind: .container, action: .healthy, stack: "other", id: "x", name: "y"),
      ]
    }
    try await serving(engine) { path async throws in
      let all = body(try await ask(path, "GET", "/events?since=5"))
      #expect(all.ranges(of: "\"Type\"").count == 3, "\(all)")
      let die = body(try await ask(path, "GET", "/events?since=5&filters={%22event%22:[%22die%22]}"))
      for part in [
        "\"Type\":\"container\"", "\"Action\":\"die\"", "\"status\":\"die\"", "\"exitCode\":\"3\"",
        "\"from\":\"busybox:latest\"", "\"tier\":\"web\"", "\"com.docker.compose.service\":\"web\"",
        "\"timeNano\":6000000000",
      ] {
        #expect(die.contains(part), "\(part) is missing in \(die)")
      }
      #expect(!die.contains("\"network\""))
      let label = "{%22label%22:[%22com.docker.compose.project=other%22]}"
      #expect(body(try await ask(path, "GET", "/events?since=1&filters=\(label)")).contains("health_status"))
      let early = body(try await ask(path, "GET", "/events?until=5"))
      #expect(early.contains("shop_default") && !early.contains("die"))
    }
    #expect(engine.calls.first == "events since=5000000000")
  }
}
