internal import CLinux
internal import Glibc

/// Files and directories of our own: paths that the engine made and no container can change.
/// Whatever lies inside a root file system or a volume goes through `RootDirectory` instead.
public enum Files {
  /// The whole content of a file of at most `limit` bytes.
  public static func read(_ path: String, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
    let file = try open(path, flags: O_RDONLY)
    do {
      return try file.readAll(limit: limit)
    } catch {
      throw SystemError("read", on: path, code: error.code, hint: error.hint)
    }
  }

  /// The content as text; bytes that are not UTF-8 become U+FFFD.
  public static func readText(_ path: String) throws(SystemError) -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// Writes into an existing file in one call, as files of the kernel want it.
  public static func writeExisting(_ text: String, to path: String) throws(SystemError) {
    let file = try open(path, flags: O_WRONLY)
    do {
      try file.write(text.utf8)
    } catch {
      throw SystemError("write \"\(text)\" to", on: path, code: error.code)
    }
  }

  /// Replaces a file as a whole: after a crash there is the old content or the new, never a part.
  /// The mode is for a new file and is not narrowed by the umask.
  public static func replace(
    _ path: String, with bytes: some Sequence<UInt8>, mode: UInt32 = 0o600, sync: Bool = false
  ) throws(SystemError) {
    let fresh = path + ".new"
    do throws(SystemError) {
      let file = try open(fresh, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
      try fill(file, with: bytes, mode)
      if sync, fsync(file.number) != 0 { throw SystemError.last("fsync", on: fresh) }
      guard unsafe Glibc.rename(fresh, path) == 0 else { throw SystemError.last("rename", on: fresh) }
    } catch {
      _ = unsafe unlink(fresh)
      throw SystemError("write", on: path, code: error.code, hint: error.hint)
    }
  }

  /// Writes a file whose reader can tell whether it is whole: a new one in place, which costs half as much; one
  /// that is there already is replaced. Mode and umask as with `replace`.
  public static func write(_ path: String, with bytes: some Sequence<UInt8>, mode: UInt32 = 0o600)
    throws(SystemError)
  {
    let file: Descriptor
    do throws(SystemError) {
      file = try open(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
    } catch {
      guard error.isExisting else { throw error }
      return try replace(path, with: bytes, mode: mode)
    }
    do throws(SystemError) { try fill(file, with: bytes, mode) } catch {
      _ = unsafe unlink(path)
      throw SystemError("write", on: path, code: error.code, hint: error.hint)
    }
  }

  private static func fill(_ file: Descriptor, with bytes: some Sequence<UInt8>, _ mode: UInt32)
    throws(SystemError)
  {
    // Of the owner's own rights the umask takes nothing.
    if mode & 0o077 != 0 { fchmod(file.number, mode) }
    try file.write(bytes)
  }

  /// Opens one of our own paths; the last component may not be a symbolic link.
  public static func open(_ path: String, flags: Int32, mode: UInt32 = 0o600) throws(SystemError)
    -> Descriptor
  {
    let number = unsafe cl_open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode)
    guard number >= 0 else { throw .last("open", on: path) }
    return Descriptor(owning: number)
  }

  /// Makes a directory and those above it; one that is there already is left as it is.
  public static func makeDirectories(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
    do throws(SystemError) {
      try makeNewDirectory(path, mode: mode)
    } catch {
      guard error.isExisting else { throw error }
    }
  }

  /// Makes a directory that may not be there yet (EEXIST), and those above it where they are missing.
  public static func makeNewDirectory(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
    do throws(SystemError) {
      try makeDirectory(path, mode: mode)
    } catch {
      guard error.isNotFound, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
        throw error
      }
      try makeDirectories(String(path[..<slash]), mode: mode)
      try makeDirectory(path, mode: mode)
    }
  }

  /// Makes one directory that may not be there yet.
  public static func makeDirectory(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
    guard unsafe mkdir(path, mode) == 0 else { throw .last("create the directory", on: path) }
  }

  /// The names in a directory without `.` and `..`, sorted; empty where it does not exist.
  public static func list(_ path: String) throws(SystemError) -> [String] {
    guard let stream = unsafe opendir(path) else {
      if errno == ENOENT { return [] }
      throw .last("list", on: path)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether something is at the path, a dangling link included.
  public static func exists(_ path: String) -> Bool {
    var info = stat()
    return unsafe lstat(path, &info) == 0
  }

  /// Removes a file; one that is not there is no error.
  public static func remove(_ path: String) throws(SystemError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last("remove", on: path) }
  }

  public static func rename(_ old: String, to new: String) throws(SystemError) {
    guard unsafe Glibc.rename(old, new) == 0 else { throw .last("rename", on: "\(old) to \(new)") }
  }

  /// Removes a directory with all in it, following no link and crossing no mount: works down from
  /// an open directory by name (rule R1). What is not there is no error.
  public static func removeTree(_ path: String) throws(SystemError) {
    let code = unsafe cl_remove_tree(path)
    guard code == 0 else {
      throw SystemError("remove the directory", on: path, code: code)
    }
  }
}
