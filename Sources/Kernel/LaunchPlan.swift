internal import CLinux
internal import Glibc

/// The launch plan as the shim reads it: a flat list of operations with numbers and strings. The
/// format is documented in `cairn_plan.h`, and so is what each operation does.
public struct LaunchPlan: Sendable {
  private var operations: [UInt8] = []
  private var count: UInt32 = 0
  /// What the shim is given besides the plan; `pass` says under which number.
  private(set) var descriptors: [Descriptor] = []

  public init() {}

  public enum Operation: Hashable, Sendable {
    case run, join, cgroupClone, cgroupAttach, window, log
    case namespaceJoin, source, rootOverlay, proc, sys, dev, device, devPts, devShm, shmJoin, devMqueue, wait
    case cgroupNamespace, cgroupUnified, cgroupTree, bind, tmpfs, image, file, mask, readOnly, link, address6,
      sysctl
    case hostname, console, pivot, directory, rootReadOnly, rlimit, oomScore, group, user
    case capabilities, noNewPrivileges, seccomp, environment, argument, execute

    var code: cl_op {
      switch self {
      case .run: CL_OP_RUN
      case .join: CL_OP_JOIN
      case .cgroupClone: CL_OP_CGROUP_CLONE
      case .cgroupAttach: CL_OP_CGROUP_ATTACH
      case .window: CL_OP_WINDOW
      case .log: CL_OP_LOG
      case .namespaceJoin: CL_OP_NAMESPACE_JOIN
      case .source: CL_OP_SOURCE
      case .rootOverlay: CL_OP_ROOT_OVERLAY
      case .proc: CL_OP_PROC
      case .sys: CL_OP_SYS
      case .dev: CL_OP_DEV
      case .device: CL_OP_DEVICE
      case .devPts: CL_OP_DEV_PTS
      case .devShm: CL_OP_DEV_SHM
      case .shmJoin: CL_OP_SHM_JOIN
      case .devMqueue: CL_OP_DEV_MQUEUE
      case .wait: CL_OP_WAIT
      case .cgroupNamespace: CL_OP_CGROUP_NAMESPACE
      case .cgroupUnified: CL_OP_CGROUP_UNIFIED
      case .cgroupTree: CL_OP_CGROUP_TREE
      case .bind: CL_OP_BIND
      case .tmpfs: CL_OP_TMPFS
      case .image: CL_OP_IMAGE
      case .file: CL_OP_FILE
      case .mask: CL_OP_MASK
      case .readOnly: CL_OP_READ_ONLY
      case .link: CL_OP_LINK
      case .address6: CL_OP_ADDRESS6
      case .sysctl: CL_OP_SYSCTL
      case .hostname: CL_OP_HOSTNAME
      case .console: CL_OP_CONSOLE
      case .pivot: CL_OP_PIVOT
      case .directory: CL_OP_DIRECTORY
      case .rootReadOnly: CL_OP_ROOT_READ_ONLY
      case .rlimit: CL_OP_RLIMIT
      case .oomScore: CL_OP_OOM_SCORE
      case .group: CL_OP_GROUP
      case .user: CL_OP_USER
      case .capabilities: CL_OP_CAPABILITIES
      case .noNewPrivileges: CL_OP_NO_NEW_PRIVILEGES
      case .seccomp: CL_OP_SECCOMP
      case .environment: CL_OP_ENVIRONMENT
      case .argument: CL_OP_ARGUMENT
      case .execute: CL_OP_EXECUTE
      }
    }
  }

  /// Appends an operation. A string may hold no NUL; check with `isText` before.
  public mutating func add(_ operation: Operation, _ strings: String..., numbers: [UInt64] = []) {
    add(operation, strings: strings.map { Array($0.utf8) }, numbers: numbers)
  }

