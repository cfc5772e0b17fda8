import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct CgroupSettingTests {
  static let full = Resources(
    memoryLimit: 64 << 20, memoryReservation: 32 << 20, cpuLimit: 1500, cpuReservation: 500, pidsLimit: 100)

  private func text(_ resources: Resources, version: Int, resetting: Bool) -> String {
    resourceControllers.flatMap {
      version == 2
        ? $0.version2(resources, resetting: resetting) : $0.version1(resources, resetting: resetting)
    }.map { "\($0)" + ($0.isOptional ? " (if there)" : "") }.joined(separator: "\n")
  }

  @Test func `limits are these files on version 2`() {
    #expect(
      text(Self.full, version: 2, resetting: false) == """
        memory.max = 67108864
        memory.swap.max = 67108864 (if there)
        memory.low = 33554432
        cpu.max = 150000 100000
        cpu.weight = 50
        pids.max = 100
        """)
  }

  @Test func `limits are these files on version 1`() {
    #expect(
      text(Self.full, version: 1, resetting: false) == """
        memory.limit_in_bytes = 67108864
        memory.memsw.limit_in_bytes = 134217728 (if there)
        memory.soft_limit_in_bytes = 33554432
        cpu.cfs_period_us = 100000
        cpu.cfs_quota_us = 150000
        cpu.shares = 512
        pids.max = 100
        """)
  }

  @Test func `Docker's own CPU and swap limits are these files`() {
    let docker = Resources(
      memoryLimit: 1 << 20, swapLimit: 3 << 20, swappiness: 7, disablesOOMKill: true, cpuShares: 512,
      cpuQuota: 20_000, cpuPeriod: 50_000, cpuSet: "0-1,3")
    #expect(
      text(docker, version: 2, resetting: false) == """
        memory.max = 1048576
        memory.swap.max = 2097152
        cpu.max = 20000 50000
        cpu.weight = 50
        cpuset.cpus = 0-1,3
        """)
    #expect(
      text(docker, version: 1, resetting: false) == """
        memory.limit_in_bytes = 1048576
        memory.memsw.limit_in_bytes = 3145728
        memory.swappiness = 7
        memory.oom_control = 1
        cpu.cfs_period_us = 50000
        cpu.cfs_quota_us = 20000
        cpu.shares = 512
        cpuset.cpus = 0-1,3
        """)
    let free = Resources(memoryLimit: 1 << 20, swapLimit: .max, cpuPeriod: 50_000)
    #expect(text(free, version: 2, resetting: false).contains("memory.swap.max = max\ncpu.max = max 50000"))
    #expect(text(free, version: 1, resetting: false).contains("memory.memsw.limit_in_bytes = -1\n"))
    #expect(
      text(free, version: 1, resetting: false).hasSuffix("cpu.cfs_period_us = 50000\ncpu.cfs_quota_us = -1"))
    #expect(text(Resources(cpuShares: 1), version: 1, resetting: false) == "cpu.shares = 2")
    #expect(text(Resources(cpuShares: 262_144), version: 2, resetting: false) == "cpu.weight = 10000")
  }

  @Test(arguments: [
    (Resources(swappiness: 5), [2], "mem_swappiness"),
    (Resources(disablesOOMKill: true), [2], "oom_kill_disable"),
    (Resources(swapLimit: 5), [1, 2], "memswap_limit"),
    (Resources(memoryLimit: 6, swapLimit: 5), [1, 2], "memswap_limit"),
    (Resources(memoryLimit: 5, swapLimit: 5), [], "memswap_limit"),
    (Resources(disablesOOMKill: false), [], "oom_kill_disable"),
  ])
  func `what a version of cgroups cannot do is said before anything is made`(
    _ resources: Resources, _ versions: [Int], _ limit: String
  ) {
    for version in [1, 2] {
      let found = resourceControllers.compactMap {
        $0.unsupported(in: resources, isVersion2: version == 2)?.limit
      }
      #expect(found == (versions.contains(version) ? [limit] : []), "version \(version)")
    }
  }

  @Test func `limits of block devices are these files`() throws {
    let limits = BlockIO(
      weight: 500, deviceWeights: [.init(path: "/dev/a", value: 10)],
      readRates: [.init(path: "/dev/a", value: 1), .init(path: "/dev/b", value: 2)],
      writeRates: [.init(path: "/dev/a", value: 3)], readOperations: [.init(path: "/dev/a", value: 4)],
      writeOperations: [.init(path: "/dev/a", value: 5)])
    let number = { (path: String) throws(SystemError) in path == "/dev/a" ? "8:0" : "8:16" }
    func text(_ settings: [CgroupSetting]) -> String { settings.map(\.description).joined(separator: "\n") }
    #expect(
      text(try IOController.version2(limits, has: { _ in false }, number: number)) == """
        io.weight = default 4950
        io.weight = 8:0 1
        io.max = 8:0 rbps=1
        io.max = 8:16 rbps=2
        io.max = 8:0 wbps=3
        io.max = 8:0 riops=4
        io.max = 8:0 wiops=5
        """)
    #expect(
      text(try IOController.version2(BlockIO(weight: 500), has: { _ in true }, number: number))
        == "io.bfq.weight = default 500")
    #expect(
      text(try IOController.version1(limits, has: { _ in false }, number: number)) == """
        blkio.weight = 500
        blkio.weight_device = 8:0 10
        blkio.throttle.read_bps_device = 8:0 1
        blkio.throttle.read_bps_device = 8:16 2
        blkio.throttle.write_bps_device = 8:0 3
        blkio.throttle.read_iops_device = 8:0 4
        blkio.throttle.write_iops_device = 8:0 5
        """)
    #expect(resourceControllers.flatMap { $0.asked(of: Resources(blockIO: BlockIO())) } == [])
    #expect(resourceControllers.flatMap { $0.asked(of: Resources(blockIO: limits)) } == ["blkio_config"])
  }

  @Test func `no limits are no writes for a new group`() {
    #expect(text(Resources(), version: 2, resetting: false) == "")
    #expect(text(Resources(), version: 1, resetting: false) == "")
  }

  @Test func `no limits take away those of an old group`() {
    #expect(
      text(Resources(), version: 2, resetting: true) == """
        memory.max = max
        memory.swap.max = max (if there)
        memory.low = 0
        cpu.max = max 100000
        cpu.weight = 100
        pids.max = max
        """)
    #expect(
      text(Resources(), version: 1, resetting: true) == """
        memory.memsw.limit_in_bytes = -1 (if there)
        memory.limit_in_bytes = -1
        memory.soft_limit_in_bytes = -1
        cpu.cfs_quota_us = -1
        cpu.shares = 1024
        pids.max = max
        """)
  }

  @Test func `a raised memory limit on version 1 first frees the limit with swap`() {
    #expect(
      text(Resources(memoryLimit: 4096), version: 1, resetting: true).hasPrefix(
        """
        memory.memsw.limit_in_bytes = -1 (if there)
        memory.limit_in_bytes = 4096
        memory.memsw.limit_in_bytes = 8192 (if there)
        """))
  }

  @Test(
    arguments: [
      (1, 1000, 1_000_000), (9, 9000, 1_000_000), (10, 1000, 100_000), (500, 50_000, 100_000),
      (64_000, 6_400_000, 100_000), (0, 1000, 1_000_000),
    ] as [(UInt64, UInt64, UInt64)])
  func `every CPU limit is a quota that the kernel takes`(_ limit: UInt64, _ quota: UInt64, _ period: UInt64)
  {
    let found = CPUController.quota(thousandths: limit)
    #expect(found.quota == quota && found.period == period)
    #expect(found.quota >= 1000)
  }

  @Test func `extreme numbers stay in the kernel's ranges`() {
    let huge = Resources(memoryLimit: .max, cpuLimit: .max, cpuReservation: .max)
    #expect(text(huge, version: 2, resetting: false).contains("cpu.weight = 10000"))
    #expect(text(huge, version: 1, resetting: false).contains("cpu.shares = 262144"))
    #expect(text(huge, version: 1, resetting: false).contains("memory.memsw.limit_in_bytes = -1"))
    #expect(text(Resources(cpuReservation: 1), version: 2, resetting: false) == "cpu.weight = 1")
    #expect(text(Resources(cpuReservation: 1), version: 1, resetting: false) == "cpu.shares = 2")
  }

  @Test func `a limit without its controller is an error that names both`() throws {
    let none = Cgroups(hierarchy: CgroupHierarchy(mode: .version1, mounts: [.freezer: "/nowhere"]))
    #expect(throws: CgroupError.missingController(limit: "pids", controller: "pids", isVersion2: false)) {
      try none.create(id: .random(), resources: Resources(pidsLimit: 5), devices: .all)
    }
    #expect(
      throws: CgroupError.missingController(
        limit: "memory reservation", controller: "memory", isVersion2: false)
    ) {
      try none.create(id: .random(), resources: Resources(memoryReservation: 5), devices: .all)
    }
    #expect(throws: CgroupError.missingController(limit: "cpus", controller: "cpu", isVersion2: false)) {
      try none.create(id: .random(), resources: Resources(cpuLimit: 500), devices: .all)
    }
    let message = CgroupError.missingController(limit: "pids", controller: "pids", isVersion2: false)
      .description
    #expect(
      message == """
        limit pids: the kernel offers no cgroup controller 'pids' (it is not mounted: mount -t cgroup -o \
        pids cgroup /sys/fs/cgroup/pids; or drop the limit from the stack file)
        """)
  }

  @Test func `the statistics of version 2 are read from its files`() {
    let files = [
      "memory.current": "1000\n", "memory.peak": "2000\n", "memory.max": "max\n",
      "memory.stat": "anon 5\ninactive_file 300\n", "pids.current": "3\n", "pids.max": "10\n",
      "cpu.stat": "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_throttled 4\nthrottled_usec 6\n",
      "io.stat": "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2\n",
    ]
    var expected = CgroupStatistics()
    expected.memoryUsage = 1000
    expected.memoryPeak = 2000
    expected.memoryInactiveFile = 300
    expected.cpuTime = 5000
    expected.cpuUserTime = 3000
    expected.cpuSystemTime = 2000
    expected.throttledPeriods = 4
    expected.throttledTime = 6000
    expected.processes = 3
    expected.processLimit = 10
    expected.bytesRead = 11
    expected.bytesWritten = 22
    #expect(CgroupStatistics { files[$0] } == expected)
    #expect(CgroupStatistics { (_: String) in nil } == CgroupStatistics())
  }

  @Test func `the statistics of version 1 are read from its files`() {
    let files = [
      "memory.usage_in_bytes": "1000\n", "memory.max_usage_in_bytes": "2000\n",
      "memory.limit_in_bytes": "9223372036854771712\n",
      "memory.stat": "inactive_file 1\ntotal_inactive_file 300\n",
      "cpuacct.usage": "5000\n", "cpuacct.usage_user": "3000\n", "cpuacct.usage_sys": "2000\n",
      "cpu.stat": "nr_periods 9\nnr_throttled 4\nthrottled_time 6000\n", "pids.current": "3\n",
      "pids.max": "max\n",
      "blkio.throttle.io_service_bytes": "8:0 Read 10\n8:0 Write 20\n8:0 Total 30\n8:16 Read 1\nTotal 31\n",
    ]
    let found = CgroupStatistics { _, file in files[file] }
    #expect(found.memoryUsage == 1000 && found.memoryPeak == 2000 && found.memoryInactiveFile == 300)
    #expect(found.memoryLimit == nil && found.processLimit == nil && found.processes == 3)
    #expect(found.cpuTime == 5000 && found.cpuUserTime == 3000 && found.cpuSystemTime == 2000)
    #expect(found.throttledPeriods == 4 && found.throttledTime == 6000)
    #expect(found.bytesRead == 11 && found.bytesWritten == 20)
  }

  @Test func `the OOM counter is read from both versions' files`() {
    #expect(MemoryController.oomKills("low 0\nhigh 0\nmax 7\noom 2\noom_kill 3\n") == 3)
    #expect(MemoryController.oomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 4\n") == 4)
    #expect(MemoryController.oomKills("oom_kill_disable 0\n") == 0)
  }
}
