internal import Kernel
public import Stacks
internal import Synchronization

/// Where a container is in its life, as disk and kernel have it.
public enum RuntimeStatus: Hashable, Sendable {
  /// It is not known: never started, removed, or from before the last boot.
  case absent
  /// `process` is process 1 of the container in the host's numbers.
  case running(process: Int32, startedAt: Moment)
  case exited(ExitRecord)
  /// The shim was killed, and the container with it; how it would have ended is not known. It counts as
  /// killed (137).
  case lost(startedAt: Moment)
}

/// What the shim wrote when the container ended.
public struct ExitRecord: Codable, Hashable, Sendable {
  /// The exit status; 128 and the signal's number where a signal ended it.
  public var code: Int32
  /// The signal that ended it; nil: it ended by itself.
  public var signal: Int32?
  public var startedAt: Moment
  public var finishedAt: Moment

  public init(code: Int32, signal: Int32?, startedAt: Moment, finishedAt: Moment) {
    self.code = code
    self.signal = signal
    self.startedAt = startedAt
    self.finishedAt = finishedAt
  }

  /// As the shim writes it.
  var text: String {
    "code \(code)\nsignal \(signal ?? 0)\nstarted \(startedAt.nanoseconds)\nfinished \(finishedAt.nanoseconds)\n"
  }

  /// From the shim's file; nil: it is not one.
  init?(text: String) {
    let values = ShimRecord.values(text)
    guard let code = values["code"], let signal = values["signal"], let started = values["started"],
      let finished = values["finished"]
    else { return nil }
    self.code = Int32(clamping: code)
    self.signal = signal == 0 ? nil : Int32(clamping: signal)
    startedAt = Moment(nanoseconds: started)
    finishedAt = Moment(nanoseconds: finished)
  }
}

/// The files of the shim: a name and a number on each line.
enum ShimRecord {
  static func values(_ text: String) -> [String: Int64] {
    var values: [String: Int64] = [:]
    // By bytes: it is read at every start and end, and a look for characters takes ten times as long.
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: " "))
      if parts.count == 2, let name = String(parts[0]), let digits = String(parts[1]),
        let number = Int64(digits)
      {
        values[name] = number
      }
    }
    return values
  }
}

/// What the shim wrote when the container had started.
struct ShimState: Hashable {
  var process: ProcessMark
  var shim: ProcessMark
  var startedAt: Moment

  init(process: ProcessMark, shim: ProcessMark, startedAt: Moment) {
    self.process = process
    self.shim = shim
    self.startedAt = startedAt
  }

  init?(text: String) {
    let values = ShimRecord.values(text)
    guard let process = values["pid"], let ticks = values["ticks"], let shim = values["shim"],
      let shimTicks = values["shim-ticks"], let started = values["started"]
    else { return nil }
    self.init(
      process: ProcessMark(number: Int32(clamping: process), ticks: UInt64(clamping: ticks)),
      shim: ProcessMark(number: Int32(clamping: shim), ticks: UInt64(clamping: shimTicks)),
      startedAt: Moment(nanoseconds: started))
  }
}

extension ContainerRuntime {
  /// Looks at the disk and the kernel. A process number that has been given to another process since is
  /// not taken for the container.
  public func status(of id: ContainerID) throws(RuntimeError) -> RuntimeStatus {
    if let state = exitWatch.state(of: id), Files.exists("\(directory(of: id))/\(ShimProtocol.stateFile)"),
      !Files.exists("\(directory(of: id))/\(ShimProtocol.exitFile)")
    {
      return .running(process: state.process.number, startedAt: state.startedAt)
    }
    if let record = try exitRecord(of: id) { return .exited(record) }
    guard let state = try state(of: id) else { return .absent }
    if state.shim.isRunning {
      exitWatch.keep(state, of: id)
      return .running(process: state.process.number, startedAt: state.startedAt)
    }
    // The shim writes its record before it ends: look again, now that it has ended for sure.
    if let record = try exitRecord(of: id) { return .exited(record) }
    return .lost(startedAt: state.startedAt)
  }

  /// Sends a signal to process 1 of the container.
  public func signal(_ number: Int32, to id: ContainerID) throws(RuntimeError) {
    guard let process = try process(of: id) else { throw .notRunning(id: id.description) }
    do throws(SystemError) {
      try process.send(number)
    } catch {
      if error.isNoSuchProcess { throw .notRunning(id: id.description) }
      throw RuntimeError(error)
    }
  }

  /// Process 1 of the container; nil: it has ended, or there was none.
  func process(of id: ContainerID) throws(RuntimeError) -> PidFD? {
    let known = if let watched = exitWatch.state(of: id) { watched } else { try state(of: id) }
    guard let state = known else { return nil }
    return try attempt { () throws(SystemError) in
      try PidFD(state.process)
    }
  }

  /// The shim of the container; nil: it has ended, or there was none.
  func shim(of id: ContainerID) throws(RuntimeError) -> PidFD? {
    guard let state = try state(of: id) else { return nil }
    return try attempt { () throws(SystemError) in
      try PidFD(state.shim)
    }
  }

  func state(of id: ContainerID) throws(RuntimeError) -> ShimState? {
    try file(ShimProtocol.stateFile, of: id).flatMap { ShimState(text: $0) }
  }

  /// A record that was read before is not read again while its file is the same.
  private func exitRecord(of id: ContainerID) throws(RuntimeError) -> ExitRecord? {
    // Looked at before it is read: what is read is of this version or of a later one, which has another stamp.
    guard let stamp = HostFile.stamp("\(directory(of: id))/\(ShimProtocol.exitFile)") else { return nil }
    if let record = ended.withLock({ $0[id] }), record.stamp == stamp { return record.record }
    guard let record = try file(ShimProtocol.exitFile, of: id).flatMap({ ExitRecord(text: $0) }) else {
      return nil
    }
    ended.withLock { $0[id] = (stamp, record) }
    return record
  }

  private func file(_ name: String, of id: ContainerID) throws(RuntimeError) -> String? {
    do throws(SystemError) {
      return try Files.readText("\(directory(of: id))/\(name)")
    } catch {
      if error.isNotFound { return nil }
      throw RuntimeError(error)
    }
  }
}
