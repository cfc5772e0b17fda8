internal import CLinux
internal import Glibc

/// An open directory in a tree whose names and content come from somebody else, such as a layer
/// that is being unpacked (rules R1 and R9).
///
/// Every call acts on one name in this directory and follows nothing. Names are bytes: file
/// systems do not promise UTF-8.
package struct TreeDirectory: Sendable {
  package let descriptor: Descriptor

  /// Opens a directory at one of our own paths.
  package init(at path: String) throws(SystemError) {
    descriptor = try Files.open(path, flags: O_RDONLY | O_DIRECTORY)
  }

  package init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  /// Opens the directory at the relative `path`. The kernel refuses whatever would leave this
  /// directory, a symbolic link in any place (ELOOP), and another mount.
  package func directory(_ path: [UInt8]) throws(SystemError) -> TreeDirectory {
    TreeDirectory(try open(path, flags: O_RDONLY | O_DIRECTORY))
  }

  /// Opens a regular file for reading; waits for no writer where it turns out to be a FIFO.
  package func file(_ name: [UInt8]) throws(SystemError) -> Descriptor {
    try open(name, flags: O_RDONLY | O_NONBLOCK)
  }

  /// Opens whatever has the name without acting on it (O_PATH), a symbolic link itself included.
  package func handle(_ name: [UInt8]) throws(SystemError) -> Descriptor {
    try unsafe at(name, "open") { unsafe openat(descriptor.number, $0, CL_O_PATH | O_NOFOLLOW | O_CLOEXEC) }
  }

  private func open(_ path: [UInt8], flags: Int32) throws(SystemError) -> Descriptor {
    let resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV
    return try unsafe at(path, "open") {
      unsafe cl_openat2(
        descriptor.number, $0, UInt64(flags | O_CLOEXEC | O_NOFOLLOW), 0, UInt64(resolve))
    }
  }

  /// Makes a regular file that may not be there yet, open for reading and writing, mode 0600.
  package func createFile(_ name: [UInt8]) throws(SystemError) -> Descriptor {
    try unsafe at(name, "create the file") {
      unsafe openat(descriptor.number, $0, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
  }

  package func makeDirectory(_ name: [UInt8], permissions: UInt32 = 0o755) throws(SystemError) {
    try unsafe check(name, "create the directory") { unsafe mkdirat(descriptor.number, $0, permissions) }
  }

  /// The target is kept as it is: it counts only for who has the tree as its root.
  package func makeSymbolicLink(_ name: [UInt8], to target: [UInt8]) throws(SystemError) {
    try unsafe check(name, "create the symbolic link") { link in
      unsafe withCString(target) { unsafe symlinkat($0, descriptor.number, link) }
    }
  }

  /// A further name for the file that `handle` opened.
  package func makeLink(_ name: [UInt8], to file: Descriptor) throws(SystemError) {
    try unsafe check(name, "create the hard link") {
      unsafe cl_link_descriptor(file.number, descriptor.number, $0)
    }
  }

  /// Makes a device node or a FIFO.
  package func makeNode(_ name: [UInt8], _ kind: FileStatus.Kind, permissions: UInt32) throws(SystemError) {
    let type: mode_t
    var numbers: (UInt32, UInt32) = (0, 0)
    switch kind {
    case .fifo: type = S_IFIFO
    case .characterDevice(let major, let minor):
      type = S_IFCHR
      numbers = (major, minor)
    case .blockDevice(let major, let minor):
      type = S_IFBLK
      numbers = (major, minor)
    default: throw SystemError("mknod", on: text(name), code: EINVAL)
    }
    try unsafe check(name, "mknod") {
      unsafe cl_mknodat(descriptor.number, $0, type | permissions, numbers.0, numbers.1)
    }
  }

  /// Owner, mode and time of something that cannot be opened: a link, a node, a FIFO. A link has
  /// no mode. The caller has just made it, in a directory that nobody else can reach.
  package func setMetadata(
    _ name: [UInt8], owner: UInt32, group: UInt32, permissions: UInt32?, modified: FileTime
  ) throws(SystemError) {
    try unsafe check(name, "chown") {
      unsafe fchownat(descriptor.number, $0, owner, group, AT_SYMLINK_NOFOLLOW)
    }
    if let permissions {
      try unsafe check(name, "chmod") { unsafe fchmodat(descriptor.number, $0, permissions, 0) }
    }
    let pair = modified.pair
    try unsafe check(name, "set the time of") {
      unsafe utimensat(descriptor.number, $0, pair, AT_SYMLINK_NOFOLLOW)
    }
  }

  /// What has the name; nil where nothing has.
  package func status(of name: [UInt8]) throws(SystemError) -> FileStatus? {
    var info = stat()
    let done = unsafe withCString(name) {
      unsafe fstatat(descriptor.number, $0, &info, AT_SYMLINK_NOFOLLOW)
    }
    if done != 0, errno == ENOENT { return nil }
    guard done == 0, let status = FileStatus(info) else { throw .last("stat", on: text(name)) }
    return status
  }

  /// The target of a symbolic link.
  package func target(of name: [UInt8]) throws(SystemError) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: 4097)
    let count = unsafe withCString(name) {
      unsafe readlinkat(descriptor.number, $0, &buffer, buffer.count)
    }
    guard count >= 0 else { throw .last("read the link", on: text(name)) }
    return buffer[..<count].map { UInt8(bitPattern: $0) }
  }

  /// The names in the directory without `.` and `..`, sorted by their bytes.
  package func names() throws(SystemError) -> [[UInt8]] {
    let again = try unsafe at(Array(".".utf8), "list") {
      unsafe openat(descriptor.number, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    // The stream closes what it is given, and so does `again`: it gets a number of its own.
    let number = cl_dupfd(again.number)
    guard number >= 0, let stream = unsafe fdopendir(number) else {
      throw .last("list", on: "descriptor \(descriptor.number)")
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if name != [46] && name != [46, 46] { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Removes what has the name, with all in it; follows no link. Nothing there is no error.
  package func remove(_ name: [UInt8]) throws(SystemError) {
    let code = unsafe withCString(name) { unsafe cl_remove_at(descriptor.number, $0) }
    guard code == 0 else { throw SystemError("remove", on: text(name), code: code) }
  }

  private func at(_ name: [UInt8], _ what: String, _ call: (UnsafePointer<CChar>) -> Int32)
    throws(SystemError) -> Descriptor
  {
    let number = unsafe withCString(name) { unsafe call($0) }
    guard number >= 0 else { throw .last(what, on: text(name)) }
    return Descriptor(owning: number)
  }

  private func check(_ name: [UInt8], _ what: String, _ call: (UnsafePointer<CChar>) -> Int32)
    throws(SystemError)
  {
    guard unsafe withCString(name, { unsafe call($0) }) == 0 else { throw .last(what, on: text(name)) }
  }

  private func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
}

/// Gives `bytes` with a NUL behind them; a NUL among them ends the string there.
@unsafe private func withCString(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
  let string = bytes.map { CChar(bitPattern: $0) } + [0]
  return unsafe string.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
}
@unsafe private func withCString(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Int) -> Int {
  let string = bytes.map { CChar(bitPattern: $0) } + [0]
  return unsafe string.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
}
