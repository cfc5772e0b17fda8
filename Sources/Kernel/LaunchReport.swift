internal import CLinux

/// What the shim says about a launch, as `cairn_plan.h` documents it.
public enum LaunchReport: Sendable {
  /// The namespaces exist; the process waits. `network` is the process's network namespace.
  case prepared(process: Int32, handle: Descriptor, network: Descriptor, shim: PidFD)
  /// The container's program runs since `when` (ns since the epoch). Processes with the times at which they
  /// began, in clock ticks since the boot; of one that joins neither time nor shim is told.
  case started(
    process: ProcessMark, shim: ProcessMark, when: Int64, warnings: [String], descriptors: [Descriptor])
  /// A step failed; nothing is left. `exitCode` is what the failure is reported as.
  case failed(SystemError, exitCode: Int32)
  /// A process that joined has ended. `signal` is 0 where it ended by itself.
  case exited(code: Int32, signal: Int32)

  /// nil: the packet is not a report.
  public init?(_ packet: Packet) {
    let bytes = packet.bytes
    guard bytes.count >= Int(CL_REPORT_SIZE) else { return nil }
    func number<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
      (0..<MemoryLayout<T>.size).reduce(0) { $0 | T(truncatingIfNeeded: bytes[offset + $1]) << ($1 * 8) }
    }
    let kind = number(0, as: UInt32.self)
    let a = number(4, as: Int32.self)
    let b = number(8, as: Int32.self)
    let texts = bytes[Int(CL_REPORT_SIZE)...].split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    switch Int(kind) {
    case Int(CL_REPORT_PREPARED):
      guard packet.descriptors.count == 3 else { return nil }
      self = .prepared(
        process: a, handle: packet.descriptors[0], network: packet.descriptors[1],
        shim: PidFD(packet.descriptors[2]))
    case Int(CL_REPORT_STARTED):
      self = .started(
        process: ProcessMark(number: a, ticks: number(24, as: UInt64.self)),
        shim: ProcessMark(number: b, ticks: number(32, as: UInt64.self)), when: number(16, as: Int64.self),
        warnings: texts.filter { !$0.isEmpty }, descriptors: packet.descriptors)
    case Int(CL_REPORT_FAILED):
      guard texts.count >= 3 else { return nil }
      self = .failed(SystemError(texts[0], on: texts[1], code: a, hint: texts[2]), exitCode: b)
    case Int(CL_REPORT_EXITED): self = .exited(code: a, signal: b)
    default: return nil
    }
  }

  /// The largest packet of a report.
  public static let largest = MemoryLayout<cl_report>.size
  /// What tells a prepared container to go on.
  public static let go: [UInt8] = [UInt8(CL_SAY_GO)]
}

/// The names of a container's files and the packets of an attached client.
public enum ShimProtocol {
  public static let stateFile = CL_NAME_STATE
  public static let exitFile = CL_NAME_EXIT
  public static let socket = CL_NAME_SOCKET
  public static let logFile = CL_NAME_LOG
  public static let hello = UInt8(CL_ATTACH_HELLO)
  public static let stdout = UInt8(CL_ATTACH_STDOUT)
  public static let stderr = UInt8(CL_ATTACH_STDERR)
  public static let stdin = UInt8(CL_ATTACH_STDIN)
  public static let closeStdin = UInt8(CL_ATTACH_CLOSE)
  public static let resize = UInt8(CL_ATTACH_RESIZE)
  /// The most data in a packet.
  public static let chunk = Int(CL_ATTACH_CHUNK)
}