  /// Appends an operation whose strings are given as bytes.
  public mutating func add(_ operation: Operation, strings: [[UInt8]], numbers: [UInt64] = []) {
    precondition(numbers.count <= 4 && strings.count <= Int(UInt16.max))
    var body: [UInt8] = []
    for string in strings {
      body.appendNumber(UInt32(string.count))
      body += string
      body.append(0)
      while body.count % 4 != 0 { body.append(0) }
    }
    while body.count % 8 != 0 { body.append(0) }
    operations.appendNumber(UInt16(operation.code.rawValue))
    operations.appendNumber(UInt16(strings.count))
    operations.appendNumber(UInt32(40 + body.count))
    for index in 0..<4 { operations.appendNumber(index < numbers.count ? numbers[index] : 0) }
    operations += body
    count += 1
  }

  /// Hands a descriptor to the shim and returns the number that it has there.
  public mutating func pass(_ descriptor: Descriptor) -> UInt64 {
    descriptors.append(descriptor)
    return UInt64(CL_FD_FIRST) + UInt64(descriptors.count - 1)
  }

  /// Whether `text` can be a string of a plan.
  public static func isText(_ text: String) -> Bool { !text.utf8.contains(0) }

  /// The whole buffer.
  public var bytes: [UInt8] {
    var all: [UInt8] = []
    all.appendNumber(UInt64(CL_PLAN_MAGIC))
    all.appendNumber(UInt32(CL_PLAN_VERSION))
    all.appendNumber(count)
    all.appendNumber(UInt64(24 + operations.count))
    return all + operations
  }

  /// What the decoder says against the buffer; nil: nothing.
  public static func problem(in bytes: [UInt8]) -> String? {
    unsafe bytes.withUnsafeBytes { buffer in
      guard let why = unsafe cl_plan_check(buffer.baseAddress, buffer.count) else { return nil }
      return unsafe String(cString: why)
    }
  }
}

extension [UInt8] {
  fileprivate mutating func appendNumber(_ number: some FixedWidthInteger) {
    // Native byte order is little-endian on every machine that this runs on.
    for shift in stride(from: 0, to: number.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}

/// The namespaces that a container can have of its own (clone(2)).
public struct Namespaces: OptionSet, Hashable, Sendable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let mounts = Namespaces(rawValue: 0x0002_0000)
  public static let cgroups = Namespaces(rawValue: 0x0200_0000)
  public static let hostName = Namespaces(rawValue: 0x0400_0000)
  public static let ipc = Namespaces(rawValue: 0x0800_0000)
  public static let processes = Namespaces(rawValue: 0x2000_0000)
  public static let network = Namespaces(rawValue: 0x4000_0000)
}

/// Flags of the RUN and JOIN operations.
public struct LaunchFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let terminal = LaunchFlags(rawValue: UInt64(CL_RUN_TERMINAL))
  public static let stdin = LaunchFlags(rawValue: UInt64(CL_RUN_STDIN))
}

/// Flags of the BIND operation.
public struct BindFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let recursive = BindFlags(rawValue: UInt64(CL_BIND_RECURSIVE))
  /// An empty source directory is first filled with what the root has at the target.
  public static let copyUp = BindFlags(rawValue: UInt64(CL_BIND_COPY_UP))
  /// What is mounted below the source keeps its own attributes.
  public static let topOnly = BindFlags(rawValue: UInt64(CL_BIND_TOP_ONLY))
  /// The propagation is also for what is mounted below the source.
  public static let spread = BindFlags(rawValue: UInt64(CL_BIND_SPREAD))
}

/// Where mounts and their ends are seen besides (mount_namespaces(7)).
public enum MountPropagation: UInt64, Hashable, Sendable {
  /// Nowhere.
  case `private` = 0
  /// Those of the source are seen at the target.
  case slave = 0x0008_0000
  /// Those on one side are seen on the other.
  case shared = 0x0010_0000
}

/// Attributes of a mount (mount_setattr(2)).
public struct MountAttributes: OptionSet, Hashable, Sendable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let readOnly = MountAttributes(rawValue: 1)
  public static let noSetUID = MountAttributes(rawValue: 2)
  public static let noDevices = MountAttributes(rawValue: 4)
  public static let noExecution = MountAttributes(rawValue: 8)
}
