import CProbe
import Kernel
import Stacks
import Testing

@testable import Containers

/// Real processes under real limits, on every cgroup hierarchy of the machine that can set them.
@Suite(.serialized) struct CgroupTests {
  @Test(
    .enabled(if: !Machine.hierarchies(with: .memory).isEmpty, "no memory controller"),
    arguments: Machine.hierarchies(with: .memory))
  func `a process over the memory limit is killed and counted`(_ hierarchy: CgroupHierarchy) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      let id = ContainerID.random()
      let placement = try cgroups.create(id: id, resources: Resources(memoryLimit: 32 << 20))
      #expect(try cgroups.oomKills(of: id) == 0)

      let small = try Probe(PROBE_FILL_MEMORY, 8 << 20, in: placement)
      small.release()
      #expect(await small.result() == 0)
      #expect(try cgroups.oomKills(of: id) == 0)

      let big = try Probe(PROBE_FILL_MEMORY, 256 << 20, in: placement)
      big.release()
      #expect(await big.result() == 1009)
      #expect(try cgroups.oomKills(of: id) == 1)
      let statistics = try cgroups.statistics(of: id)
      #expect(statistics.memoryLimit == 32 << 20)
      if let peak = statistics.memoryPeak { #expect(peak <= 32 << 20 && peak > 16 << 20) }
    }
  }

  @Test(
    .enabled(if: !Machine.hierarchies(with: .pids).isEmpty, "no pids controller"),
    arguments: Machine.hierarchies(with: .pids))
  func `a fork bomb stops at the limit of processes`(_ hierarchy: CgroupHierarchy) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      let id = ContainerID.random()
      let placement = try cgroups.create(id: id, resources: Resources(pidsLimit: 10))
      let bomb = try Probe(PROBE_FORK_UNTIL_REFUSED, in: placement)
      bomb.release()
      #expect(await bomb.result() == 9)
      #expect(try cgroups.processes(of: id).count == 9)
      let statistics = try cgroups.statistics(of: id)
      #expect(statistics.processes == 9 && statistics.processLimit == 10)
    }
  }

  @Test(
    .enabled(if: !Machine.hierarchies(with: .cpu).isEmpty, "no cpu controller"),
    arguments: Machine.hierarchies(with: .cpu))
  func `a busy loop gets the share of a CPU that it may have`(_ hierarchy: CgroupHierarchy) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      let id = ContainerID.random()
      let placement = try cgroups.create(id: id, resources: Resources(cpuLimit: 500))
      // What other tests want of the CPU takes nothing from it.
      let root = try #require(hierarchy.unified ?? hierarchy.mounts[.cpu])
      let own = try #require(cgroups.groupsAbove(under: root).last)
      try Files.writeExisting(
        hierarchy.unified == nil ? "262144" : "10000",
        to: own + (hierarchy.unified == nil ? "/cpu.shares" : "/cpu.weight"))
      let spinner = try Probe(PROBE_SPIN, in: placement)
      spinner.release()
      let clock = ContinuousClock()
      /// The share in a window of at least a second.
      func share() async throws -> Double {
        let begin = clock.now
        let used = try #require(try cgroups.statistics(of: id).cpuTime)
        _ = await soon { clock.now - begin >= .milliseconds(1200) }
        let more = try #require(try cgroups.statistics(of: id).cpuTime) - used
        let span = (clock.now - begin) / Duration.nanoseconds(1)
        return Double(more) / span
      }
      // Others may want the CPU too, so that one window may show less; none may show more.
      var shares: [Double] = []
      while shares.last.map({ $0 < 0.425 }) ?? true, shares.count < 20 { shares.append(try await share()) }
      #expect(try #require(shares.last) >= 0.425, "\(shares)")
      #expect(shares.allSatisfy { $0 <= 0.575 }, "\(shares)")
      // Nor is it held back while others leave it less than its share.
      #expect(await soon { ((try? cgroups.statistics(of: id).throttledPeriods) ?? 0) > 0 })

      // The limit goes while it runs.
      try cgroups.update(id: id, resources: Resources())
      var free: [Double] = []
      while free.last.map({ $0 < 0.6 }) ?? true, free.count < 20 { free.append(try await share()) }
      #expect(try #require(free.last) >= 0.6, "\(free)")
      try cgroups.kill(id: id)
      #expect(await spinner.result() == 1009)
    }
  }

  @Test(
    .enabled(if: !Machine.hierarchies(with: .memory).isEmpty, "no memory controller"),
    arguments: Machine.hierarchies(with: .memory))
  func `limits are changed in place, up, down and away`(_ hierarchy: CgroupHierarchy) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      let id = ContainerID.random()
      _ = try cgroups.create(id: id, resources: Resources(memoryLimit: 32 << 20))
      for limit in [64 << 20, 16 << 20, nil, 48 << 20] as [UInt64?] {
        try cgroups.update(id: id, resources: Resources(memoryLimit: limit))
        #expect(try cgroups.statistics(of: id).memoryLimit == limit)
      }
    }
  }

  @Test(arguments: Machine.hierarchies)
  func `a group lies where its container's parent is, and an empty parent of ours goes with it`(
    _ hierarchy: CgroupHierarchy
  ) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      let (one, other, top) = (ContainerID.random(), ContainerID.random(), ContainerID.random())
      let deep = try cgroups.below("batch/low")
      let limit = Resources(pidsLimit: cgroups.has(.pids) ? 7 : nil)
      let placement = try deep.create(id: one, resources: limit)
      _ = try deep.create(id: other)
      for path in placement.paths {
        #expect(path.hasSuffix("/\(cgroups.engineGroup)/batch/low/\(one)"))
        #expect(Files.exists(path))
      }
      if limit.pidsLimit != nil {
        let paths = placement.paths.map { $0 + "/pids.max" }.filter { Files.exists($0) }
        #expect(try paths.map { try Files.readText($0) } == ["7\n"])
      }
      #expect(try cgroups.list() == [one, other].sorted())
      #expect(try cgroups.holding(one).placement(of: one).paths == placement.paths)
      let above = placement.paths.map { String($0.dropLast(one.description.utf8.count + 1)) }
      try deep.remove(id: one)
      #expect(above.allSatisfy { Files.exists($0) })
      try cgroups.holding(other).remove(id: other)
      #expect(above.allSatisfy { !Files.exists($0) })

      let place = "/\(cgroups.engineGroup)-elsewhere"
      let elsewhere = try cgroups.below(place)
      let paths = try elsewhere.create(id: top).paths
      #expect(paths.allSatisfy { $0.hasSuffix("\(place)/\(top)") && Files.exists($0) })
      #expect(try cgroups.list() == [])
      try elsewhere.remove(id: top)
      // It may be somebody's, and stays.
      for path in paths {
        let group = String(path.dropLast(top.description.utf8.count + 1))
        #expect(Files.exists(group))
        try CgroupFiles.remove(group)
      }
      for path in ["..", "a/../../b", "/a/./b"] {
        #expect(throws: CgroupError.invalidPath(path)) { try cgroups.below(path) }
      }
    }
  }

  @Test(arguments: Machine.hierarchies)
  func `a frozen process stands still until it is thawed`(_ hierarchy: CgroupHierarchy) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      let id = ContainerID.random()
      let placement = try cgroups.create(id: id)
      let spinner = try Probe(PROBE_SPIN, in: placement)
      spinner.release()
      func used() throws -> UInt64 { try #require(try cgroups.statistics(of: id).cpuTime) }
      #expect(try await soon { try used() > 20_000_000 })
      #expect(try !cgroups.isFrozen(id: id))
      try cgroups.freeze(id: id)
      #expect(try cgroups.isFrozen(id: id))
      let before = try used()
      #expect(try await !soon(0.2 / slowness) { try used() > before + 5_000_000 })
      try cgroups.thaw(id: id)
      #expect(try !cgroups.isFrozen(id: id))
      #expect(try await soon { try used() > before + 20_000_000 })
    }
  }

  @Test(arguments: Machine.hierarchies)
  func `a frozen container can be killed`(_ hierarchy: CgroupHierarchy) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      let id = ContainerID.random()
      let sleeper = try Probe(PROBE_SLEEP, in: try cgroups.create(id: id))
      sleeper.release()
      try cgroups.freeze(id: id)
      try cgroups.kill(id: id)
      #expect(await sleeper.result() == 1009)
      try cgroups.remove(id: id)
      #expect(try cgroups.list() == [])
    }
  }

  @Test(
    .enabled(if: !Machine.hierarchies(with: .pids).isEmpty, "no pids controller to keep the machine safe"),
    arguments: Machine.hierarchies(with: .pids))
  func `a container that forks without end is killed whole`(_ hierarchy: CgroupHierarchy) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      let id = ContainerID.random()
      let bomb = try Probe(
        PROBE_FORK_FOREVER, in: try cgroups.create(id: id, resources: Resources(pidsLimit: 40)))
      bomb.release()
      #expect(try await soon { try cgroups.processes(of: id).count >= 20 })
      try cgroups.kill(id: id)
      #expect(await bomb.result() == 1009)
      #expect(try await soon { try cgroups.processes(of: id).isEmpty })
      try cgroups.remove(id: id, milliseconds: Int64(5000 * slowness))
    }
  }

  @Test(arguments: Machine.hierarchies)
  func `only the devices that are allowed can be opened`(_ hierarchy: CgroupHierarchy) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      func open(_ path: String, _ devices: DeviceAccess) async throws -> Int32? {
        let id = ContainerID.random()
        let probe = try Probe(PROBE_OPEN, path: path, in: try cgroups.create(id: id, devices: devices))
        probe.release()
        let result = await probe.result()
        try cgroups.remove(id: id)
        return result
      }
      func kernelLog(_ access: DeviceRule.Access) -> DeviceAccess {
        .standard(and: [DeviceRule(.character, major: 1, minor: 11, access: access)])
      }
      let cases: [(path: String, devices: DeviceAccess, code: Int32)] = [
        ("/dev/null", .standard, 0), ("/dev/urandom", .standard, 0), ("/dev/null", .only([]), 1),
        ("/dev/kmsg", .standard, 1), ("/dev/kmsg", kernelLog(.read), 1),
        ("/dev/kmsg", kernelLog([.read, .write]), 0), ("/dev/kmsg", .all, 0),
      ]
      for one in cases {
        let code = try await open(one.path, one.devices)
        #expect(code == one.code, "\(one.path) with \(one.devices)")
      }
    }
  }

  @Test(arguments: Machine.hierarchies)
  func `groups are listed, replaced when empty, and refused when in use`(_ hierarchy: CgroupHierarchy)
    async throws
  {
    try await withCgroups(on: hierarchy) { cgroups in
      let ids = [ContainerID.random(), ContainerID.random()].sorted()
      #expect(try cgroups.list() == [])
      for id in ids { _ = try cgroups.create(id: id) }
      #expect(try cgroups.list() == ids)
      let sleeper = try Probe(PROBE_SLEEP, in: try cgroups.create(id: ids[0]))
      sleeper.release()
      #expect(try cgroups.processes(of: ids[0]) == [sleeper.process])
      #expect(throws: CgroupError.busy(id: ids[0].description, processes: [sleeper.process])) {
        try cgroups.create(id: ids[0])
      }
      #expect(throws: CgroupError.busy(id: ids[0].description, processes: [sleeper.process])) {
        try cgroups.remove(id: ids[0], milliseconds: 20)
      }
      #expect(throws: (any Error).self) { try cgroups.removeParent() }
      try cgroups.kill(id: ids[0])
      #expect(await sleeper.result() == 1009)
      try cgroups.remove(id: ids[0])
      #expect(try cgroups.list() == [ids[1]])
      #expect(try cgroups.processes(of: ids[0]) == [])
      try cgroups.remove(id: ids[0])
      try cgroups.kill(id: ids[0])
      #expect(throws: CgroupError.noGroup(id: ids[0].description)) { try cgroups.statistics(of: ids[0]) }
      #expect(throws: CgroupError.noGroup(id: ids[0].description)) { try cgroups.placement(of: ids[0]) }
    }
  }

  @Test(arguments: Machine.hierarchies)
  func `groups that a container made in its own are killed and removed with it`(_ hierarchy: CgroupHierarchy)
    async throws
  {
    try await withCgroups(on: hierarchy) { cgroups in
      let id = ContainerID.random()
      let placement = try cgroups.create(id: id)
      let sleeper = try Probe(PROBE_SLEEP, in: placement)
      sleeper.release()
      for path in placement.paths {
        try Files.makeDirectories("\(path)/inner/most")
        try Files.writeExisting("\(sleeper.process)", to: "\(path)/inner/most/cgroup.procs")
      }
      #expect(try cgroups.processes(of: id) == [sleeper.process])
      try cgroups.kill(id: id)
      #expect(await sleeper.result() == 1009)
      try cgroups.remove(id: id)
      #expect(placement.paths.allSatisfy { !Files.exists($0) })
    }
  }

  @Test(arguments: Machine.hierarchies)
  func `a process joins the group of a container that runs`(_ hierarchy: CgroupHierarchy) async throws {
    try await withCgroups(on: hierarchy) { cgroups in
      let id = ContainerID.random()
      let first = try Probe(PROBE_SLEEP, in: try cgroups.create(id: id))
      let second = try Probe(PROBE_SLEEP, in: try cgroups.placement(of: id))
      first.release()
      second.release()
      #expect(try cgroups.processes(of: id) == [first.process, second.process].sorted())
      try cgroups.kill(id: id)
      #expect(await first.result() == 1009)
      #expect(await second.result() == 1009)
    }
  }

  @Test(
    .enabled(
      if: !Machine.hierarchies(with: .memory).filter { $0.unified != nil }.isEmpty, "no version 2 controllers"
    ))
  func `processes beside our group make way where the engine runs in a cgroup of its own`() async throws {
    let outer = try #require(Machine.hierarchies.first { $0.unified != nil })
    try await withCgroups(on: outer) { cgroups in
      // The group of a container takes the place of the top that an engine in a container sees.
      let id = ContainerID.random()
      let placement = try cgroups.create(id: id)
      let engine = try Probe(PROBE_SLEEP, in: placement)
      engine.release()
      let top = placement.paths[0]
      let nested = Cgroups(parent: "cairn", hierarchy: CgroupHierarchy(mode: .version2, unified: top))
      let inner = ContainerID.random()
      _ = try nested.create(id: inner, resources: Resources(memoryLimit: 16 << 20))
      #expect(try Files.readText("\(top)/init/cgroup.procs") == "\(engine.process)\n")
      #expect(try nested.statistics(of: inner).memoryLimit == 16 << 20)
      try cgroups.kill(id: id)
      #expect(await engine.result() == 1009)
    }
  }
}
