import StackFile
import Stacks
import Testing

/// What further attributes become in the model.
@Suite struct AttributeBindingTests {
  private func template(
    _ lines: String, environment: [String: String] = [:], files: [String: String] = [:]
  ) throws -> ContainerTemplate {
    let result = Fixtures.service(lines, environment: environment, files: files)
    return try #require(result.template, "\(result.text)")
  }

  @Test func `configs and secrets have their content from texts, files and variables`() throws {
    let result = Fixtures.load(
      """
      services:
        web:
          image: x
          configs: [a, {source: b, target: /etc/b, uid: "7", gid: "8", mode: 0440}]
          secrets: [c, {source: c, target: again, mode: "0600"}]
      configs:
        a: {content: "hello ${NAME}"}
        b: {file: conf/b}
      secrets:
        c: {environment: TOKEN}
      """, files: ["/project/conf/b": "b's\n"], environment: ["NAME": "you", "TOKEN": "sesame"])
    let files = try #require(result.template?.files, "\(result.text)")
    #expect(
      files == [
        FileMount(kind: .config, key: "a", target: "/a", content: FileContent("hello you")),
        FileMount(
          kind: .config, key: "b", target: "/etc/b", content: FileContent("b's\n"), owner: 7, group: 8,
          mode: 0o440),
        FileMount(kind: .secret, key: "c", target: "/run/secrets/c", content: FileContent("sesame")),
        FileMount(
          kind: .secret, key: "c", target: "/run/secrets/again", content: FileContent("sesame"), mode: 0o600),
      ])
  }

  @Test func `what runs before the start is a service of its own that the other waits for`() throws {
    func load(_ service: String) throws -> Stack {
      let result = Fixtures.load(
        """
        services:
          db: {image: d}
          web:
            image: x
            restart: always
            ports: ["80:80"]
            depends_on: [db]
            networks: {front: {aliases: [www], ipv4_address: 10.0.0.9}}
            \(service)
            pre_start:
              - command: [migrate]
              - {image: y, command: [seed], user: "7"}
        networks: {front: {ipam: {config: [{subnet: 10.0.0.0/24}]}}}
        """)
      return try #require(result.stack, "\(result.text)")
    }
    let stack = try load("user: '5'")
    #expect(stack.services.keys.sorted() == ["db", "web", "web-pre_start-1", "web-pre_start-2"])
    let steps = try (1...2).map { try #require(stack.services["web-pre_start-\($0)"]) }
    #expect(steps[0].dependencies == ["db": Dependency()])
    #expect(
      steps[1].dependencies == ["db": Dependency(), "web-pre_start-1": Dependency(condition: .completed)])
    #expect(
      stack.services["web"]?.dependencies == [
        "db": Dependency(), "web-pre_start-1": Dependency(condition: .completed),
        "web-pre_start-2": Dependency(condition: .completed),
      ])
    #expect(steps.allSatisfy { $0.preparesFor == "web" && $0.replicas == 1 })
    let templates = steps.map(\.template)
    #expect(templates.map(\.command) == [["migrate"], ["seed"]])
    #expect(templates.map(\.user) == ["5", "7"])
    #expect(templates.allSatisfy { $0.restart == .no && $0.ports.isEmpty })
    #expect(templates.allSatisfy { $0.networks == ["front": NetworkAttachment()] })
    // What makes other containers of the service makes another step, and nothing else does.
    let label = Service.preparationLabel
    let same = try load("user: '5'\n    scale: 1\n    stop_grace_period: 3s")
    let other = try load("user: '6'")
    func marks(_ stack: Stack) -> String? {
      stack.services["web-pre_start-2"]?.template.labels[label]
    }
    #expect(marks(stack)?.hasPrefix("web@") == true && marks(stack) == marks(same))
    #expect(marks(stack) != marks(other))
  }

  @Test func `names are those of the file`() throws {
    let naming = try template(
      """
      domainname: example.org
      extra_hosts: {a: 10.0.0.1, b: ["fd00::1", host-gateway]}
      dns: 9.9.9.9
      dns_search: one.test
      dns_opt: ["ndots:2"]
      """
    ).naming
    #expect(naming.domain == "example.org")
    #expect(naming.hosts.map(\.description) == ["a=10.0.0.1", "b=fd00::1", "b=host-gateway"])
    #expect(naming.servers.map(\.description) == ["9.9.9.9"])
    #expect(naming.searchDomains == ["one.test"] && naming.options == ["ndots:2"])
    let linked = Fixtures.load(
      "services: {db: {image: x}, web: {image: x, links: [db, \"db:two\"], external_links: [\"c:d\"]}}")
    #expect(linked.template?.naming.links == ["two": "db", "d": "c"], "\(linked.text)")
  }

  @Test func `limits in Docker's numbers are kept as such`() throws {
    let resources = try template(
      """
      cpu_shares: 512
      cpu_quota: 20000
      cpu_period: 50000
      cpuset: 0-1,3
      mem_limit: 1m
      memswap_limit: -1
      mem_swappiness: 7
      oom_kill_disable: true
      oom_score_adj: -5
      blkio_config: {weight: 300, device_write_bps: [{path: /dev/a, rate: 1m}]}
      """
    ).resources
    #expect(
      resources
        == Resources(
          memoryLimit: 1 << 20, swapLimit: .max, swappiness: 7, disablesOOMKill: true, oomScoreAdjustment: -5,
          cpuShares: 512, cpuQuota: 20_000, cpuPeriod: 50_000, cpuSet: "0-1,3",
          blockIO: BlockIO(weight: 300, writeRates: [.init(path: "/dev/a", value: 1 << 20)])))
    for line in [
      "cpu_shares: 0", "cpu_quota: -1", "cpu_period: 0", "memswap_limit: 0", "mem_swappiness: -1",
      "oom_kill_disable: false", "oom_score_adj: 0", "blkio_config: {}", "shm_size: 0", "group_add: []",
      "sysctls: {}", "devices: []", "logging: {}", "logging: {driver: json-file}", "dns: []",
      "security_opt: [\"seccomp=builtin\"]", "ipc: private", "ipc: shareable", "cgroup: private",
      "userns_mode: host", "attach: true", "pull_policy: if_not_present", "annotations: {}",
    ] {
      #expect(try template(line) == template("init: false"), "\(line)")
    }
  }

  @Test func `devices, kernel settings, groups and logs are kept as they are written`() throws {
    let found = try template(
      """
      devices: [/dev/fuse, {source: /dev/sda, target: /dev/xvda, permissions: r}]
      device_cgroup_rules: ["c 10:200 rwm", "b *:* m"]
      sysctls: ["net.core.somaxconn=77"]
      group_add: [video, 7]
      shm_size: 1g
      annotations: {a: b}
      logging: {driver: local, options: {max-size: 10m}}
      platform: linux/amd64
      """)
    #expect(
      found.devices == [
        DeviceMapping(source: "/dev/fuse", target: "/dev/fuse"),
        DeviceMapping(source: "/dev/sda", target: "/dev/xvda", permissions: "r"),
      ])
    #expect(found.deviceRules == ["c 10:200 rwm", "b *:* m"])
    #expect(found.sysctls == ["net.core.somaxconn": "77"] && found.groups == ["video", "7"])
    #expect(found.sharedMemory == 1 << 30 && found.annotations == ["a": "b"])
    #expect(found.logging == LogSettings(maximumSize: 10 << 20, maximumFiles: 5))
    #expect(found.platform == "linux/amd64")
    #expect(try template("logging: {driver: none}").logging.isKept == false)
  }

  @Test func `a seccomp profile is the text of its file`() throws {
    let files = ["/project/deny.json": "{}", "/etc/other.json": "[]"]
    func filter(_ option: String) throws -> Security.Filter {
      try template("security_opt: [\"\(option)\"]", files: files).security.filter
    }
    #expect(try filter("seccomp=deny.json") == .profile("{}"))
    #expect(try filter("seccomp:./deny.json") == .profile("{}"))
    #expect(try filter("seccomp=/etc/other.json") == .profile("[]"))
    #expect(try filter("seccomp=unconfined") == .none)
    #expect(try filter("no-new-privileges") == .standard)
  }

  @Test(
    arguments: [
      ("network_mode: none", Sharing()), ("network_mode: host", Sharing(network: .host)),
      ("network_mode: \"container:c\"", Sharing(network: .container("c"))),
      ("ipc: host", Sharing(ipc: .host)), ("pid: \"container:c\"", Sharing(processes: .container("c"))),
      ("uts: host", Sharing(hostName: .host)), ("cgroup: host", Sharing(cgroup: .host)),
    ] as [(String, Sharing)])
  func `namespaces are shared as written`(line: String, sharing: Sharing) throws {
    let found = try template(line)
    #expect(found.sharing == sharing)
    #expect(found.networks.isEmpty == line.hasPrefix("network_mode"))
    let other = Fixtures.load("services: {db: {image: x}, web: {image: x, network_mode: \"service:db\"}}")
    #expect(other.template?.sharing == Sharing(network: .service("db")), "\(other.text)")
    #expect(other.stack?.services["web"]?.dependencies["db"]?.restart == true)
  }

  @Test func `networks have their addresses, sizes and links`() throws {
    let result = Fixtures.load(
      """
      services:
        web:
          image: x
          mac_address: 02-42-AC-11-00-02
          networks: {a: {priority: 1, gw_priority: 2, interface_name: lan0}, b: {}}
      networks:
        a:
          driver_opts: {com.docker.network.driver.mtu: "1400"}
          enable_ipv4: true
          ipam:
            config: [{subnet: 10.1.0.0/24, ip_range: 10.1.0.128/25, aux_addresses: {r: 10.1.0.9}}]
        b:
      """)
    let stack = try #require(result.stack, "\(result.text)")
    #expect(
      result.template?.networks == [
        "a": NetworkAttachment(
          hardwareAddress: "02:42:ac:11:00:02", interface: "lan0", priority: 1, gatewayPriority: 2),
        "b": NetworkAttachment(),
      ])
    #expect(
      stack.networks["a"]
        == NetworkDefinition(
          name: "project_a", subnet: IPv4Subnet("10.1.0.0/24"), range: IPv4Subnet("10.1.0.128/25"),
          reserved: ["r": try #require(IPv4Address("10.1.0.9"))], mtu: 1400))
  }

  @Test func `a network has IPv6 where it is switched on, with what was chosen for it`() throws {
    let result = Fixtures.load(
      """
      services:
        web:
          image: x
          networks: {a: {ipv4_address: 10.1.0.5, ipv6_address: "fd00:1:0::5"}, b: {}}
      networks:
        a:
          enable_ipv6: true
          ipam:
            config:
              - {subnet: "fd00:1::/64", gateway: "fd00:1::ff", ip_range: "fd00:1::/80", aux_addresses: {r: "fd00:1::9"}}
              - {subnet: 10.1.0.0/24}
        b: {enable_ipv6: true}
      """)
    let stack = try #require(result.stack, "\(result.text)")
    #expect(result.lines == [])
    #expect(
      result.template?.networks["a"]
        == NetworkAttachment(address: IPv4Address("10.1.0.5"), address6: IPv6Address("fd00:1::5")))
    #expect(
      stack.networks["a"]
        == NetworkDefinition(
          name: "project_a", subnet: IPv4Subnet("10.1.0.0/24"),
          ipv6: IPv6Part(
            subnet: IPv6Subnet("fd00:1::/64"), gateway: IPv6Address("fd00:1::ff"),
            range: IPv6Subnet("fd00:1::/80"), reserved: ["r": try #require(IPv6Address("fd00:1::9"))])))
    #expect(stack.networks["b"] == NetworkDefinition(name: "project_b", ipv6: IPv6Part()))
  }

  @Test func `mounts say what comes along, which part and whether it is filled`() throws {
    let result = Fixtures.load(
      """
      services:
        web:
          image: x
          volumes_from: ["db:ro", "container:c"]
          volumes:
            - {type: volume, source: v, target: /v, volume: {subpath: a/b, nocopy: true}}
            - {type: bind, source: /x, target: /x, bind: {recursive: writable}}
            - dd:/d
        db: {image: x}
      volumes: {v: , dd: {driver_opts: {type: none, o: bind, device: /srv/}}}
      """)
    let found = try #require(result.template, "\(result.text)")
    #expect(
      found.mounts == [
        MountSpec(source: .volume(key: "v"), target: "/v", subpath: "a/b", copiesImage: false),
        MountSpec(
          source: .bind(path: "/x", createIfMissing: true), target: "/x", recursion: .writable),
        MountSpec(source: .volume(key: "dd"), target: "/d"),
      ])
    #expect(
      found.volumesFrom == [
        VolumesFrom(source: .service("db"), isReadOnly: true), VolumesFrom(source: .container("c")),
      ])
    #expect(result.stack?.volumes["dd"] == VolumeDefinition(name: "project_dd", device: "/srv"))
  }

  @Test func `what is mounted from images, from memory and by the host is as written`() throws {
    let result = Fixtures.load(
      """
      services:
        web:
          image: x
          cgroup_parent: batch/low
          tmpfs: ["/t:size=1m,mode=0750,uid=7,gid=8,exec", "/u:noexec"]
          volumes:
            - {type: image, source: "tools:1", target: /tools, image: {subpath: bin}, read_only: true}
            - {type: bind, source: /x, target: /x, bind: {propagation: rslave}}
            - /y:/y:shared
            - {type: volume, target: /anon, volume: {labels: {a: b}}}
            - nfs:/nfs
          deploy:
            labels: {a: b}
            endpoint_mode: vip
            placement:
              constraints: ["node.role == manager", "node.hostname == Box"]
              preferences: [{spread: node.labels.zone}]
      volumes:
        nfs: {driver_opts: {type: nfs4, o: "addr=10.0.0.1,ro", device: ":/export"}}
      """, files: ["/proc/sys/kernel/hostname": "box\n"])
    let found = try #require(result.template, "\(result.text)")
    #expect(found.resources == Resources(cgroupParent: "batch/low"))
    #expect(found.mountedImages.map(\.description) == ["tools:1"])
    #expect(
      found.mounts == [
        MountSpec(
          source: .image(try ImageReference("tools:1")), target: "/tools", isReadOnly: true, subpath: "bin"),
        MountSpec(
          source: .bind(path: "/x", createIfMissing: true), target: "/x", propagation: .rslave),
        MountSpec(
          source: .bind(path: "/y", createIfMissing: true), target: "/y", propagation: .shared),
        MountSpec(source: .anonymous, target: "/anon", labels: ["a": "b"]),
        MountSpec(source: .volume(key: "nfs"), target: "/nfs"),
        MountSpec(
          source: .tmpfs(size: 1 << 20, mode: 0o750, owner: 7, group: 8, isExecutable: true), target: "/t"),
        MountSpec(source: .tmpfs(size: nil, mode: nil), target: "/u"),
      ])
    #expect(
      result.stack?.volumes["nfs"]
        == VolumeDefinition(
          name: "project_nfs",
          fileSystem: FileSystem(type: "nfs4", device: ":/export", options: ["addr=10.0.0.1", "ro"])))
    #expect(
      result.lines.map { $0.split(separator: "; ")[0].drop { $0 != " " } } == [
        " warning: 'labels' has no effect: they are for a swarm",
        " warning: 'endpoint_mode' has no effect: a name leads to each replica, and a published port is spread over them",
        " warning: 'preferences' has no effect: there is one machine",
      ])
  }

  @Test func `hooks and attaching are kept`() throws {
    let result = Fixtures.service(
      """
      attach: false
      post_start: [{command: echo a b, user: root, privileged: true, working_dir: /w, environment: [A=1, B]}]
      pre_stop: [{command: [sync]}]
      """, environment: ["B": "2"])
    #expect(result.stack?.services["web"]?.isAttached == false, "\(result.text)")
    #expect(
      result.template?.postStart == [
        Hook(
          command: ["echo", "a", "b"], user: "root", isPrivileged: true, workingDirectory: "/w",
          environment: ["A": "1", "B": "2"])
      ])
    #expect(result.template?.preStop == [Hook(command: ["sync"])])
  }
}
