import Stacks
import Testing

@Suite struct DifferenceTests {
  static let slot = Slot(stack: "shop", service: "web", number: 1)

  func base() throws -> ContainerSpec {
    ContainerSpec(
      slot: Self.slot,
      template: ContainerTemplate(
        image: try ImageReference("app:1"), networks: ["default": NetworkAttachment()],
        mounts: [MountSpec(source: .volume(key: "data"), target: "/d")],
        files: [
          FileMount(kind: .config, key: "conf", target: "/conf", content: FileContent("a\nb\nc\n")),
          FileMount(kind: .secret, key: "key", target: "/run/secrets/key", content: FileContent("hunter2")),
        ],
        healthcheck: Healthcheck(test: .shell("true"))),
      networkNames: ["default": "shop_default"], volumeNames: ["data": "shop_data"])
  }

  /// Each stored property of a container's spec, changed: the words for it, and whether it is live.
  static let changes: [(String, Bool, @Sendable (inout ContainerSpec) throws -> Void)] = [
    ("image: app:1 → app:2", false, { $0.template.image = try ImageReference("app:2") }),
    ("command: the image's → [\"a\", \"b c\"]", false, { $0.template.command = ["a", "b c"] }),
    ("entrypoint: the image's → []", false, { $0.template.entrypoint = [] }),
    ("environment.A: none → 1", false, { $0.template.environment["A"] = "1" }),
    ("environment.A: none → unset", false, { $0.template.environment["A"] = .some(nil) }),
    ("user: the image's → 7", false, { $0.template.user = "7" }),
    ("working_dir: the image's → /w", false, { $0.template.workingDirectory = "/w" }),
    ("hostname: none → h", false, { $0.template.hostname = "h" }),
    ("container_name: none → c", false, { $0.template.containerName = "c" }),
    ("labels.a: none → b", true, { $0.template.labels["a"] = "b" }),
    ("tty: false → true", false, { $0.template.tty = true }),
    ("stdin_open: false → true", false, { $0.template.stdinOpen = true }),
    ("networks.default: attached → none", false, { $0.template.networks = [:] }),
    ("networks.default.aliases: [] → [\"x\"]", true, { $0.template.networks["default"]?.aliases = ["x"] }),
    (
      "networks.default.ipv4_address: none → 10.0.0.9", false,
      { $0.template.networks["default"]?.address = IPv4Address("10.0.0.9") }
    ),
    (
      "networks.default.ipv6_address: none → fd00::9", false,
      { $0.template.networks["default"]?.address6 = IPv6Address("fd00::9") }
    ),
    (
      "networks.default.mac_address: none → 02:00:00:00:00:01", false,
      { $0.template.networks["default"]?.hardwareAddress = "02:00:00:00:00:01" }
    ),
    (
      "networks.default.interface_name: none → lan0", false,
      { $0.template.networks["default"]?.interface = "lan0" }
    ),
    ("networks.default.priority: 0 → 5", false, { $0.template.networks["default"]?.priority = 5 }),
    ("networks.default.gw_priority: 0 → 5", false, { $0.template.networks["default"]?.gatewayPriority = 5 }),
    ("links.db: none → postgres", false, { $0.template.naming.links["db"] = "postgres" }),
    ("network_mode: private → service:db", false, { $0.template.sharing.network = .service("db") }),
    ("ipc: private → host", false, { $0.template.sharing.ipc = .host }),
    ("pid: private → container:x", false, { $0.template.sharing.processes = .container("x") }),
    ("uts: private → host", false, { $0.template.sharing.hostName = .host }),
    ("cgroup: private → host", false, { $0.template.sharing.cgroup = .host }),
    (
      "ports: [] → [0.0.0.0:1->2/tcp]", true,
      { $0.template.ports = [PortMapping(hostPort: 1, containerPort: 2)] }
    ),
    (
      "volumes: [data:/d] → [data:/d:ro]", false,
      { $0.template.mounts = [MountSpec(source: .volume(key: "data"), target: "/d", isReadOnly: true)] }
    ),
    ("configs./conf: mounted → none", false, { $0.template.files.removeFirst() }),
    (
      "configs./conf.content: line 2 'b' → 'x'", false,
      { $0.template.files[0].content = FileContent("a\nx\nc\n") }
    ),
    (
      "configs./conf.content: line 2 'b' → none", false, { $0.template.files[0].content = FileContent("a") }
    ),
    (
      "configs./conf.content: other bytes → new bytes", false,
      { $0.template.files[0].content = FileContent([0xff]) }
    ),
    ("configs./conf.source: conf → other", false, { $0.template.files[0].key = "other" }),
    ("configs./conf.mode: 0444 → 0400", false, { $0.template.files[0].mode = 0o400 }),
    ("configs./conf.uid: the user's → 7", false, { $0.template.files[0].owner = 7 }),
    ("configs./conf.gid: the user's → 8", false, { $0.template.files[0].group = 8 }),
    (
      "secrets./run/secrets/key.content: old → new", false,
      { $0.template.files[1].content = FileContent("correct horse") }
    ),
    (
      "configs and secrets: configs./conf, secrets./run/secrets/key → secrets./run/secrets/key, configs./conf",
      false, { $0.template.files.reverse() }
    ),
    ("domainname: none → d", false, { $0.template.naming.domain = "d" }),
    (
      "extra_hosts: [] → [h=1.2.3.4]", false,
      { $0.template.naming.hosts = [HostEntry(name: "h", address: "1.2.3.4")] }
    ),
    ("dns: [] → [9.9.9.9]", false, { $0.template.naming.servers = [IPv4Address("9.9.9.9")!] }),
    ("dns_search: [] → [\"a\"]", false, { $0.template.naming.searchDomains = ["a"] }),
    ("dns_opt: [] → [\"o\"]", false, { $0.template.naming.options = ["o"] }),
    ("annotations.a: none → b", true, { $0.template.annotations["a"] = "b" }),
    ("group_add: [] → [\"7\"]", false, { $0.template.groups = ["7"] }),
    ("sysctls.net.a: none → 1", false, { $0.template.sysctls["net.a"] = "1" }),
    ("shm_size: 64m → 1g", false, { $0.template.sharedMemory = 1 << 30 }),
    (
      "devices: [] → [/dev/a:/dev/b:r]", false,
      { $0.template.devices = [DeviceMapping(source: "/dev/a", target: "/dev/b", permissions: "r")] }
    ),
    ("device_cgroup_rules: [] → [\"c 1:2 r\"]", false, { $0.template.deviceRules = ["c 1:2 r"] }),
    ("logging.driver: json-file → none", false, { $0.template.logging.isKept = false }),
    ("logging.options.max-size: none → 10m", false, { $0.template.logging.maximumSize = 10 << 20 }),
    ("logging.options.max-file: 1 → 3", false, { $0.template.logging.maximumFiles = 3 }),
    ("seccomp: the engine's → unconfined", false, { $0.template.security.filter = .none }),
    ("memswap_limit: none → -1", true, { $0.template.resources.swapLimit = .max }),
    ("mem_swappiness: none → 7", false, { $0.template.resources.swappiness = 7 }),
    ("oom_kill_disable: none → true", false, { $0.template.resources.disablesOOMKill = true }),
    ("oom_score_adj: none → -5", false, { $0.template.resources.oomScoreAdjustment = -5 }),
    ("cpu_shares: none → 512", true, { $0.template.resources.cpuShares = 512 }),
    ("cpu_quota: none → 5000", true, { $0.template.resources.cpuQuota = 5000 }),
    ("cpu_period: none → 6000", true, { $0.template.resources.cpuPeriod = 6000 }),
    ("cpuset: none → 0-1", false, { $0.template.resources.cpuSet = "0-1" }),
    ("blkio_config.weight: none → 10", false, { $0.template.resources.blockIO = BlockIO(weight: 10) }),
    (
      "blkio_config.device_read_bps: [] → [/dev/a:7]", false,
      { $0.template.resources.blockIO = BlockIO(readRates: [.init(path: "/dev/a", value: 7)]) }
    ),
    (
      "volumes: [data:/d] → [data/a/b:/d:nocopy,recursive=disabled]", false,
      {
        $0.template.mounts = [
          MountSpec(
            source: .volume(key: "data"), target: "/d", recursion: .disabled, subpath: "a/b",
            copiesImage: false)
        ]
      }
    ),
    (
      "volumes_from: [] → [service:db:ro]", false,
      { $0.template.volumesFrom = [VolumesFrom(source: .service("db"), isReadOnly: true)] }
    ),
    (
      "post_start: none → a b (user 7, privileged, in /w, with A)", true,
      {
        $0.template.postStart = [
          Hook(
            command: ["a", "b"], user: "7", isPrivileged: true, workingDirectory: "/w",
            environment: ["A": "1"])
        ]
      }
    ),
    (
      "pre_stop: none → a; b", true,
      { $0.template.preStop = [Hook(command: ["a"]), Hook(command: ["b"])] }
    ),
    ("platform: any → linux/arm64", false, { $0.template.platform = "linux/arm64" }),
    ("limits.memory: none → 1536m", true, { $0.template.resources.memoryLimit = 1536 << 20 }),
    ("reservations.memory: none → 1g", true, { $0.template.resources.memoryReservation = 1 << 30 }),
    ("limits.cpus: none → 0.25", true, { $0.template.resources.cpuLimit = 250 }),
    ("reservations.cpus: none → 2", true, { $0.template.resources.cpuReservation = 2000 }),
    ("cgroup_parent: the engine's → /batch", false, { $0.template.resources.cgroupParent = "/batch" }),
    (
      "volumes: [data:/d] → [image tools:1:/d:rslave,label a=b]", false,
      {
        $0.template.mounts = [
          MountSpec(
            source: .image(try ImageReference("tools:1")), target: "/d", propagation: .rslave,
            labels: ["a": "b"])
        ]
      }
    ),
    (
      "volumes: [data:/d] → [tmpfs:/d:size=1m,mode=700,uid=7,gid=8,exec]", false,
      {
        $0.template.mounts = [
          MountSpec(
            source: .tmpfs(size: 1 << 20, mode: 0o700, owner: 7, group: 8, isExecutable: true), target: "/d")
        ]
      }
    ),
    ("limits.pids: none → 9", true, { $0.template.resources.pidsLimit = 9 }),
    ("ulimits.nofile: none → 1:2", false, { $0.template.ulimits["nofile"] = Ulimit(soft: 1, hard: 2) }),
    ("cap_add: [] → [\"SYS_TIME\"]", false, { $0.template.security.addedCapabilities = ["SYS_TIME"] }),
    ("cap_drop: [] → [\"ALL\"]", false, { $0.template.security.droppedCapabilities = ["ALL"] }),
    ("privileged: false → true", false, { $0.template.security.isPrivileged = true }),
    ("read_only: false → true", false, { $0.template.security.hasReadOnlyRoot = true }),
    ("no-new-privileges: false → true", false, { $0.template.security.forbidsNewPrivileges = true }),
    ("init: false → true", false, { $0.template.runsInit = true }),
    ("healthcheck: given → the image's", true, { $0.template.healthcheck = nil }),
    ("healthcheck.test: true → a b", true, { $0.template.healthcheck?.test = .exec(["a", "b"]) }),
    ("healthcheck.interval: 30s → 5s", true, { $0.template.healthcheck?.interval = .seconds(5) }),
    ("healthcheck.timeout: 30s → 1s", true, { $0.template.healthcheck?.timeout = .seconds(1) }),
    ("healthcheck.retries: 3 → 4", true, { $0.template.healthcheck?.retries = 4 }),
    ("healthcheck.start_period: 0s → 1m0s", true, { $0.template.healthcheck?.startPeriod = .seconds(60) }),
    ("healthcheck.start_interval: 5s → 1s", true, { $0.template.healthcheck?.startInterval = .seconds(1) }),
    ("healthcheck.disable: false → true", true, { $0.template.healthcheck?.isDisabled = true }),
    ("restart: no → on-failure:3", true, { $0.template.restart = .onFailure(maximum: 3) }),
    ("deploy.restart_policy.delay: none → 5s", true, { $0.template.restartTiming.delay = .seconds(5) }),
    ("deploy.restart_policy.max_attempts: none → 3", true, { $0.template.restartTiming.maximum = 3 }),
    ("deploy.restart_policy.window: none → 1m0s", true, { $0.template.restartTiming.window = .seconds(60) }),
    (
      "x-replace-unhealthy: by the restart policy → false", true,
      { $0.template.restartTiming.replacesUnhealthy = false }
    ),
    ("stop_signal: the image's → SIGINT", true, { $0.template.stopSignal = "SIGINT" }),
    ("stop_grace_period: 10s → 1m0s", true, { $0.template.stopGracePeriod = .seconds(60) }),
    ("networks.default: shop_default → other", false, { $0.networkNames["default"] = "other" }),
    ("volumes.data: shop_data → other", false, { $0.volumeNames["data"] = "other" }),
  ]

