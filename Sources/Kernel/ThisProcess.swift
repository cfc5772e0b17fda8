internal import CLinux
internal import Glibc

/// What the kernel and the C library know about the process that we are.
public enum ThisProcess {
  /// The value of an environment variable; nil where it is not set.
  public static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// The whole environment.
  public static func environment() -> [String: String] {
    var all: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let parts = unsafe String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { all[String(parts[0])] = String(parts[1]) }
      unsafe entry += 1
    }
    return all
  }

  /// The absolute path of the current directory.
  public static func currentDirectory() throws(SystemError) -> String {
    guard let path = unsafe getcwd(nil, 0) else { throw .last("ask for", on: "the current directory") }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// The path of the running program.
  public static func program() throws(SystemError) -> String { try Files.readLink("/proc/self/exe") }

  /// The path of a program that was installed beside the running one.
  public static func programBeside(_ name: String) throws(SystemError) -> String {
    let program = try program()
    return program[..<(program.lastIndex(of: "/") ?? program.startIndex)] + "/" + name
  }

  /// Goes on as another program, with these arguments, our environment and descriptors 0, 1 and 2 (execve(2)).
  /// Returns only to throw.
  public static func become(_ program: String, _ arguments: [String]) throws(SystemError) -> Never {
    var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) }
    unsafe words.append(nil)
    unsafe execv(program, words)
    let error = SystemError.last("run", on: program)
    for index in unsafe words.indices { unsafe free(words[index]) }
    throw error
  }

  public static var isRoot: Bool { geteuid() == 0 }

  /// The effective user ID.
  public static var userID: UInt32 { geteuid() }

  /// Has all threads share two heaps (mallopt(3)). With one for nearly each, what a hundred steps leave free
  /// is spread over all of them and nothing is given back.
  public static func shareHeaps() { cl_share_heaps() }

  /// Ends the process at once.
  public static func end(status: Int32) -> Never { exit(status) }
}

/// The kernel's clocks (clock_gettime(2)).
public enum Clocks {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public static func wall() -> Int64 { read(CLOCK_REALTIME) }

  /// Nanoseconds since the machine was started; never set back.
  public static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension Files {
  /// Where a symbolic link points to.
  public static func readLink(_ path: String) throws(SystemError) -> String {
    var failure: SystemError?
    let bytes = unsafe [CChar](unsafeUninitializedCapacity: 4096) { buffer, filled in
      let count = unsafe readlink(path, buffer.baseAddress!, 4096)
      if count < 0 { failure = .last("read the link", on: path) }
      filled = max(0, count)
    }
    if let failure { throw failure }
    return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Sets a file's mode; for paths of our own only.
  public static func setMode(_ path: String, to mode: UInt32) throws(SystemError) {
    guard unsafe chmod(path, mode) == 0 else { throw .last("set the mode of", on: path) }
  }

  /// Opens a file to write at its end; it is made where it is missing (mode 0600).
  public static func openForAppending(_ path: String) throws(SystemError) -> Descriptor {
    try open(path, flags: O_WRONLY | O_CREAT | O_APPEND)
  }

  /// Opens a file of the user's to read, following links.
  public static func openForReading(_ path: String) throws(SystemError) -> Descriptor {
    let number = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw .last("open", on: path) }
    return Descriptor(owning: number)
  }

  /// Whether a socket is at the path.
  public static func isSocket(_ path: String) -> Bool {
    var info = stat()
    return unsafe lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFSOCK
  }
}
