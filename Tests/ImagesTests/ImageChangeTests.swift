import FoundationEssentials
import Stacks
import Testing

@testable import Images

@Suite struct ImageChangeTests {
  static let table: [(String, ImageDefaults)] = [
    (#"CMD ["redis-server", "--port", "1"]"#, ImageDefaults(command: ["redis-server", "--port", "1"])),
    ("cmd echo  hi", ImageDefaults(command: ["/bin/sh", "-c", "echo  hi"])),
    ("CMD []", ImageDefaults(command: [])),
    (#"ENTRYPOINT ["/init"]"#, ImageDefaults(entrypoint: ["/init"])),
    ("ENV A=1 B=\"x y\" C='q\\' D=a\\ b", ImageDefaults(environment: ["A=1", "B=x y", "C=q\\", "D=a b"])),
    ("ENV PATH /bin:/usr/bin", ImageDefaults(environment: ["PATH=/bin:/usr/bin"])),
    ("ENV A=", ImageDefaults(environment: ["A="])),
    ("WORKDIR /data", ImageDefaults(workingDirectory: "/data")),
    ("USER redis:redis", ImageDefaults(user: "redis:redis")),
    ("EXPOSE 80 53/UDP 80/tcp", ImageDefaults(exposedPorts: ["53/udp", "80/tcp"])),
    (#"VOLUME ["/b", "/a"]"#, ImageDefaults(volumes: ["/a", "/b"])),
    ("VOLUME /a /b", ImageDefaults(volumes: ["/a", "/b"])),
    ("LABEL org.x=\"a b\" y=z", ImageDefaults(labels: ["org.x": "a b", "y": "z"])),
    ("STOPSIGNAL quit", ImageDefaults(stopSignal: "SIGQUIT")),
    ("STOPSIGNAL 9", ImageDefaults(stopSignal: "9")),
    ("HEALTHCHECK NONE", ImageDefaults(healthcheck: Healthcheck(test: nil, isDisabled: true))),
    (
      "HEALTHCHECK --interval=1m30s --timeout=500ms --retries=5 --start-period=2s --start-interval=1s CMD redis-cli ping",
      ImageDefaults(
        healthcheck: Healthcheck(
          test: .shell("redis-cli ping"), interval: .seconds(90), timeout: .milliseconds(500), retries: 5,
          startPeriod: .seconds(2), startInterval: .seconds(1)))
    ),
    (
      #"HEALTHCHECK CMD ["true"]"#, ImageDefaults(healthcheck: Healthcheck(test: .exec(["true"])))
    ),
  ]

  @Test(arguments: table.indices)
  func `an instruction means what it means in a Dockerfile, and survives JSON`(_ index: Int) throws {
    let (text, expected) = ImageChangeTests.table[index]
    var defaults = ImageDefaults()
    try defaults.apply(ImageChange(text))
    #expect(defaults == expected)
    let json = try encoded(defaults)
    #expect(try decoded(ImageDefaults.self, from: json, path: "config") == expected)
  }

  @Test(arguments: [
    "", "CMD", "RUN make", "CMD [\"a\"", "CMD [1]", "ENV A", "ENV =x", "ENV A=\"x", "WORKDIR data",
    "USER a b",
    "EXPOSE", "EXPOSE 0", "EXPOSE 70000", "EXPOSE 80/icmp", "VOLUME data", "STOPSIGNAL a b", "HEALTHCHECK",
    "HEALTHCHECK CMD", "HEALTHCHECK --interval=3 CMD x", "HEALTHCHECK --retries=0 CMD x",
    "HEALTHCHECK --other=1 CMD x", "HEALTHCHECK sh",
  ])
  func `what cannot be understood is refused by name`(_ text: String) {
    #expect {
      try ImageChange(text)
    } throws: { error in
      "\(error)".contains("--change") && "\(error)".contains(": ")
    }
  }

  @Test func `a later ENV replaces, ports and volumes add up`() throws {
    var defaults = ImageDefaults()
    for text in [
      "ENV A=1", "ENV AB=1", "ENV A=2", "EXPOSE 1", "EXPOSE 2", "VOLUME /a", "VOLUME /b", "CMD a", "CMD b",
    ] {
      try defaults.apply(ImageChange(text))
    }
    #expect(defaults.environment == ["A=2", "AB=1"])
    #expect(defaults.exposedPorts == ["1/tcp", "2/tcp"])
    #expect(defaults.volumes == ["/a", "/b"])
    #expect(defaults.command == ["/bin/sh", "-c", "b"])
  }

  @Test func `a configuration that Docker wrote is understood`() throws {
    let json = """
      {"architecture":"amd64","os":"linux","created":"2024-05-06T07:08:09.123456789Z","docker_version":"x",
       "config":{"Hostname":"","User":"","Env":["PATH=/bin"],"Cmd":["sh"],"Entrypoint":null,"Labels":null,
       "Volumes":{"/data":{}},"ExposedPorts":{"6379/tcp":{}},"WorkingDir":"/","OnBuild":null,"StopSignal":"",
       "Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":5000000000}},
       "history":[{"created_by":"x","empty_layer":true}],"rootfs":{"type":"layers","diff_ids":[]}}
      """
    let config = try decoded(ImageConfig.self, from: Array(json.utf8), path: "config")
    #expect(
      config.defaults
        == ImageDefaults(
          exposedPorts: ["6379/tcp"], environment: ["PATH=/bin"], command: ["sh"], volumes: ["/data"],
          workingDirectory: "/", healthcheck: Healthcheck(test: .shell("true"), interval: .seconds(5))))
    #expect(Moment(rfc3339: config.created) == Moment(nanoseconds: 1_714_979_289_123_456_789))
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_700_000_000, "2023-11-14T22:13:20Z"),
    (4_107_542_399, "2100-02-28T23:59:59Z"), (-1, "1969-12-31T23:59:59Z"),
  ])
  func `times read and write as RFC 3339`(_ seconds: Int64, _ text: String) {
    #expect(Moment(seconds: seconds).rfc3339 == text)
    #expect(Moment(rfc3339: text) == Moment(seconds: seconds))
  }

  @Test func `every moment comes back from its text`() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      let moment = Moment(
        nanoseconds: Int64.random(
          in: -2_000_000_000_000_000_000...9_000_000_000_000_000_000, using: &generator))
      #expect(Moment(rfc3339: moment.rfc3339) == moment, "\(moment.nanoseconds)")
    }
    #expect(Moment(rfc3339: "2024-05-06T09:08:09+02:00") == Moment(rfc3339: "2024-05-06T07:08:09Z"))
    for bad in [
      "", "2024", "2024-05-06T07:08:09", "2024-13-06T07:08:09Z", "2024-05-06T07:08:09+02",
      "2024-05-06T07:08:09ZZ",
    ] {
      #expect(Moment(rfc3339: bad) == nil, "\(bad)")
    }
  }
}