  @Test(arguments: changes.indices) func `every field has words of its own`(_ index: Int) throws {
    let (text, isLive, change) = Self.changes[index]
    let before = try base()
    var after = before
    try change(&after)
    let found = before.differences(to: after)
    #expect(found.map(\.description) == [text])
    #expect(found.map(\.isLive) == [isLive])
    #expect(before.differences(to: before).isEmpty)
  }

  /// A field that is added to a template and forgotten here would replace no container.
  @Test func `no field is forgotten`() throws {
    func names(_ value: Any) -> Set<String> { Set(Mirror(reflecting: value).children.compactMap(\.label)) }
    let spec = try base()
    var changed: [String: Set<String>] = [:]
    for (_, _, change) in Self.changes {
      var after = spec
      try change(&after)
      for (part, before, now) in [
        ("spec", spec as Any, after as Any), ("template", spec.template, after.template),
        ("resources", spec.template.resources, after.template.resources),
        ("security", spec.template.security, after.template.security),
        ("naming", spec.template.naming, after.template.naming),
        ("logging", spec.template.logging, after.template.logging),
        ("sharing", spec.template.sharing, after.template.sharing),
        (
          "attachment", spec.template.networks["default"] ?? NetworkAttachment(),
          after.template.networks["default"] ?? NetworkAttachment()
        ),
        ("timing", spec.template.restartTiming, after.template.restartTiming),
      ] {
        for (old, new) in zip(Mirror(reflecting: before).children, Mirror(reflecting: now).children)
        where dumped(old.value) != dumped(new.value) {
          changed[part, default: []].insert(old.label ?? "")
        }
      }
    }
    // Who a container is: a roster compares no replica with a one-off container.
    #expect(changed["spec"] == names(spec).subtracting(["slot", "oneOffOf"]))
    #expect(changed["template"] == names(spec.template))
    #expect(changed["resources"] == names(spec.template.resources))
    #expect(changed["timing"] == names(spec.template.restartTiming))
    #expect(changed["security"] == names(spec.template.security))
    #expect(changed["naming"] == names(spec.template.naming))
    #expect(changed["logging"] == names(spec.template.logging))
    #expect(changed["sharing"] == names(spec.template.sharing))
    #expect(changed["attachment"] == names(NetworkAttachment()))
  }

