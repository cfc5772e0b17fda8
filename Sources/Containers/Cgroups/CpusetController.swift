internal import Kernel

/// Version 1 only: a new group has no CPUs and no memory nodes, and a process cannot enter it
/// (ENOSPC). Where a hierarchy that we use carries `cpuset` too, a group gets those of the group above.
enum CpusetController {
  static let files = ["cpuset.cpus", "cpuset.mems"]

  static func inherit(into directory: String, from parent: String) throws(SystemError) {
    for file in files {
      guard isBlank(try Files.readText("\(directory)/\(file)")) else { continue }
      let value = try Files.readText("\(parent)/\(file)")
      if !isBlank(value) {
        try Files.writeExisting(String(value.prefix { $0 != "\n" }), to: "\(directory)/\(file)")
      }
    }
  }

  private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
}
