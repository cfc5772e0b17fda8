internal import Kernel
public import Stacks

/// One limit as setrlimit(2) takes it.
public struct ResourceLimit: Hashable, Sendable {
  /// The kernel's number (RLIMIT_*).
  public var resource: Int32
  public var soft: UInt64
  public var hard: UInt64

  public init(resource: Int32, soft: UInt64, hard: UInt64) {
    self.resource = resource
    self.soft = soft
    self.hard = hard
  }

  /// The names of ulimits, at the kernel's numbers: `cpu` is 0.
  public static let names = [
    "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks",
    "sigpending", "msgqueue", "nice", "rtprio", "rttime",
  ]

  /// A container's ulimits in the order of their numbers, checked so that the container's start does
  /// not fail on them: soft is not above hard, and hard not above ours unless we may raise it.
  ///
  /// `ceiling` gives our hard limit by number; nil: any may be had (CAP_SYS_RESOURCE).
  /// `mostFiles` is `fs.nr_open`, above which the kernel lets nobody go.
  public static func resolve(
    _ ulimits: [String: Ulimit], mostFiles: UInt64?, ceiling: ((Int32) -> UInt64)?
  ) throws(SecurityError) -> [ResourceLimit] {
    var limits: [ResourceLimit] = []
    for (name, ulimit) in ulimits.sorted(by: { $0.key < $1.key }) {
      guard let number = names.firstIndex(of: name) else {
        throw .unknown(kind: "ulimit", name: name, nearest: nearestName(to: name, among: names))
      }
      let resource = Int32(number)
      if ulimit.soft > ulimit.hard {
        throw .ulimit(
          name: name, problem: "soft \(text(ulimit.soft)) is above hard \(text(ulimit.hard))",
          fix: "raise hard or lower soft")
      }
      if name == "nofile", let mostFiles, ulimit.hard > mostFiles {
        throw .ulimit(
          name: name, problem: "hard \(text(ulimit.hard)) is above the kernel's \(mostFiles)",
          fix: "lower it, or raise the sysctl fs.nr_open")
      }
      if let most = ceiling?(resource), ulimit.hard > most {
        throw .ulimit(
          name: name, problem: "hard \(text(ulimit.hard)) is above the engine's own \(text(most))",
          fix: "lower it, or give the engine CAP_SYS_RESOURCE")
      }
      limits.append(ResourceLimit(resource: resource, soft: ulimit.soft, hard: ulimit.hard))
    }
    return limits.sorted { $0.resource < $1.resource }
  }

  /// The same on this machine, for this process. What is not asked for is inherited, open files from
  /// before the engine raised its own limit.
  public static func resolve(_ ulimits: [String: Ulimit]) throws(SecurityError) -> [ResourceLimit] {
    let files: Int32 = 7  // RLIMIT_NOFILE
    guard ulimits["nofile"] == nil, let soft = OpenFileLimit.given,
      let hard = try? ProcessLimits.limit(of: files).hard
    else { return try resolveAsked(ulimits) }
    return try resolveAsked(ulimits) + [ResourceLimit(resource: files, soft: soft, hard: hard)]
  }

  private static func resolveAsked(_ ulimits: [String: Ulimit]) throws(SecurityError) -> [ResourceLimit] {
    if ulimits.isEmpty { return [] }
    let effective = CapabilitySet(rawValue: ProcessLimits.effectiveCapabilities)
    let mostFiles = (try? Files.readText("/proc/sys/fs/nr_open")).flatMap(singleNumber)
    if effective.contains(.sysResource) {
      return try resolve(ulimits, mostFiles: mostFiles, ceiling: nil)
    }
    return try resolve(ulimits, mostFiles: mostFiles) { resource in
      (try? ProcessLimits.limit(of: resource))?.hard ?? .max
    }
  }

  private static func text(_ value: UInt64) -> String { value == .max ? "unlimited" : "\(value)" }
}
