import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct `What a container sees` {
  @Test func `is only its own processes, host name, devices and standard streams`() async throws {
    try await withSandbox { sandbox in
      let output = try await sandbox.output(
        "echo $$; hostname; ls /dev; ls /proc/self/fd; cat /proc/self/stat | cut -d' ' -f6"
      ) { $0.hostname = "box" }
      // `ls` itself has the directory open as 3.
      #expect(
        output == """
          1
          box
          core
          fd
          full
          mqueue
          null
          ptmx
          pts
          random
          shm
          stderr
          stdin
          stdout
          tty
          urandom
          zero
          0
          1
          2
          3
          1

          """)
    }
  }

  @Test func `has no mount of the host`() async throws {
    try await withSandbox { sandbox in
      let mounts = try await sandbox.output("cut -d' ' -f2,3 /proc/mounts")
      let points = Set(mounts.split(separator: "\n").map { String($0.split(separator: " ")[0]) })
      let expected: Set<String> = [
        "/", "/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/proc/bus", "/proc/fs",
        "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
      ]
      // A kernel need not have each of them.
      #expect(expected.filter(Files.exists).subtracting(points).isEmpty)
      #expect(
        points.subtracting(expected).subtracting(ProtectedPaths.masked).filter {
          !$0.contains("thermal_throttle")
        }.isEmpty)
      #expect(!mounts.contains(sandbox.root))
    }
  }

  @Test func `is masked or read-only where the kernel would tell or take too much`() async throws {
    try await withSandbox { sandbox in
      let paths = ProtectedPaths.masked.joined(separator: " ")
      let output = try await sandbox.output(
        """
        for p in \(paths); do [ -e $p ] || continue; if [ -d $p ]; then ls -A $p; else cat $p; fi; done
        for p in \(paths); do [ -d $p ] && touch $p/x 2>/dev/null && echo wrote $p; done
        echo 1 2>&1 > /proc/sys/kernel/domainname && echo wrote
        (echo x > /proc/sysrq-trigger) 2>&1 | grep -o 'Read-only'
        (mkdir /sys/x) 2>&1 | grep -o 'Read-only\\|not permitted'
        (echo 1 > /sys/kernel/uevent_helper) 2>&1 | grep -o 'Read-only\\|nonexistent'
        """)
      #expect(output.contains("Read-only"))
      #expect(!output.contains("wrote"))
      let masked = output.split(separator: "\n").filter {
        !$0.contains("Read-only") && !$0.contains("sh: can't")
      }
      #expect(masked.allSatisfy { $0 == "not permitted" || $0 == "nonexistent" }, "\(masked)")
    }
  }

  @Test func `may write to its root, or not where it is read-only, and never to the image`() async throws {
    try await withSandbox { sandbox in
      #expect(
        try await sandbox.output("echo x > /etc/new && cat /etc/new; rm /bin/seq && echo gone") == "x\ngone\n"
      )
      #expect(!Files.exists("\(sandbox.root)/image/etc/new"))
      #expect(Files.exists("\(sandbox.root)/image/bin/seq"))
      let output = try await sandbox.output("touch /x 2>&1; touch /dev/shm/x /tmp/t && echo ok") {
        $0.hasReadOnlyRoot = true
        $0.workingDirectory = "/made"
        $0.mounts = [LaunchMount(.tmpfs(size: 1 << 20, mode: 0o1777), target: "/tmp")]
      }
      #expect(output == "touch: /x: Read-only file system\nok\n")
    }
  }

  @Test func `is what its privileges allow`() async throws {
    try await withSandbox { sandbox in
      let script = "grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status"
      let standard = "00000000a80425fb"
      try await sandbox.expect(
        script,
        prints: """
          CapInh:\t0000000000000000
          CapPrm:\t\(standard)
          CapEff:\t\(standard)
          CapBnd:\t\(standard)
          CapAmb:\t0000000000000000
          NoNewPrivs:\t0
          Seccomp:\t0

          """)
      let filter = try SeccompFilters(directory: nil).filter(for: .standard)
      let user = try await sandbox.output(script) {
        $0.user = "app"
        $0.seccomp = filter
        $0.forbidsNewPrivileges = true
      }
      #expect(
        user == """
          CapInh:\t0000000000000000
          CapPrm:\t0000000000000000
          CapEff:\t0000000000000000
          CapBnd:\t\(standard)
          CapAmb:\t0000000000000000
          NoNewPrivs:\t1
          Seccomp:\t2

          """)
      // The filter is there without no-new-privileges as well, and it holds.
      let denied = try await sandbox.output("grep Seccomp: /proc/self/status; mount -t tmpfs x /tmp 2>&1") {
        $0.seccomp = filter
      }
      #expect(denied.hasPrefix("Seccomp:\t2\n"))
      #expect(denied.contains("ermission denied") || denied.contains("not permitted"))
    }
  }

  @Test func `has the limits that were asked for, or as much as can be had and a warning`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell("ulimit -n; ulimit -Hn; ulimit -c")
      let hard = try ProcessLimits.limit(of: 7).hard
      request.limits = [
        ResourceLimit(resource: 7, soft: 100, hard: 200), ResourceLimit(resource: 4, soft: 0, hard: 0),
      ]
      #expect(try await sandbox.run(request).output == "100\n200\n0\n")
      var greedy = try sandbox.shell("ulimit -Hn")
      greedy.limits = [ResourceLimit(resource: 7, soft: hard + 1, hard: hard + 1)]
      let started = try await sandbox.start(greedy)
      _ = try await sandbox.end(of: greedy.id)
      let got = try await sandbox.output(of: greedy.id)
      let mayRaise = ProcessLimits.effectiveCapabilities >> 24 & 1 == 1
      #expect(got == "\(mayRaise ? hard + 1 : hard)\n")
      #expect(
        started.warnings
          == (mayRaise ? [] : ["ulimit nofile: the engine may not raise a hard limit; it is \(hard):\(hard)"])
      )
    }
  }

  @Test func `has loopback up and Docker's sysctls in a network of its own`() async throws {
    try await withSandbox { sandbox in
      let output = try await sandbox.output(
        """
        ip -o -4 addr | grep -o '127.0.0.1/8'; ls /sys/class/net | grep -v '[0-9]$' | grep lo
        cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range
        cat /proc/sys/net/core/somaxconn
        """
      ) { $0.sysctls = ["net.core.somaxconn": "77"] }
      #expect(output == "127.0.0.1/8\nlo\n0\n0\t2147483647\n77\n")
    }
  }

  @Test func `are the files and devices that it is given`() async throws {
    try await withSandbox(links: ["etc/resolv.conf": "../run/resolve/stub.conf"]) { sandbox in
      try Files.replace("\(sandbox.root)/hosts", with: "1.2.3.4 x\n".utf8)
      try Files.replace("\(sandbox.root)/resolv", with: "nameserver 9.9.9.9\n".utf8)
      let output = try await sandbox.output(
        "cat /etc/hosts /etc/resolv.conf; stat -c '%t:%T %a' /dev/net/tun; df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2"
      ) {
        $0.files = NetworkFiles(hosts: "\(sandbox.root)/hosts", resolvConf: "\(sandbox.root)/resolv")
        $0.devices = [DeviceNode(path: "net/tun", major: 10, minor: 200, mode: 0o660)]
        $0.sharedMemory = 8 << 20
      }
      #expect(output == "1.2.3.4 x\nnameserver 9.9.9.9\na:c8 660\n8192\n")
      #expect(!Files.exists("\(sandbox.root)/image/run"))
    }
  }

  @Test func `of volumes and binds is what is in them, and new volumes start with the image's content`()
    async throws
  {
    try await withSandbox(
      ["var/lib/db/seed": "seed\n", "var/lib/db/sub/x": "deep\n"], links: ["var/lib/db/l": "seed"]
    ) {
      sandbox in
      for name in ["volume", "bind/sub"] { try Files.makeDirectories("\(sandbox.root)/\(name)") }
      try Files.replace("\(sandbox.root)/bind/file", with: "from the host\n".utf8, mode: 0o644)
      let script = """
        cat /bound/file /one; touch /bound/x 2>&1; touch /bound/sub/x && echo nested
        stat -c %a /bound/sub; touch /data/kept
        """
      let output = try await sandbox.output(script) {
        $0.mounts = [
          LaunchMount(.volume("\(sandbox.root)/volume"), target: "/data"),
          LaunchMount(.bind("\(sandbox.root)/bind"), target: "/bound", isReadOnly: true),
          LaunchMount(.bind("\(sandbox.root)/bind/file"), target: "/one"),
          LaunchMount(.tmpfs(size: nil, mode: 0o700), target: "/bound/sub"),
        ]
      }
      #expect(
        output
          == "from the host\nfrom the host\ntouch: /bound/x: Read-only file system\nnested\n700\n")
      #expect(try Files.list("\(sandbox.root)/volume") == ["kept"])
      #expect(try Files.list("\(sandbox.root)/bind/sub").isEmpty)
      let filled = try await sandbox.output(
        "cat /var/lib/db/seed /var/lib/db/sub/x /var/lib/db/l; echo more > /var/lib/db/seed"
      ) {
        $0.mounts = [LaunchMount(.volume("\(sandbox.root)/volume2"), target: "/var/lib/db")]
        try? Files.makeDirectories("\(sandbox.root)/volume2")
      }
      #expect(filled == "seed\ndeep\nseed\n")
      // The second container finds what the first one left, not the image's.
      let kept = try await sandbox.output("cat /var/lib/db/seed") {
        $0.mounts = [LaunchMount(.volume("\(sandbox.root)/volume2"), target: "/var/lib/db", isReadOnly: true)]
      }
      #expect(kept == "more\n")
      #expect(try Files.readText("\(sandbox.root)/image/var/lib/db/seed") == "seed\n")
    }
  }

  @Test func `of cgroups is its own group alone`() async throws {
    for hierarchy in Machine.hierarchies {
      try await withSandbox { sandbox in
        try await withCgroups(on: hierarchy) { cgroups in
          var request = try sandbox.shell(
            "cut -d: -f3 /proc/self/cgroup; ls -d /sys/fs/cgroup/*; touch /sys/fs/cgroup/x 2>&1")
          request.cgroup = try cgroups.create(id: request.id)
          let (record, output) = try await sandbox.run(request)
          #expect(record.code != 0)
          #expect(output.contains("Read-only file system"))
          // In its namespace its own group is the root; hierarchies without a group of ours are not its own.
          #expect(output.split(separator: "\n").contains("/"))
          #expect(!output.contains(request.id.description))
          try cgroups.remove(id: request.id)
        }
      }
    }
  }

  @Test func `of CPUs is the set that was asked for, and a group of it is made only then`() async throws {
    for hierarchy in Machine.hierarchies(with: .cpuset) {
      try await withSandbox { sandbox in
        try await withCgroups(on: hierarchy) { cgroups in
          let script = "grep Cpus_allowed_list /proc/self/status | tr -d '\\t'"
          var plain = try sandbox.shell(script)
          plain.cgroup = try cgroups.create(id: plain.id)
          let all = try await sandbox.run(plain).output
          try cgroups.remove(id: plain.id)
          var request = try sandbox.shell(script)
          request.cgroup = try cgroups.create(id: request.id, resources: Resources(cpuSet: "0"))
          #expect(request.cgroup!.paths.count >= plain.cgroup!.paths.count)
          #expect(try await sandbox.run(request).output == "Cpus_allowed_list:0\n")
          #expect(all.hasPrefix("Cpus_allowed_list:"))
          try cgroups.remove(id: request.id)
          #expect(throws: CgroupError.self) {
            try cgroups.create(id: .random(), resources: Resources(cpuSet: "4000"))
          }
        }
      }
    }
  }

  @Test func `of swap, swappiness and the OOM killer is what was asked for`() async throws {
    for hierarchy in Machine.hierarchies(with: .memory) {
      try await withCgroups(on: hierarchy) { cgroups in
        let id = ContainerID.random()
        let isVersion2 = hierarchy.unified != nil
        var resources = Resources(memoryLimit: 8 << 20, swapLimit: 12 << 20)
        if !isVersion2 { (resources.swappiness, resources.disablesOOMKill) = (7, true) }
        let paths = try cgroups.create(id: id, resources: resources).paths
        func value(_ file: String) -> String? {
          paths.lazy.compactMap { try? Files.readText("\($0)/\(file)") }.first
        }
        if isVersion2 {
          #expect(value("memory.swap.max") == "\(4 << 20)\n")
          #expect(throws: CgroupError.self) {
            try cgroups.create(id: .random(), resources: Resources(swappiness: 5))
          }
        } else {
          #expect(value("memory.memsw.limit_in_bytes") == "\(12 << 20)\n")
          #expect(value("memory.swappiness") == "7\n")
          #expect(value("memory.oom_control")?.hasPrefix("oom_kill_disable 1\n") == true)
        }
        resources.swapLimit = .max
        try cgroups.update(id: id, resources: resources)
        if isVersion2 { #expect(value("memory.swap.max") == "max\n") }
        if !isVersion2 { #expect((value("memory.memsw.limit_in_bytes")?.count ?? 0) > 15) }
        try cgroups.remove(id: id)
      }
    }
  }

  @Test func `of block devices is throttled as was asked for, or an error says what the kernel lacks`()
    async throws
  {
    let disks = try Files.list("/sys/block").filter { Files.exists("/dev/\($0)") }
    for hierarchy in Machine.hierarchies(with: .io) {
      guard let disk = disks.first else { return }
      try await withCgroups(on: hierarchy) { cgroups in
        let id = ContainerID.random()
        let device = try #require(try HostDevice(at: "/dev/\(disk)"))
        let limits = BlockIO(writeRates: [.init(path: device.path, value: 1 << 20)])
        let paths = try cgroups.create(id: id, resources: Resources(blockIO: limits)).paths
        let file = hierarchy.unified == nil ? "blkio.throttle.write_bps_device" : "io.max"
        let text = paths.lazy.compactMap { try? Files.readText("\($0)/\(file)") }.first
        #expect(
          text?.contains("\(device.number) ") == true && text?.contains("1048576") == true, "\(text ?? "")")
        try cgroups.remove(id: id)
        let error = #expect(throws: CgroupError.self) {
          try cgroups.create(
            id: id, resources: Resources(blockIO: BlockIO(readRates: [.init(path: "/dev/null", value: 1)])))
        }
        #expect(error?.description.contains("/dev/null") == true)
        #expect(try cgroups.list().isEmpty, "half a group is left")
      }
    }
  }

  @Test func `of devices of the host is the same node, and may be used as far as was asked`() async throws {
    let device = try #require(try HostDevice(at: "/dev/full"))
    #expect(!device.isBlock && device.number == "1:7")
    #expect(try HostDevice(at: "/etc") == nil)
    #expect(try HostDevice.all(at: "/dev/pts").allSatisfy { $0.path.hasPrefix("/dev/pts/") })
    for path in ["/dev/nothing", "/etc/passwd"] {
      #expect(throws: SystemError.self) { try HostDevice.all(at: path) }
    }
    for hierarchy in Machine.hierarchies {
      try await withSandbox { sandbox in
        try await withCgroups(on: hierarchy) { cgroups in
          // kmsg is no standard device: without a rule it cannot be opened.
          guard let kmsg = try HostDevice(at: "/dev/kmsg") else { return }
          let rule = DeviceRule(.character, major: kmsg.major, minor: kmsg.minor, access: .read)
          for (access, expected) in [(DeviceAccess.standard, "no\n"), (.standard(and: [rule]), "no\nread\n")]
          {
            var request = try sandbox.shell(
              "(echo x > /dev/log/kmsg) 2>/dev/null && echo wrote || echo no; head -c0 /dev/log/kmsg 2>/dev/null && echo read"
            )
            request.devices = [
              DeviceNode(
                path: "log/kmsg", major: kmsg.major, minor: kmsg.minor, mode: kmsg.permissions)
            ]
            request.capabilities = CapabilitySet.standard.union(CapabilitySet([.syslog]))
            request.cgroup = try cgroups.create(id: request.id, devices: access)
            #expect(try await sandbox.run(request).output == expected)
            try cgroups.remove(id: request.id)
          }
        }
      }
    }
  }

  @Test func `has groups, an OOM score, a domain and a size of shared memory as asked for`() async throws {
    try await withSandbox { sandbox in
      let own = Int(try Files.readText("/proc/self/oom_score_adj").dropLast()) ?? 0
      let output = try await sandbox.output(
        """
        id -G; cat /proc/self/oom_score_adj; cat /proc/sys/kernel/domainname /proc/sys/kernel/msgmax
        df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2
        """
      ) {
        $0.user = "app"
        $0.groups = ["extra", "4242"]
        $0.oomScoreAdjustment = min(own + 100, 1000)
        $0.sysctls = ["kernel.domainname": "example.org", "kernel.msgmax": "9000"]
        $0.sharedMemory = 1 << 20
      }
      #expect(output == "1001 2000 2001 4242\n\(min(own + 100, 1000))\nexample.org\n9000\n1024\n")
      // What cannot be had is an error, not a container that is killed sooner than it should be.
      let mayLower = ProcessLimits.effectiveCapabilities >> 24 & 1 == 1
      var request = try sandbox.shell("cat /proc/self/oom_score_adj")
      request.oomScoreAdjustment = own - 1
      if mayLower || own == -1000 { return }
      let error = await #expect(throws: RuntimeError.self) { try await sandbox.run(request) }
      #expect(error?.description.contains("CAP_SYS_RESOURCE") == true, "\(error?.description ?? "")")
    }
  }

  @Test func `holds limits from before its first instruction`() async throws {
    guard let hierarchy = Machine.hierarchies(with: .pids).first else { return }
    try await withSandbox { sandbox in
      try await withCgroups(on: hierarchy) { cgroups in
        var request = try sandbox.shell("for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; echo all")
        request.cgroup = try cgroups.create(id: request.id, resources: Resources(pidsLimit: 4))
        let (record, output) = try await sandbox.run(request)
        #expect(record.code == 2)
        #expect(output.contains("can't fork"))
        try cgroups.remove(id: request.id)
      }
    }
  }

  @Test func `of the network is the link that was made for it between the two steps`() async throws {
    try await withSandbox { sandbox in
      let netlink = try NetlinkSocket()
      let bridge = "cnt\(ContainerID.random().short.prefix(8))"
      try netlink.performAll([
        LinkMessage.createBridge(bridge, group: 4711, hardwareAddress: [2, 0, 0, 0, 0, 1])
      ])
      defer { try? netlink.performAll([LinkMessage.delete(name: bridge)]) }
      let index = try #require(try netlink.links().first { $0.name == bridge }).index
      var request = try sandbox.shell("ip -o -4 addr show eth0 | tr -s ' '; ip route; ip -6 addr show eth0")
      request.network = .isolated([
        NetworkEndpoint(
          interface: "eth0", address: IPv4Address("10.99.0.2")!, prefix: 24,
          gateway: IPv4Address("10.99.0.1"))
      ])
      let prepared = try await sandbox.runtime.prepare(request)
      try netlink.performAll([
        LinkMessage.createPair(
          host: "\(bridge)p", master: index, group: 4711, peer: "eth0",
          peerHardwareAddress: [2, 0, 0, 0, 0, 2], namespace: prepared.networkNamespace.number)
      ])
      _ = try await sandbox.runtime.release(prepared)
      _ = try await sandbox.end(of: request.id)
      let output = try await sandbox.output(of: request.id)
      #expect(output.contains("inet 10.99.0.2/24 brd 10.99.0.255 scope global eth0"))
      #expect(output.contains("default via 10.99.0.1 dev eth0"))
      #expect(!output.contains("inet6"))
    }
  }

  @Test func `of a link that nobody made is an error with its name`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.request("true")
      request.network = .isolated([
        NetworkEndpoint(interface: "eth0", address: IPv4Address("10.99.0.2")!, prefix: 24, gateway: nil)
      ])
      let prepared = try await sandbox.runtime.prepare(request)
      await #expect(throws: RuntimeError.self) { try await sandbox.runtime.release(prepared) }
      #expect(try sandbox.runtime.status(of: request.id) == .absent)
    }
  }

  @Test func `of another container's network is the same interfaces`() async throws {
    try await withSandbox { sandbox in
      let first = try sandbox.request("sleep", "1000")
      let prepared = try await sandbox.runtime.prepare(first)
      let started = try await sandbox.runtime.release(prepared)
      let wanted = try Files.readLink("/proc/\(started.process)/ns/net")
      let namespace = prepared.networkNamespace
      let output = try await sandbox.output("readlink /proc/self/ns/net") { $0.network = .shared(namespace) }
      #expect(output == wanted + "\n")
      let host = try await sandbox.output("readlink /proc/self/ns/net") { $0.network = .host }
      #expect(host == (try Files.readLink("/proc/thread-self/ns/net")) + "\n")
    }
  }

  @Test func `of many layers is all of them`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell(
        "cat /n | head -1; ls /layer* | wc -l; cat /proc/self/mountinfo | wc -l >/dev/null")
      var lower: [String] = []
      // Together far more than a page, and each too long for one fsconfig string.
      let long = String(repeating: "x", count: 200)
      for number in 0..<120 {
        let path = "\(sandbox.root)/deep/\(long)/\(long)/\(number)"
        try Files.makeDirectories(path, mode: 0o755)
        try Files.replace("\(path)/n", with: "\(number)\n".utf8)
        try Files.replace("\(path)/layer\(number)", with: "".utf8)
        lower.append(path)
      }
      request.root.lower = lower + request.root.lower
      #expect(try await sandbox.run(request).output == "0\n120\n")
    }
  }
}
