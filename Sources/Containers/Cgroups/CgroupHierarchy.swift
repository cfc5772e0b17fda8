internal import Kernel

/// Where the kernel keeps this machine's cgroups: read from mount tables, never assumed.
public struct CgroupHierarchy: Hashable, Sendable {
  /// The resource controllers that are used here, by their v2 names.
  public enum Controller: String, CaseIterable, Hashable, Sendable {
    case memory, cpu, pids, io
    /// Version 1 only; version 2 counts CPU time without a controller.
    case cpuacct
    /// Version 1 only; version 2 has `cgroup.freeze` in each group.
    case freezer
    /// Version 1 only; version 2 has BPF programs.
    case devices
    /// Used only where a container asks for it; on version 1 a group needs its values before a process can
    /// enter.
    case cpuset

    /// The name in a version 1 mount's options.
    var version1Name: String { self == .io ? "blkio" : rawValue }
  }

  public enum Mode: Hashable, Sendable {
    /// One hierarchy for all.
    case version2
    /// Controllers in hierarchies of their own.
    case version1
    /// Version 1 controllers, and a version 2 mount besides, which is not used.
    case hybrid
  }

  public var mode: Mode
  /// The version 2 mount point; nil on version 1.
  public var unified: String?
  /// Version 1: the mount point of each controller. Controllers that are mounted together have the
  /// same one. Version 2: empty.
  public var mounts: [Controller: String]

  public init(mode: Mode, unified: String? = nil, mounts: [Controller: String] = [:]) {
    self.mode = mode
    self.unified = unified
    self.mounts = mounts
  }

  /// The hierarchy of the calling process's mount namespace.
  public static func detect() throws(CgroupError) -> CgroupHierarchy {
    let table = try cgroup { () throws(SystemError) in try Files.readText("/proc/self/mountinfo") }
    guard let found = detect(mountInfo: table) else { throw .noHierarchy }
    return found
  }

  /// The hierarchy that a text of the form of /proc/self/mountinfo (proc(5)) shows; nil: none.
  ///
  /// A mount counts only where its whole path is visible: one that a later mount covers is passed
  /// over. Version 1 counts as soon as a resource controller is mounted, since the kernel then
  /// withholds it from version 2.
  public static func detect(mountInfo: String) -> CgroupHierarchy? {
    var unified: String?
    var mounts: [Controller: String] = [:]
    for mount in MountEntry.visible(in: mountInfo) {
      switch mount.type {
      case "cgroup2":
        // The first: on hybrid machines and on version 2 there is one; others are bind mounts.
        if unified == nil { unified = mount.point }
      case "cgroup":
        let options = mount.superOptions.split(separator: ",")
        for controller in Controller.allCases
        where mounts[controller] == nil && options.contains(Substring(controller.version1Name)) {
          mounts[controller] = mount.point
        }
      default: break
      }
    }
    if !mounts.isEmpty {
      return CgroupHierarchy(mode: unified == nil ? .version1 : .hybrid, mounts: mounts)
    }
    guard let unified else { return nil }
    return CgroupHierarchy(mode: .version2, unified: unified)
  }
}

/// What is needed of one line of mountinfo.
struct MountEntry: Hashable {
  var id: Int
  var parent: Int
  var point: String
  var type: String
  var superOptions: String

  /// nil where the line is not one of mountinfo.
  init?(line: Substring) {
    let fields = line.split(separator: " ")
    guard let separator = fields.firstIndex(of: "-"), separator >= 6, fields.count >= separator + 4,
      let id = Int(fields[0]), let parent = Int(fields[1])
    else { return nil }
    self.id = id
    self.parent = parent
    point = unescaped(fields[4])
    type = String(fields[separator + 1])
    superOptions = String(fields[separator + 3])
  }

  /// The mounts that a path lookup reaches. A mount is covered by a later one at the same point,
  /// or by one above it that is not among its parents.
  static func visible(in mountInfo: String) -> [MountEntry] {
    let all = mountInfo.split(separator: "\n").compactMap(MountEntry.init(line:))
    let byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    return all.enumerated().filter { index, mount in
      !all[(index + 1)...].contains { later in
        later.covers(mount) && !mount.hasAncestor(later.id, byID)
      }
    }.map(\.element)
  }

  private func covers(_ other: MountEntry) -> Bool {
    point == other.point || point == "/" || other.point.hasPrefix(point + "/")
  }

  private func hasAncestor(_ ancestor: Int, _ byID: [Int: MountEntry]) -> Bool {
    var here = self
    for _ in 0..<byID.count {
      if here.parent == ancestor { return true }
      guard let above = byID[here.parent], above.id != here.id else { return false }
      here = above
    }
    return false
  }
}

/// Undoes mountinfo's `\040` for space, tab, newline and backslash.
private func unescaped(_ field: Substring) -> String {
  var bytes: [UInt8] = []
  var rest = Array(field.utf8)[...]
  while let first = rest.first {
    let digits = rest.dropFirst().prefix(3)
    if first == UInt8(ascii: "\\"), digits.count == 3,
      let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
    {
      bytes.append(value)
      rest = rest.dropFirst(4)
    } else {
      bytes.append(first)
      rest = rest.dropFirst()
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
