internal import CArchive
internal import CLinux
internal import Glibc

/// Reads a tar archive (ustar, pax, GNU), plain or compressed by gzip, bzip2, xz or zstd, entry by
/// entry from a stream (libarchive, archive_read(3)).
///
/// Decompression is libarchive's own: a filter that would start a program is not enabled
/// (rule R9). Two readers stand one behind the other, so that the bytes of the archive proper are
/// seen on their way: the outer decompresses, the inner takes the tar apart.
@safe package final class ArchiveReader {
  private let library: cl_archive
  private let outer: OpaquePointer
  private let inner: OpaquePointer
  private let name: String
  private let limits: ArchiveLimits
  private let observe: ([UInt8]) -> Void
  /// Holds the file open that the outer reader reads by number.
  private let source: Descriptor
  /// Why the outer reader stopped, where it did: the inner one only knows that it did.
  private var failure: SystemError?
  private var ended = false
  /// Decompressed bytes so far.
  package private(set) var bytes: Int64 = 0

  /// `source` is read from its present offset. `observe` gets every byte of the decompressed
  /// archive in order, padding after the last entry included once `finish` was called.
  package init(
    _ source: Descriptor, name: String, limits: ArchiveLimits = ArchiveLimits(),
    observe: @escaping ([UInt8]) -> Void = { _ in }
  ) throws(SystemError) {
    let library = try cl_archive.loaded()
    guard let outer = library.archive_read_new(), let inner = library.archive_read_new() else {
      throw SystemError("read the archive", on: name, code: ENOMEM)
    }
    self.library = library
    unsafe self.outer = outer
    unsafe self.inner = inner
    self.name = name
    self.limits = limits
    self.observe = observe
    self.source = source
    // A result other than OK means that a program would be run for it.
    let filters = [
      unsafe library.archive_read_support_filter_gzip(outer),
      unsafe library.archive_read_support_filter_bzip2(outer),
      unsafe library.archive_read_support_filter_xz(outer),
      unsafe library.archive_read_support_filter_zstd(outer),
    ]
    guard filters.allSatisfy({ $0 == ARCHIVE_OK }) else {
      throw SystemError(
        "read the archive", on: name, code: ENOTSUP,
        hint: "this libarchive is built without gzip, bzip2, xz or zstd")
    }
    _ = unsafe library.archive_read_support_format_raw(outer)
    _ = unsafe library.archive_read_support_format_tar(inner)
    var ignored: OpaquePointer?
    guard unsafe library.archive_read_open_fd(outer, source.number, 1 << 16) == ARCHIVE_OK,
      unsafe library.archive_read_next_header(outer, &ignored) == ARCHIVE_OK
    else { throw unsafe problem(of: outer) }
    guard unsafe library.archive_filter_count(outer) <= 2 else {
      throw malformed("it is compressed more than once")
    }
    let this = unsafe Unmanaged.passUnretained(self).toOpaque()
    let status = unsafe library.archive_read_open(
      inner, this, nil,
      { _, data, buffer in
        unsafe Unmanaged<ArchiveReader>.fromOpaque(data!).takeUnretainedValue().feed(buffer!)
      }, nil)
    guard status == ARCHIVE_OK else { throw unsafe problem(of: inner) }
  }

  deinit {
    _ = unsafe library.archive_read_free(inner)
    _ = unsafe library.archive_read_free(outer)
  }

  /// The next entry; nil at the end of the archive. What was not read of the one before is skipped.
  package func next() throws(SystemError) -> ArchiveEntry? {
    // In the C locale libarchive gives the bytes of a name as they are, with a warning where they are
    // not ASCII; in a UTF-8 one it would normalize them (NFC), and two names could become one.
    let before = unsafe cl_use_c_locale()
    defer { unsafe cl_restore_locale(before) }
    var entry: OpaquePointer?
    let status = unsafe library.archive_read_next_header(inner, &entry)
    if status == ARCHIVE_EOF { return nil }
    let isRaw = unsafe status == ARCHIVE_WARN && message(of: inner).hasSuffix("to current locale.")
    guard status == ARCHIVE_OK || isRaw, let entry = unsafe entry else { throw unsafe problem(of: inner) }
    guard let path = unsafe bytes(library.archive_entry_pathname(entry)) else {
      throw malformed("an entry has no readable name")
    }
    return ArchiveEntry(
      kind: try unsafe kind(of: entry), path: path,
      permissions: unsafe library.archive_entry_perm(entry) & 0o7777,
      owner: unsafe library.archive_entry_uid(entry), group: unsafe library.archive_entry_gid(entry),
      size: unsafe library.archive_entry_size(entry),
      modified: FileTime(
        seconds: Int64(unsafe library.archive_entry_mtime(entry)),
        nanoseconds: Int64(unsafe library.archive_entry_mtime_nsec(entry))),
      attributes: unsafe attributes(of: entry))
  }

  /// Writes the content of the present entry into the empty file `target`, holes as holes.
  package func copyContent(of entry: ArchiveEntry, to target: Descriptor) throws(SystemError) {
    var end: Int64 = 0
    while true {
      var block: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let status = unsafe library.archive_read_data_block(inner, &block, &count, &offset)
      if status == ARCHIVE_EOF { break }
      guard status == ARCHIVE_OK else { throw unsafe problem(of: inner) }
      guard offset >= 0, offset <= entry.size, Int64(count) <= entry.size - offset else {
        throw malformed("\(entry.name) has data behind its end")
      }
      guard var start = unsafe block else { continue }
      end = offset + Int64(count)
      while count > 0 {
        let n = unsafe pwrite(target.number, start, count, Int(offset))
        if n < 0 {
          if errno == EINTR { continue }
          throw .last("write", on: entry.name)
        }
        unsafe start += n
        count -= n
        offset += Int64(n)
      }
    }
    if end != entry.size { try target.setSize(entry.size) }
  }

  /// Reads what is left behind the last entry, so that `observe` has seen the whole.
  package func finish() throws(SystemError) {
    while true {
      var block: UnsafeRawPointer?
      let count = unsafe feed(&block)
      if count == 0 { return }
      if count < 0 { throw failure ?? malformed("it cannot be read to its end") }
    }
  }

  /// The read callback of the inner reader: a block that stays valid until the next call.
  private func feed(_ block: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    if failure != nil { return -1 }
    while !ended {
      var count = 0
      var offset: Int64 = 0
      let status = unsafe library.archive_read_data_block(outer, block, &count, &offset)
      if status == ARCHIVE_EOF {
        ended = true
        return 0
      }
      guard status == ARCHIVE_OK else {
        failure = unsafe problem(of: outer)
        return -1
      }
      guard count > 0, let start = unsafe block.pointee else { continue }
      bytes += Int64(count)
      if let excess = excess() {
        failure = malformed(excess)
        return -1
      }
      observe(unsafe Array(UnsafeRawBufferPointer(start: start, count: count)))
      return count
    }
    return 0
  }

  private func excess() -> String? {
    if bytes > limits.bytes { return "it holds more than \(limits.bytes) bytes" }
    let compressed = max(1, unsafe library.archive_filter_bytes(outer, -1))
    if bytes > limits.ratioFrom, bytes / compressed > limits.ratio {
      return "it grows more than \(limits.ratio) times when it is decompressed"
    }
    return nil
  }

  private func kind(of entry: OpaquePointer) throws(SystemError) -> ArchiveEntry.Kind {
    if let target = unsafe bytes(library.archive_entry_hardlink(entry)) { return .hardLink(target) }
    let major = UInt32(truncatingIfNeeded: unsafe library.archive_entry_rdevmajor(entry))
    let minor = UInt32(truncatingIfNeeded: unsafe library.archive_entry_rdevminor(entry))
    let type = unsafe library.archive_entry_filetype(entry)
    switch type {
    case S_IFREG: return .regular
    case S_IFDIR: return .directory
    case S_IFIFO: return .fifo
    case S_IFCHR: return .characterDevice(major: major, minor: minor)
    case S_IFBLK: return .blockDevice(major: major, minor: minor)
    case S_IFLNK:
      guard let target = unsafe bytes(library.archive_entry_symlink(entry)) else {
        throw malformed("a symbolic link has no readable target")
      }
      return .symbolicLink(target)
    default: return .other(type)
    }
  }

  private func attributes(of entry: OpaquePointer) -> [ArchiveEntry.Attribute] {
    var all: [ArchiveEntry.Attribute] = []
    _ = unsafe library.archive_entry_xattr_reset(entry)
    var key: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var count = 0
    while unsafe library.archive_entry_xattr_next(entry, &key, &value, &count) == ARCHIVE_OK {
      guard let key = unsafe key else { continue }
      all.append(
        ArchiveEntry.Attribute(
          name: unsafe String(cString: key),
          value: unsafe Array(UnsafeRawBufferPointer(start: value, count: count))))
    }
    return all
  }

  private func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
    guard let text = unsafe text else { return nil }
    return unsafe Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }

  private func problem(of archive: OpaquePointer) -> SystemError {
    if let failure { return failure }
    let code = unsafe library.archive_errno(archive)
    let text = unsafe message(of: archive)
    // libarchive reports a bad format by numbers that are no errno of the system (or by EILSEQ).
    return code == ENOMEM || code == EIO
      ? SystemError("read the archive", on: name, code: code, hint: text) : malformed(text)
  }

  private func message(of archive: OpaquePointer) -> String {
    unsafe library.archive_error_string(archive).map { unsafe String(cString: $0) } ?? "no reason given"
  }

  private func malformed(_ why: String) -> SystemError {
    SystemError("read the archive", on: name, code: 0, hint: why)
  }
}
