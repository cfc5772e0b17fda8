internal import Kernel
public import Stacks

/// The lines of a container's log, read as they are asked for.
public struct LogStream: AsyncSequence, Sendable {
  public typealias Element = LogEntry
  public typealias Failure = RuntimeError

  let runtime: ContainerRuntime
  let id: ContainerID
  let tail: Int?
  let since: Moment?
  let follow: Bool

  public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

  public struct Iterator: AsyncIteratorProtocol {
    public typealias Element = LogEntry
    public typealias Failure = RuntimeError
    let stream: LogStream
    private var reader: LogReader?
    private var hasEnded = false
    /// Set where more may come: wakes up when the log grows or the shim ends.
    private var growth: Inotify?
    private var shim: PidFD?

    init(stream: LogStream) { self.stream = stream }

    public mutating func next() async throws(RuntimeError) -> LogEntry? {
      try await next(isolation: nil)
    }

    public mutating func next(isolation actor: isolated (any Actor)?) async throws(RuntimeError)
      -> LogEntry?
    {
      guard try open() else { return nil }
      while true {
        let entry = try attempt { () throws(SystemError) in try reader?.next() }
        if let entry {
          if let since = stream.since, entry.time < since { continue }
          return entry
        }
        if hasEnded { return nil }
        guard let growth, let shim, try isRunning() else {
          // What it wrote between our last look and its end is read once more.
          hasEnded = true
          continue
        }
        try await grown(growth, shim)
      }
    }

    /// False: there is no log.
    private mutating func open() throws(RuntimeError) -> Bool {
      if reader != nil { return true }
      let path = stream.runtime.logPath(of: stream.id)
      do throws(SystemError) {
        if stream.follow {
          let watch = try Inotify()
          try watch.watch(file: path)
          growth = watch
        }
        var reader = LogReader(file: try Files.openToRead(path))
        if let tail = stream.tail { try reader.skipToLast(tail) }
        self.reader = reader
      } catch {
        if error.isNotFound { return false }
        throw RuntimeError(error)
      }
      if stream.follow { shim = try stream.runtime.shim(of: stream.id) }
      return true
    }

    private func isRunning() throws(RuntimeError) -> Bool {
      if case .running = try stream.runtime.status(of: stream.id) { return true }
      return false
    }

    private func grown(_ growth: Inotify, _ shim: PidFD) async throws(RuntimeError) {
      let poller = stream.runtime.poller
      try await waiting { () async throws(SystemError) in
        try await poller.readable(anyOf: [growth.descriptor, shim.descriptor])
        try growth.drain()
      }
    }
  }
}

extension ContainerRuntime {
  /// The container's output so far. `tail` nil: from the beginning, else only the last lines; `since`:
  /// only what was written at that time or later; `follow`: goes on until the container ends. A
  /// container without output has an empty log.
  public func logs(_ id: ContainerID, tail: Int? = nil, since: Moment? = nil, follow: Bool = false)
    -> LogStream
  {
    LogStream(runtime: self, id: id, tail: tail, since: since, follow: follow)
  }
}
