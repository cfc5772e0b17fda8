import CProbe
import Kernel
import Stacks
public import Testing

@testable public import Containers

/// Waits until `condition` holds; false when it does not within `seconds`, or ten times that where
/// CAIRN_SLOW is set (an emulated machine).
func soon(_ seconds: Double = 10, _ condition: () throws -> Bool) async rethrows -> Bool {
  let clock = ContinuousClock()
  let end = clock.now + .seconds(seconds * slowness)
  while true {
    if try condition() { return true }
    if clock.now >= end { return false }
    try? await Task.sleep(for: .milliseconds(5 * slowness))
  }
}

/// By how much deadlines are longer than on a real machine.
let slowness: Double =
  (try? Files.read("/proc/self/environ"))
    .map { environment in
      environment.split(separator: 0).contains { $0.starts(with: Array("CAIRN_SLOW=".utf8)) }
    } == true ? 10 : 1

/// The hierarchies of this machine: its own, and on a hybrid one also the version 2 mount, which has
/// groups, freezing, killing and device programs, but no controllers.
enum Machine {
  static let hierarchies: [CgroupHierarchy] = {
    let table = (try? Files.readText("/proc/self/mountinfo")) ?? ""
    let second = table.split(separator: "\n").filter { $0.contains(" - cgroup2 ") }.joined(separator: "\n")
    let found = [CgroupHierarchy.detect(mountInfo: table), CgroupHierarchy.detect(mountInfo: second)]
    var seen: Set<String?> = []
    return found.compactMap { $0 }.filter { seen.insert($0.unified).inserted }
  }()

  static func hierarchies(with controller: CgroupHierarchy.Controller) -> [CgroupHierarchy] {
    hierarchies.filter { Cgroups(parent: "cairn-test", hierarchy: $0).has(controller) }
  }
}

extension CgroupHierarchy: CustomTestStringConvertible {
  public var testDescription: String { unified.map { "version 2 at \($0)" } ?? "version 1" }
}

/// Gives `body` cgroups with a parent of their own and removes all of it afterwards, processes included.
func withCgroups(
  on hierarchy: CgroupHierarchy, _ body: (Cgroups) async throws -> Void
) async throws {
  let digits = ContainerID.random().description.prefix(8)
  let cgroups = Cgroups(parent: "cairn-\(digits)", hierarchy: hierarchy)
  func clean() throws {
    for id in try cgroups.list() {
      try? cgroups.thaw(id: id)
      try cgroups.kill(id: id)
      try cgroups.remove(id: id, milliseconds: Int64(5000 * slowness))
    }
    try cgroups.removeParent()
  }
  do { try await body(cgroups) } catch {
    try clean()
    throw error
  }
  try clean()
}

/// A process of CProbe in a container's group.
struct Probe {
  let process: Int32
  private let gate: Int32

  /// Starts it in `placement`, as the launcher does; it waits for `release`.
  init(
    _ task: probe_task, _ argument: UInt64 = 0, path: String = "", in placement: CgroupPlacement
  ) throws {
    var gate: Int32 = -1
    process = unsafe probe_start(task, argument, path, placement.directory?.number ?? -1, &gate)
    guard process > 0 else { throw ProbeFailure.notStarted }
    self.gate = gate
    if placement.directory != nil { return }
    for path in placement.paths { try Files.writeExisting("\(process)", to: path + "/cgroup.procs") }
  }

  func release() { probe_release(gate) }

  /// Its exit code, or 1000 + signal; nil when it does not end in time.
  func result(within seconds: Double = 20) async -> Int32? {
    var result: Int32 = -1
    _ = await soon(seconds) {
      result = probe_result(process)
      return result >= 0
    }
    return result >= 0 ? result : nil
  }
}

enum ProbeFailure: Error { case notStarted }
