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
    /// Files that came after the one that is read, the oldest first: that one will not grow any more.
    private var later: [Descriptor] = []
    private var hasEnded = false
    /// What is written to the file that is read wakes us up.
    private var isWatched = false
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
        if !later.isEmpty {
          reader = LogReader(file: later.removeFirst())
          isWatched = false
          continue
        }
        if stream.follow, try attempt({ () throws(SystemError) in try look() }) { continue }
        if hasEnded { return nil }
        guard let growth, let shim, try isRunning() else {
          // What it wrote between our last look and its end is read once more.
          hasEnded = true
          continue
        }
        try await grown(growth, shim)
      }
    }

    /// Looks whether the log goes on in another file. If so, the one that is read has to be read to its
    /// end, and then the other: true. Otherwise it is watched from now on; the first time it is read once
    /// more, since it may have grown before it was: true as well.
    private mutating func look() throws(SystemError) -> Bool {
      guard let file = reader?.file else { return false }
      do throws(SystemError) {
        try growth?.watch(file: files.newest)
      } catch {
        // Somebody else has removed it; the one that is read is open.
        guard error.isNotFound else { throw error }
      }
      later = try files.opened(after: file)
      defer { isWatched = true }
      return !later.isEmpty || !isWatched
    }

    private var files: LogFiles { LogFiles(directory: stream.runtime.dataDirectory(of: stream.id)) }

    /// False: there is no log.
    private mutating func open() throws(RuntimeError) -> Bool {
      if reader != nil { return true }
      try attempt { () throws(SystemError) in
        if stream.follow { growth = try Inotify() }
        later = try files.open()
        var left = stream.tail ?? 0
        // The last file in which lines are wanted from; all before it are passed over.
        for index in later.indices.reversed() where stream.tail != nil {
          var reader = LogReader(file: later[index])
          left = try reader.skipToLast(left)
          if left > 0 && index > 0 { continue }
          self.reader = reader
          later.removeFirst(index + 1)
          return
        }
        if !later.isEmpty { reader = LogReader(file: later.removeFirst()) }
      }
      if reader == nil { return false }
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
