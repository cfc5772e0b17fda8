import Foundation
import Synchronization

/// What an engine of these tests could leave behind on this machine, listed for comparison. Others may run
/// their engines at the same time, in network namespaces and cgroups of their own: theirs do not count.
struct MachineState: Equatable {
  var mounts: Set<String>
  var cgroups: Set<String>
  var interfaces: Set<String>
  var tables: String
  var shims: Set<String>

  static func now() throws -> MachineState {
    let mounts = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: " ")[4] }.map(String.init)
    let groups = try Command.run(
      "/usr/bin/find", ["/sys/fs/cgroup", "-mindepth", "2", "-type", "d", "-path", "*cairn*/*"])
    let links = try Command.run("/sbin/ip", ["-o", "link"]).out.split(separator: "\n")
      .compactMap { $0.split(separator: ":").dropFirst().first.map(String.init) }
    let tables = try Command.run("/usr/sbin/nft", ["list", "tables"]).out
    let ours = TestEngine.cgroupParents.withLock { $0 }
    return MachineState(
      mounts: Set(mounts),
      cgroups: Set(
        groups.out.split(separator: "\n").map(String.init)
          .filter { path in ours.contains { path.contains("/\($0)/") } }),
      interfaces: Set(links), tables: tables, shims: try shims())
  }

  /// The processes that are shims of our engines: like these, they are in our network namespace. A server of
  /// shims counts where it has outlived its engine.
  static func shims() throws -> Set<String> {
    let lost = try servers().filter { server in
      let status = try? String(contentsOfFile: "/proc/\(server)/status", encoding: .utf8)
      let parent = status?.split(separator: "\n").first { $0.hasPrefix("PPid:") }?.dropFirst(6)
      return parent.flatMap { command(String($0)) } != "cairn-engine"
    }
    return try processes(named: "cairn-shim").union(lost)
  }

  /// Those from which shims are forked.
  static func servers() throws -> Set<String> { try processes(named: "cairn-shims") }

  private static func processes(named name: String) throws -> Set<String> {
    func namespace(_ process: String) -> String? {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
    }
    let ours = namespace("self")
    return Set(
      try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { process in
        Int(process) != nil && command(process) == name && namespace(process) == ours
      })
  }

  private static func command(_ process: String) -> String? {
    (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)).map { String($0.dropLast()) }
  }
}
