import Foundation
import Testing

extension RealContainers {
  /// Containers that have something in common, and what the engine does around them.
  @Suite struct CommonTests {
    @Test func `namespaces are another service's, the machine's, or nobody's`() throws {
      let engine = try TestEngine()
      let file = try engine.up(
        "share",
        """
        x-base: &base {image: busybox, command: sleep infinity, init: true}
        services:
          db: {<<: *base, hostname: dbhost, sysctls: {net.core.somaxconn: 99}}
          side:
            <<: *base
            network_mode: service:db
            pid: service:db
            ipc: service:db
          alone: {<<: *base, network_mode: none}
          machine: {<<: *base, network_mode: host, pid: host, uts: host, extra_hosts: ["me=10.1.2.3"]}
        """)
      let names = "for n in net pid ipc uts; do readlink /proc/self/ns/$n; done"
      let db = try engine.inside(file, "db", names).split(separator: "\n")
      let side = try engine.inside(file, "side", names).split(separator: "\n")
      #expect(db.prefix(3) == side.prefix(3) && db[3] != side[3])
      let own = try ["net", "pid", "ipc", "uts"].map {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/\($0)")
      }
      let machine = try engine.inside(file, "machine", names).split(separator: "\n").map(String.init)
      #expect(machine[0] == own[0] && machine[1] == own[1] && machine[3] == own[3] && machine[2] != own[2])
      #expect(try engine.inside(file, "machine", "grep -c '10.1.2.3.me' /etc/hosts") == "1\n")
      #expect(
        try engine.inside(file, "side", "hostname; cat /proc/sys/net/core/somaxconn") == "dbhost\n99\n")
      #expect(try engine.inside(file, "side", "echo x > /dev/shm/f") == "")
      #expect(
        try engine.inside(file, "db", "cat /dev/shm/f; ps | grep -c 'sleep infinit[y]'").hasPrefix("x\n"))
      #expect(try engine.inside(file, "alone", "ip -o link | cut -d: -f2") == " lo\n")
      #expect(try engine.inside(file, "side", "ping -c1 -W2 db >/dev/null && echo reached") == "reached\n")

