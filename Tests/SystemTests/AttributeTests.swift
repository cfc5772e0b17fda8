import Foundation
import Testing

extension RealContainers {
  /// Attributes of a stack file, read back from inside the containers that they are for.
  @Suite struct AttributeTests {
    private func write(_ engine: TestEngine, _ path: String, _ text: String) throws {
      let folder = URL(filePath: engine.root + "/" + path).deletingLastPathComponent().path()
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try text.write(toFile: engine.root + "/" + path, atomically: true, encoding: .utf8)
    }

    @Test func `an engine raises its own limit of open files and not that of its containers`() throws {
      let engine = try TestEngine()
      engine.stop()
      try engine.start(openFiles: 300)
      let file = try engine.up(
        "limits", "services: {a: {image: busybox, command: sleep infinity, init: true}}\n")
      // That of a command in it, of its first process, and of the engine.
      #expect(
        try engine.inside(file, "a", "ulimit -S -n; awk '/open files/ {print $4}' /proc/1/limits")
          == "300\n300\n")
      let process = try #require(engine.process).processIdentifier
      let limits = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
      let files = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }?.split(
        separator: " ")
      #expect(files?[3] == files?[4])
    }

    @Test func `configs and secrets come from files, texts and variables, and a change is noticed`() throws {
      let engine = try TestEngine()
      try write(engine, "files/app.conf", "port=80\nmode=a\n")
      try write(engine, "files/key", "hunter2\n")
      let text = """
        services:
          app:
            image: busybox
            command: sleep infinity
            init: true
            user: "1000:1001"
            configs: [app, {source: inline, target: /etc/inline.conf, uid: "7", gid: "8", mode: 0440}]
            secrets: [key, {source: token, target: token.txt, mode: 0400}]
        configs:
          app: {file: ./app.conf}
          inline: {content: "hello ${NAME}\\n"}
        secrets:
          key: {file: ./key}
          token: {environment: TOKEN}
        """
      let file = try engine.up("files", text, environment: ["NAME": "you", "TOKEN": "sesame"])
      let script = """
        cat /app /run/secrets/key /run/secrets/token.txt; echo
        stat -c '%u:%g %a %n' /app /etc/inline.conf /run/secrets/*
        """
      #expect(
        try engine.inside(file, "app", script) == """
          port=80
          mode=a
          hunter2
          sesame
          1000:1001 444 /app
          7:8 440 /etc/inline.conf
          1000:1001 444 /run/secrets/key
          1000:1001 400 /run/secrets/token.txt

          """)
      let environment = ["NAME": "you", "TOKEN": "sesame"]
      let before = try pid(engine, file, "files-app-1")
      #expect(try engine.cairn("-f", file, "up", "-d", environment: environment).status == 0)
      #expect(try pid(engine, file, "files-app-1") == before, "nothing had changed")

      try write(engine, "files/app.conf", "port=80\nmode=b\n")
      try write(engine, "files/key", "correct horse\n")
      let plan = try engine.cairn("-f", file, "plan", environment: environment)
      #expect(plan.out.contains("configs./app.content: line 2 'mode=a' → 'mode=b'"), "\(plan)")
      #expect(plan.out.contains("secrets./run/secrets/key.content: old → new"), "\(plan)")
      #expect(try engine.cairn("-f", file, "up", "-d", environment: environment).status == 0)
      #expect(try engine.inside(file, "app", "cat /run/secrets/key") == "correct horse\n")
      // Nothing that is printed, logged or readable by others has a secret in it.
      let config = try engine.cairn("-f", file, "config", environment: environment)
      for shown in [plan.out, plan.err, engine.log(tail: 10_000), config.out] {
        #expect(!shown.contains("hunter2") && !shown.contains("correct horse") && !shown.contains("sesame"))
      }
      let readable = try Command.run(
        "/usr/bin/find", [engine.dataRoot, engine.execRoot, "-type", "f", "-perm", "/044", "-newer", file])
      for path in readable.out.split(separator: "\n") {
        let content = (try? String(contentsOfFile: String(path), encoding: .utf8)) ?? ""
        #expect(!content.contains("correct horse"), "\(path)")
      }
      #expect(try engine.inspect("files-app-1")["State"] != nil)
    }

    @Test func `names, groups, devices, kernel settings and the size of shared memory are as written`() throws
    {
      let engine = try TestEngine()
      let file = try engine.up(
        "own",
        """
        services:
          app:
            image: busybox
            command: sleep infinity
            init: true
            hostname: box
            domainname: example.org
            extra_hosts: ["printer=10.9.8.7", "six:fd00::1", "host:host-gateway"]
            dns: 9.9.9.9
            dns_search: [one.test, two.test]
            dns_opt: ["timeout:1"]
            group_add: ["1234"]
            sysctls: {net.core.somaxconn: 77, kernel.msgmax: "9000"}
            shm_size: 8m
            oom_score_adj: 500
            devices: ["/dev/kmsg:/dev/messages:r", "/dev/zero:/dev/deep/zero"]
            device_cgroup_rules: ["c 10:200 rwm"]
            annotations: {who: me}
            tmpfs: ["/t:size=1m,mode=1770"]
        """)
      let script = """
        hostname; cat /proc/sys/kernel/domainname; hostname -f
        grep -E 'printer|six' /etc/hosts; grep -cE '^10[.].*[[:space:]]host$' /etc/hosts
        grep -v nameserver /etc/resolv.conf; id -G
        cat /proc/sys/net/core/somaxconn /proc/sys/kernel/msgmax; cat /proc/1/oom_score_adj
        df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2; stat -c '%t:%T' /dev/messages /dev/deep/zero
        (echo x > /dev/messages) 2>&1 | grep -o 'not permitted'; head -c1 /dev/deep/zero | wc -c
        stat -c %a /t; df -k /t | tail -1 | tr -s ' ' | cut -d' ' -f2
        """
      let output = try engine.inside(file, "app", script)
      #expect(
        output == """
          box
          example.org
          box.example.org
          10.9.8.7\tprinter
          fd00::1\tsix
          1
          search one.test two.test
          options ndots:0 timeout:1
          0 1234
          77
          9000
          500
          8192
          1:b
          1:5
          not permitted
          1
          1770
          1024

          """)
      let host = try engine.inspect("own-app-1")["HostConfig"] as? [String: Any]
      #expect(host?["Annotations"] as? [String: String] == ["who": "me"])
    }

    @Test func `a profile of one's own filters calls, unconfined filters none, and a log is kept as asked`()
      throws
    {
      let engine = try TestEngine()
      try write(
        engine, "guard/deny.json",
        #"""
        {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
        """#)
      let file = try engine.up(
        "guard",
        """
        services:
          deny: {image: busybox, init: true, command: sleep infinity, security_opt: ["seccomp=deny.json"]}
          open: {image: busybox, init: true, command: sleep infinity, security_opt: ["seccomp:unconfined"]}
          loud:
            image: busybox
            init: true
            command: sh -c 'seq 3000; sleep infinity'
            logging: {options: {max-size: 4k, max-file: "2"}}
          mute:
            image: busybox
            init: true
            command: sh -c 'echo hello; sleep infinity'
            logging: {driver: none}
        """)
      #expect(
        try engine.inside(file, "deny", "mkdir /x 2>/dev/null || grep Seccomp: /proc/1/status")
          == "Seccomp:\t2\n")
      #expect(try engine.inside(file, "open", "mkdir /x && grep Seccomp: /proc/1/status") == "Seccomp:\t0\n")
      let logs = try eventually("the last line is logged") { () -> String? in
        let logs = try engine.cairn("-f", file, "logs", "--no-log-prefix", "loud").out
        return logs.hasSuffix("\n3000\n") ? logs : nil
      }
      let lines = logs.split(separator: "\n").compactMap { Int($0) }
      #expect(lines.count < 1000 && lines == Array((3001 - lines.count)...3000))
      let mute = try engine.cairn("-f", file, "logs", "mute")
      #expect(mute.status != 0 && mute.err.contains("keeps no log"), "\(mute)")
    }

    @Test func `what is mounted, and the group that a container is in, are as written`() throws {
      let engine = try TestEngine()
      let tar = TestEngine.products + "/test-images/busybox.tar"
      #expect(try engine.cairn("image", "import", tar, "tools", "--change", "ENV OTHER=1").status == 0)
      let shared = engine.root + "/shared"
      try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: true)
      #expect(try Command.run("/bin/mount", ["-t", "tmpfs", "none", shared]).status == 0)
      defer { _ = try? Command.run("/bin/umount", ["-l", shared]) }
      let text = """
        services:
          app:
            image: busybox
            command: sleep infinity
            init: true
            cgroup_parent: batch/low
            tmpfs: ["/t:size=1m,mode=0750,uid=7,gid=8,exec"]
            volumes:
              - {type: image, source: tools, target: /tools}
              - {type: image, source: busybox, target: /part, image: {subpath: etc}}
              - {type: bind, source: \(shared), target: /shared, bind: {propagation: rslave}}
              - memory:/memory
            deploy: {labels: {a: b}, placement: {constraints: ["node.role == manager"]}}
        volumes:
          memory: {driver_opts: {type: tmpfs, o: "size=1m,noexec", device: tmpfs}}
        """
      let file = try engine.stack("mounted", text)
      let refused = try engine.cairn("-f", file, "up", "-d")
      #expect(refused.status != 0 && refused.err.contains("make it shared"), "\(refused)")
      #expect(try Command.run("/bin/mount", ["--make-shared", shared]).status == 0)
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      let script = """
        test -x /tools/bin/busybox && echo found; test -e /part/passwd && echo part
        touch /tools/x /part/x 2>/dev/null || echo read-only
        stat -c '%u:%g %a' /t; df -k /t /memory | tail -n +2 | tr -s ' ' | cut -d' ' -f2
        echo kept > /memory/f; grep -c '^[^ ]* /memory .*noexec' /proc/mounts
        """
      let output = try engine.inside(file, "app", script)
      #expect(output == "found\npart\nread-only\n7:8 750\n1024\n1024\n1\n")
      #expect(try Command.run("/bin/mount", ["-t", "tmpfs", "none", shared]).status == 0)
      try "seen\n".write(toFile: shared + "/later", atomically: false, encoding: .utf8)
      #expect(try engine.inside(file, "app", "cat /shared/later") == "seen\n")
      #expect(try Command.run("/bin/umount", [shared]).status == 0)

      let pid = try pid(engine, file, "mounted-app-1")
      let groups = try String(contentsOfFile: "/proc/\(pid)/cgroup", encoding: .utf8)
      #expect(groups.contains("/batch/low/"), "\(groups)")
      #expect(try engine.cairn("-f", file, "stats", "--no-stream").out.contains("mounted-app-1"))
      // Memory that is a volume outlives its container, and goes with the volume.
      #expect(try engine.cairn("-f", file, "down", "-t", "1").status == 0)
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      #expect(try engine.inside(file, "app", "cat /memory/f") == "kept\n")
      let used = try engine.cairn("image", "rm", "tools")
      #expect(used.status != 0 && used.err.contains("in use"), "\(used)")
      #expect(try engine.cairn("-f", file, "down", "-v", "-t", "1").status == 0)
      let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
      #expect(!mounts.contains(engine.dataRoot))
      let left = try Command.run("/usr/bin/find", ["/sys/fs/cgroup", "-maxdepth", "4", "-name", "batch"])
      #expect(left.out == "", "\(left)")
    }

    @Test func `limits in Docker's own numbers are in the container's cgroup`() throws {
      let engine = try TestEngine()
      let isUnified = FileManager.default.fileExists(atPath: "/sys/fs/cgroup/cgroup.controllers")
      let file = try engine.up(
        "limits",
        """
        services:
          app:
            image: busybox
            command: sleep infinity
            init: true
            cpuset: "0"
            cpu_shares: 512
            cpu_period: 50000
            cpu_quota: 20000
            mem_limit: 64m
            memswap_limit: 96m
        """)
      #expect(
        try engine.inside(file, "app", "grep Cpus_allowed_list /proc/1/status") == "Cpus_allowed_list:\t0\n")
      let place = "cd /sys/fs/cgroup; "
      if isUnified {
        #expect(
          try engine.inside(file, "app", place + "cat cpu.weight cpu.max memory.max memory.swap.max")
            == "50\n20000 50000\n\(64 << 20)\n\(32 << 20)\n")
      } else {
        let files =
          "cpu*/cpu.shares cpu*/cpu.cfs_quota_us memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes"
        #expect(
          try engine.inside(file, "app", place + "for f in \(files); do cat $f; done | sort -u")
            == "\(96 << 20)\n20000\n512\n\(64 << 20)\n")
      }
    }
  }
}
