internal import CLinux
internal import Glibc

/// Programs that go on when we end.
public enum BackgroundProcess {
  /// Starts `program` in a session of its own, with no signal blocked, `/dev/null` for standard input,
  /// `output` for standard output and error, and `inherited` as descriptor 3; every other descriptor of
  /// ours is close-on-exec. Returns its process ID. It is not waited for by anyone but process 1 once
  /// we end (posix_spawn(3)).
  public static func start(
    _ program: String, _ arguments: [String], output: Descriptor, inherited: Descriptor
  ) throws(SystemError) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    // Both are moved out of the way first, so that no dup2 overwrites the source of the next.
    let output = try output.duplicate(above: 9)
    let inherited = try inherited.duplicate(above: 9)
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output.number, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, output.number, 2)
    unsafe posix_spawn_file_actions_adddup2(&actions, inherited.number, 3)
    var none = sigset_t()
    unsafe sigemptyset(&none)
    var defaults = sigset_t()
    unsafe sigemptyset(&defaults)
    unsafe sigaddset(&defaults, SIGPIPE)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    let flags = 0x80 | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)  // 0x80: new session
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

    var pid: pid_t = 0
    let words = [program] + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    let code = unsafe posix_spawn(&pid, program, &actions, &attributes, pointers, environ)
    guard code == 0 else { throw SystemError("start", on: program, code: code) }
    return pid
  }
}

extension Descriptor {
  /// A descriptor that whoever started us left open; from now on it is close-on-exec.
  public static func inherited(_ number: Int32) throws(SystemError) -> Descriptor {
    guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else {
      throw .last("take over the descriptor", on: "\(number)")
    }
    return Descriptor(owning: number)
  }

  /// A pipe; both ends are close-on-exec.
  public static func pipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard unsafe cl_pipe(&ends) == 0 else { throw .last("make", on: "a pipe") }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }

  /// A second descriptor for the same open file, close-on-exec, with a number above `number`.
  func duplicate(above number: Int32) throws(SystemError) -> Descriptor {
    let copy = fcntl(self.number, F_DUPFD_CLOEXEC, number + 1)
    guard copy >= 0 else { throw .last("duplicate the descriptor", on: "\(self.number)") }
    return Descriptor(owning: copy)
  }
}
