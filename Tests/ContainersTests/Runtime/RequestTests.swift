import Stacks
import Testing

@testable import Containers

@Suite struct `A launch request` {
  private static func refusal(_ change: (inout LaunchRequest) -> Void) -> String? {
    var request = LaunchRequest(
      id: ContainerID(String(repeating: "a", count: 64))!, arguments: ["true"],
      root: RootLayers(lower: ["/lower"], upper: "/upper", work: "/work"))
    change(&request)
    do throws(RuntimeError) {
      try request.check()
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `that is sound is accepted`() {
    #expect(Self.refusal { _ in } == nil)
    #expect(Self.refusal { $0.mounts = [LaunchMount(.volume("/v"), target: "/proctor/x")] } == nil)
    #expect(Self.refusal { $0.sysctls = ["net.core.somaxconn": "512", "kernel.shmmax": "1"] } == nil)
  }

  @Test(arguments: [
    ("/proc", "mount target /proc: mounts in /proc are not allowed"),
    ("/proc/1/attr", "mount target /proc/1/attr: mounts in /proc are not allowed"),
    ("//proc/", "mount target //proc/: mounts in /proc are not allowed"),
    ("/./proc/sys", "mount target /./proc/sys: mounts in /proc are not allowed"),
    ("/a/../proc", "mount target /a/../proc: '..' is not allowed"),
    ("/", "mount target /: it is the root itself"),
    ("//", "mount target //: it is the root itself"),
    ("data", "mount target 'data': the path must be absolute, without NUL, under 4096 bytes"),
  ])
  func `with a mount on a forbidden place is refused`(target: String, why: String) {
    #expect(Self.refusal { $0.mounts = [LaunchMount(.bind("/x"), target: target)] } == why)
  }

  @Test(arguments: [
    "kernel.core_pattern", "kernel.shm_rmid_forced+kernel.core_pattern", "vm.swappiness", "net/core",
    "net..core", "fs.mqueue./../../kernel", "kernel.hostname",
  ])
  func `with a sysctl that is not the container's own is refused`(name: String) {
    #expect(Self.refusal { $0.sysctls = [name: "1"] }?.hasPrefix("sysctl '\(name)': only net.*") == true)
  }

  @Test func `with a sysctl value of more than one plain line is refused`() {
    for value in ["", "1\n2", "1\u{0}", "é"] {
      #expect(Self.refusal { $0.sysctls = ["net.core.somaxconn": value] } != nil)
    }
    #expect(
      Self.refusal {
        $0.network = .host
        $0.sysctls = ["net.core.somaxconn": "1"]
      } == "sysctl 'net.core.somaxconn': the container has no network namespace of its own")
  }

  @Test func `with a name for an environment variable alone is refused`() {
    #expect(Self.refusal { $0.environment = ["SECRET"] } == "environment 'SECRET': it must be NAME=VALUE")
    #expect(Self.refusal { $0.environment = ["=x"] } == "environment '=x': it must be NAME=VALUE")
  }

  @Test func `without a command, or with paths that are not absolute, is refused`() {
    #expect(
      Self.refusal { $0.arguments = [] } == "there is no command (the image has none, and none was given)")
    #expect(
      Self.refusal { $0.workingDirectory = "srv" } == "working directory 'srv': the path must be absolute")
    #expect(Self.refusal { $0.root.lower = [] } == "the root has no layer")
    #expect(Self.refusal { $0.devices = [DeviceNode(path: "../x", major: 1, minor: 3)] } != nil)
    #expect(Self.refusal { $0.hostname = "a b" } != nil)
  }

  @Test func `gets the variables that every process has, unless it sets them`() {
    #expect(
      CommandCheck.complete(["A=1"], hostname: "box", hasTerminal: true) == [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME=box", "TERM=xterm",
        "A=1",
      ])
    #expect(
      CommandCheck.complete(["PATH=/x", "HOSTNAME="], hostname: "box", hasTerminal: false) == [
        "PATH=/x", "HOSTNAME=",
      ])
  }

  @Test func `numbers devices as the C library does`() {
    #expect(DeviceNode.number(1, 3) == 0x103)
    #expect(DeviceNode.number(0x12345, 0x6789a) == 0x0001_2000_6783_459a)
  }
}

@Suite struct `The cgroup mounts of a container` {
  @Test func `are those of version 1, each with its controllers, and none where there is only version 2`() {
    let hybrid = """
      22 1 8:1 / / rw - ext4 /dev/a rw
      30 22 0:20 / /sys/fs/cgroup rw - tmpfs tmpfs rw
      31 30 0:21 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
      32 30 0:22 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/x,name=systemd
      33 30 0:23 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate

      """
    #expect(
      CgroupMount.all(mountInfo: hybrid) == [
        CgroupMount(point: "/sys/fs/cgroup/cpu,cpuacct", name: "cpu,cpuacct", options: "cpu,cpuacct"),
        CgroupMount(point: "/sys/fs/cgroup/systemd", name: "systemd", options: "none,name=systemd"),
      ])
    #expect(
      CgroupMount.all(mountInfo: "33 1 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n") == [])
  }

  @Test func `show the container's own group where it has one, unless it is to see all`() {
    let mount = CgroupMount(point: "/sys/fs/cgroup/cpu", name: "cpu", options: "cpu")
    let groups = ["/sys/fs/cgroup/cpuacct/cairn/1", "/sys/fs/cgroup/cpu/cairn/1"]
    #expect(mount.directory(of: groups, seesAll: false) == "/sys/fs/cgroup/cpu/cairn/1")
    #expect(mount.directory(of: groups, seesAll: true) == nil)
    #expect(mount.directory(of: [groups[0]], seesAll: false) == nil)
  }
}