  private func dumped(_ value: Any) -> String {
    var text = ""
    dump(value, to: &text)
    return text
  }

  @Test func `a network's own fields are compared one by one`() throws {
    let before = NetworkDefinition(name: "n", subnet: IPv4Subnet("10.0.0.0/24"))
    var after = before
    after.range = IPv4Subnet("10.0.0.128/25")
    after.reserved = ["router": try #require(IPv4Address("10.0.0.9"))]
    after.mtu = 1400
    #expect(
      before.differences(to: after).map(\.description) == [
        "ip_range: any → 10.0.0.128/25", "aux_addresses.router: none → 10.0.0.9", "mtu: 1500 → 1400",
      ])
    var six = before
    six.ipv6 = IPv6Part()
    #expect(before.differences(to: six).map(\.description) == ["enable_ipv6: false → true"])
    var other = six
    other.ipv6 = IPv6Part(
      subnet: IPv6Subnet("fd00::/64"), gateway: IPv6Address("fd00::9"), range: IPv6Subnet("fd00::/80"),
      reserved: ["router": try #require(IPv6Address("fd00::8"))])
    #expect(
      six.differences(to: other).map(\.description) == [
        "subnet: any → fd00::/64", "gateway: any → fd00::9", "ip_range: any → fd00::/80",
        "aux_addresses.router: none → fd00::8",
      ])
  }

  @Test func `a volume's place on the host is compared`() {
    let before = VolumeDefinition(name: "v")
    let after = VolumeDefinition(name: "v", device: "/srv")
    #expect(before.differences(to: after).map(\.description) == ["device: the engine's own place → /srv"])
    let mounted = VolumeDefinition(
      name: "v", fileSystem: FileSystem(type: "tmpfs", device: "tmpfs", options: ["size=1m"]))
    #expect(
      before.differences(to: mounted).map(\.description) == ["driver_opts: none → tmpfs tmpfs with size=1m"])
  }

  @Test func `a profile of its own is compared by its lines, and no block limits are as good as none`() throws
  {
    var before = try base()
    before.template.security.filter = .profile("{\n  a\n}")
    var after = before
    after.template.security.filter = .profile("{\n  b\n}")
    #expect(before.differences(to: after).map(\.description) == ["seccomp: line 2 '  a' → '  b'"])
    after = before
    after.template.resources.blockIO = BlockIO()
    #expect(before.differences(to: after).isEmpty)
  }

  @Test func `long values are cut and lines joined`() throws {
    let before = try base()
    var after = before
    after.template.environment["A"] = "x\ny" + String(repeating: "z", count: 99)
    let text = try #require(before.differences(to: after).first?.description)
    #expect(text == "environment.A: none → x y" + String(repeating: "z", count: 56) + "…")
  }
}
