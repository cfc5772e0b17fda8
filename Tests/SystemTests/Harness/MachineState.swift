import Foundation

/// What a container engine could leave behind on this machine, listed for comparison.
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
    return MachineState(
      mounts: Set(mounts), cgroups: Set(groups.out.split(separator: "\n").map(String.init)),
      interfaces: Set(links), tables: tables, shims: Set(try processes(named: "cairn-shim")))
  }

  /// The IDs of running processes whose program has this name.
  static func processes(named name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.filter { pid in
      (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8))?.hasPrefix(name) == true
    }
  }
}