      // The one that shares is stopped first and started last, and nothing of it stays.
      #expect(try engine.cairn("-f", file, "restart", "-t", "1", "db").status == 0)
      let again = try eventually("side has the network of the new process of db") { () -> String? in
        let db = try engine.inside(file, "db", "readlink /proc/self/ns/net")
        let side = try? engine.inside(file, "side", "readlink /proc/self/ns/net")
        return db == side ? side : nil
      }
      #expect(!again.isEmpty)
      #expect(try engine.cairn("-f", file, "down", "-t", "1").status == 0)
    }

    @Test func `a container that shares processes leaves none when it ends`() throws {
      let engine = try TestEngine()
      let file = try engine.up(
        "stray",
        """
        services:
          app:
            image: busybox
            pid: host
            command: sh -c 'sleep 54321 & echo started; sleep 1'
        """)
      _ = try eventually("the container has ended") {
        try engine.ps(file).first?["State"] as? String == "exited" ? true : nil
      }
      _ = try eventually("its background process too") {
        try Command.run("/bin/sh", ["-c", "grep -l 5432[1] /proc/[0-9]*/cmdline 2>/dev/null"]).out.isEmpty
          ? true : nil
      }
      #expect(try engine.cairn("-f", file, "down").status == 0)
    }

    @Test func `links, hardware addresses and interfaces on networks are as written`() throws {
      let engine = try TestEngine()
      let file = try engine.up(
        "nets",
        """
        x-base: &base {image: busybox, command: sleep infinity, init: true}
        services:
          db: {<<: *base, networks: [front]}
          app:
            <<: *base
            links: ["db:database"]
            networks:
              front: {mac_address: "02:42:0a:00:00:07", interface_name: lan0}
              back: {priority: 10, gw_priority: 5, ipv4_address: 10.66.0.5}
          other: {<<: *base, networks: [back]}
        networks:
          front: {driver_opts: {com.docker.network.driver.mtu: 1400}}
          back:
            ipam: {config: [{subnet: 10.66.0.0/24, ip_range: 10.66.0.128/25, aux_addresses: {router: 10.66.0.129}}]}
        """)
      #expect(
        try engine.inside(file, "app", "cat /sys/class/net/lan0/address /sys/class/net/lan0/mtu")
          == "02:42:0a:00:00:07\n1400\n")
      #expect(
        try engine.inside(file, "app", "ip route | grep default") == "default via 10.66.0.1 dev eth0 \n")
      #expect(
        try engine.inside(file, "app", "ping -c1 -W2 database >/dev/null && echo linked") == "linked\n")
      #expect(
        try engine.inside(file, "db", "ping -c1 -W2 database >/dev/null 2>&1 || echo unknown") == "unknown\n"
      )
      #expect(try engine.inside(file, "other", "ip -o -4 addr show eth0").contains(" 10.66.0.130/24 "))
    }

    @Test func `a network with IPv6 gives addresses, names and a way out, and the others none`() throws {
      let engine = try TestEngine()
      let file = try engine.up(
        "six",
        """
        x-base: &base {image: busybox, command: sleep infinity, init: true}
        services:
          web: {<<: *base, networks: {front: {ipv6_address: "fd00:66::5"}, plain: {}}}
          app: {<<: *base, networks: [front], scale: 2}
          other: {<<: *base, networks: [back, plain]}
        networks:
          front:
            enable_ipv6: true
            ipam: {config: [{subnet: "fd00:66::/64", gateway: "fd00:66::ff", ip_range: "fd00:66::100/120"}]}
          back: {enable_ipv6: true}
          plain:
        """)
      func addresses(_ service: String) throws -> [String] {
        try engine.inside(file, service, "ip -o -6 addr show scope global | tr -s ' ' | cut -d' ' -f2,4")
          .split(separator: "\n").map(String.init)
      }
      #expect(try addresses("web") == ["eth0 fd00:66::5/64"])
      #expect(try addresses("app").allSatisfy { $0.hasPrefix("eth0 fd00:66::1") })
      let back = try addresses("other")
      #expect(back.count == 1 && back[0].hasPrefix("eth0 fd") && back[0].hasSuffix("::2/64"), "\(back)")
      #expect(try engine.inside(file, "web", "ip -6 addr show dev eth1") == "", "plain has no IPv6 at all")
      #expect(
        try engine.inside(file, "web", "ip -6 route | grep default")
          .hasPrefix("default via fd00:66::ff dev eth0"))
      #expect(
        try engine.inside(
          file, "web",
          "grep -c '^fd00:66::5[[:space:]]' /etc/hosts; cat /proc/sys/net/ipv6/conf/eth0/accept_ra")
          == "1\n0\n")
      // Names have both kinds of address, and only those of networks in common.
      let reached = "ping -6 -c1 -W2 web >/dev/null && echo reached"
      #expect(try engine.inside(file, "app", reached) == "reached\n")
      let found = try engine.inside(file, "web", "nslookup -type=aaaa app | grep -c '^Address: *fd00:66::1'")
      #expect(found == "2\n")
      #expect(
        try engine.inside(file, "other", "nslookup -type=aaaa web 2>&1 | grep -c fd00: || true") == "0\n")
      #expect(
        try engine.inside(file, "other", "ping -6 -c1 -W1 fd00:66::5 >/dev/null 2>&1 || echo apart")
          == "apart\n")
      let network = (try engine.inspect("six-web-1")["NetworkSettings"] as? [String: Any])?["Networks"]
      #expect("\(network ?? "")".contains("fd00:66::5"))

      // Published ports lead to it on IPv6 too: on every address, or on the one that was chosen.
      func get(_ address: String) throws -> Command.Output {
        try Command.run("/usr/bin/curl", ["-gsS", "--max-time", "5", "http://\(address)/"])
      }
      #expect(try Command.run("/sbin/ip", ["addr", "add", "fd99::1/128", "dev", "lo"]).status == 0)
      let ports = try engine.up(
        "sixports",
        """
        services:
          web:
            image: busybox
            scale: 2
            init: true
            command: sh -c 'hostname > /tmp/index.html; exec httpd -f -p 80 -h /tmp'
            networks: [six]
            ports: ["18080:80", "[fd99::1]:18081:80", "127.0.0.1:18082:80"]
        networks: {six: {enable_ipv6: true}}
        """)
      for address in ["127.0.0.1:18080", "[fd99::1]:18080", "[fd99::1]:18081", "127.0.0.1:18082"] {
        let names = try (0..<4).map { _ in
          let answer = try get(address)
          #expect(answer.status == 0, "\(address): \(answer)")
          return answer.out
        }
        #expect(Set(names).count == 2, "\(address): \(names)")
      }
      // 7: refused at once, so that whoever tries ::1 first goes on to 127.0.0.1.
      for address in ["[::1]:18080", "[fd99::1]:18082", "127.0.0.1:18081"] {
        #expect(try get(address).status == 7, "\(address)")
      }
      let listed = try engine.cairn("-f", ports, "ps").out
      #expect(listed.contains("[fd99::1]:18081->80/tcp"), "\(listed)")
      #expect(try engine.cairn("-f", ports, "down", "-t", "1").status == 0)
      #expect(try Command.run("/sbin/ip", ["addr", "del", "fd99::1/128", "dev", "lo"]).status == 0)

      // Addresses stay over a restart of container and engine.
      engine.crash()
      try engine.start()
      #expect(try engine.cairn("-f", file, "restart", "-t", "1", "web").status == 0)
      #expect(try addresses("web") == ["eth0 fd00:66::5/64"])
      #expect(try engine.inside(file, "app", reached) == "reached\n")
      // Switched on for a network that there is: it is made anew, with all that is on it.
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try text.replacing("\n  plain:", with: "\n  plain: {enable_ipv6: true}")
        .write(toFile: file, atomically: true, encoding: .utf8)
      let plan = try engine.cairn("-f", file, "plan").out
      #expect(plan.contains("remove network six_plain: enable_ipv6: false → true"), "\(plan)")
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      #expect(try addresses("web").count == 2)
      #expect(try engine.cairn("-f", file, "down", "-t", "1").status == 0)
    }

    @Test func `volumes are bound, taken in part, taken from others, and filled only where asked`() throws {
      let engine = try TestEngine()
      let place = engine.root + "/place"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      let file = try engine.up(
        "vols",
        """
        x-base: &base {image: busybox, command: sleep infinity, init: true}
        services:
          owner:
            <<: *base
            command: sh -c 'mkdir -p /data/sub && echo deep > /data/sub/f; echo b > /bound/f; echo a > /anon/f; sleep infinity'
            volumes: [data:/data, bound:/bound, /anon]
          part:
            <<: *base
            depends_on: [owner]
            restart: on-failure
            volumes:
              - {type: volume, source: data, target: /part, volume: {subpath: sub}, read_only: true}
              - {type: volume, source: empty, target: /etc, volume: {nocopy: true}}
          heir: {<<: *base, volumes_from: [owner:ro]}
        volumes:
          data:
          empty:
          bound: {driver_opts: {type: none, o: bind, device: \(place)}}
        """)
      let part = try eventually("the part is there") { () -> String? in
        try? engine.inside(
          file, "part",
          "cat /part/f; touch /part/x 2>/dev/null || echo ro; ls /etc | grep passwd || echo empty")
      }
      #expect(part == "deep\nro\nempty\n")
      #expect(
        try engine.inside(
          file, "heir", "cat /data/sub/f /bound/f /anon/f; touch /data/x 2>/dev/null || echo ro")
          == "deep\nb\na\nro\n")
      #expect(try String(contentsOfFile: place + "/f", encoding: .utf8) == "b\n")
      #expect(try engine.cairn("-f", file, "down", "-v", "-t", "1").status == 0)
      #expect(
        FileManager.default.fileExists(atPath: place + "/f"), "what is bound is not removed with the volume")
    }

    @Test func `a volume without a name goes on with its replica until it is asked anew`() throws {
      let engine = try TestEngine()
      let tar = TestEngine.products + "/test-images/busybox.tar"
      #expect(try engine.cairn("image", "import", tar, "holder", "--change", "VOLUME /of-image").status == 0)
      func text(_ label: String, _ more: String = "") -> String {
        """
        services:
          app:
            image: holder
            command: sleep infinity
            init: true
            scale: 2
            environment: {LABEL: \(label)}
            volumes: [/data]
            \(more)
        """
      }
      let file = try engine.up("anon", text("one"))
      func inside(_ index: Int, _ script: String) throws -> String {
        let output = try engine.cairn(
          "-f", file, "exec", "-T", "--index", "\(index)", "app", "sh", "-c", script)
        #expect(output.status == 0, "\(output)")
        return output.out
      }
      func volumes() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: engine.dataRoot + "/volumes")
          .count { !$0.hasPrefix(".") }
      }
      for index in 1...2 { _ = try inside(index, "echo \(index) > /data/f; echo i\(index) > /of-image/f") }
      #expect(try volumes() == 4)
      _ = try engine.up("anon", text("two"))
      for index in 1...2 {
        #expect(try inside(index, "echo $LABEL; cat /data/f /of-image/f") == "two\n\(index)\ni\(index)\n")
      }
      #expect(try volumes() == 4)

      // A crash between two steps loses nothing either.
      engine.crash()
      try engine.start()
      _ = try engine.up("anon", text("three"))
      #expect(try inside(2, "echo $LABEL; cat /data/f") == "three\n2\n")

      // Fewer replicas, and asked for anew.
      #expect(try engine.cairn("-f", file, "scale", "app=1").status == 0)
      #expect(try volumes() == 2)
      let renewed = try engine.cairn("-f", file, "up", "-d", "-V", "--scale", "app=1")
      #expect(renewed.status == 0, "\(renewed)")
      #expect(try inside(1, "cat /data/f /of-image/f 2>/dev/null || echo empty") == "empty\n")
      _ = try inside(1, "echo kept > /data/f")
      let again = try engine.cairn("-f", file, "up", "-d", "--scale", "app=1")
      #expect(again.status == 0, "\(again)")
      #expect(try inside(1, "cat /data/f") == "kept\n")

      // What is left where the next container cannot be made stays, and goes with the stack's volumes.
      let broken = try engine.stack("anon", text("four", "devices: [/dev/nosuchdevice:/dev/x]"))
      #expect(try engine.cairn("-f", broken, "up", "-d", "--scale", "app=1").status != 0)
      #expect(try volumes() == 2)
      _ = try engine.stack("anon", text("five"))
      #expect(try engine.cairn("-f", file, "up", "-d", "--scale", "app=1").status == 0)
      #expect(try inside(1, "cat /data/f") == "kept\n")
      #expect(try engine.cairn("-f", broken, "down", "-v", "-t", "1").status == 0)
      #expect(try volumes() == 0)
    }

    @Test func `hooks run after the start and before the stop, and a failing one is told`() throws {
      let engine = try TestEngine()
      let place = engine.root + "/place"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      let text = """
        services:
          app:
            image: busybox
            command: sleep infinity
            init: true
            user: "1000"
            platform: linux/PLATFORM
            volumes: ["\(place):/out"]
            post_start:
              - {command: [sh, -c, "echo $$WHO $(id -u) $$(pwd) > /out/started"], user: root, working_dir: /tmp, environment: {WHO: hook}}
            pre_stop:
              - {command: [sh, -c, "echo stopping > /out/stopped"], user: root}
        """.replacing("$(id", with: "$$(id")
      #if arch(x86_64)
        let file = try engine.up("hooks", text.replacing("PLATFORM", with: "amd64"))
        let foreign = text.replacing("PLATFORM", with: "arm64")
      #else
        let file = try engine.up("hooks", text.replacing("PLATFORM", with: "arm64"))
        let foreign = text.replacing("PLATFORM", with: "amd64")
      #endif
      #expect(try String(contentsOfFile: place + "/started", encoding: .utf8) == "hook 0 /tmp\n")
      #expect(!FileManager.default.fileExists(atPath: place + "/stopped"))
      #expect(try engine.cairn("-f", file, "stop", "-t", "5").status == 0)
      #expect(try String(contentsOfFile: place + "/stopped", encoding: .utf8) == "stopping\n")
      #expect(try engine.cairn("-f", file, "down").status == 0)

      let other = try engine.stack("foreign", foreign)
      let refused = try engine.cairn("-f", other, "up", "-d")
      #expect(refused.status != 0 && refused.err.contains("asks for the platform"), "\(refused)")
      let broken = try engine.stack(
        "broken",
        """
        services:
          app:
            image: busybox
            command: sleep infinity
            init: true
            post_start: [{command: [sh, -c, "echo oh no; exit 3"]}]
        """)
      let failed = try engine.cairn("-f", broken, "up", "-d")
      #expect(failed.status != 0 && failed.err.contains("status 3: oh no"), "\(failed)")
      #expect(try engine.ps(broken).first?["State"] as? String == "running")
    }
  }
}
