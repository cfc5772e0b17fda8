internal import CArchive
internal import CNFTables
internal import Glibc

// Libraries that only some commands and steps need: each is loaded at its first use, and stays.

extension cl_archive {
  /// libarchive.
  static func loaded() throws(SystemError) -> cl_archive { try archive.get() }
}

extension cl_nftables {
  /// libnftables.
  static func loaded() throws(SystemError) -> cl_nftables { try nftables.get() }
}

private let archive: Result<cl_archive, SystemError> = {
  var functions = cl_archive()
  if let why = unsafe cl_archive_load(&functions) {
    return unsafe .failure(missing("libarchive", "libarchive13", why))
  }
  return .success(functions)
}()

private let nftables: Result<cl_nftables, SystemError> = {
  var functions = cl_nftables()
  if let why = unsafe cl_nftables_load(&functions) {
    return unsafe .failure(missing("libnftables", "libnftables1", why))
  }
  return .success(functions)
}()

private func missing(_ library: String, _ package: String, _ why: UnsafePointer<CChar>) -> SystemError {
  SystemError(
    "load", on: library, code: ENOENT,
    hint: unsafe "\(String(cString: why)); install Debian's package \(package)")
}
