internal import CLinux
internal import Glibc

/// xattr(7) of an open file.
extension Descriptor {
  /// Sets one attribute, whether it is there or not.
  package func setAttribute(_ name: String, to value: [UInt8]) throws(SystemError) {
    let done = unsafe value.withUnsafeBytes { bytes in
      unsafe cl_fsetxattr(number, name, bytes.baseAddress, bytes.count)
    }
    guard done == 0 else { throw .last("set the extended attribute \(name)", on: "descriptor \(number)") }
  }

  /// The value of one attribute; nil where there is none, or the file system keeps none.
  package func attribute(_ name: String) throws(SystemError) -> [UInt8]? {
    try unsafe sized("read the extended attribute \(name)") { buffer, count in
      unsafe cl_fgetxattr(number, name, buffer, count)
    }
  }

  /// The names of all attributes, sorted.
  package func attributeNames() throws(SystemError) -> [String] {
    let list = try unsafe sized("list the extended attributes") { buffer, count in
      unsafe cl_flistxattr(number, buffer?.assumingMemoryBound(to: CChar.self), count)
    }
    return (list ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  /// Asks for the size and then for the bytes, again where the size grew in between.
  private func sized(_ what: String, _ call: (UnsafeMutableRawPointer?, Int) -> Int) throws(SystemError)
    -> [UInt8]?
  {
    while true {
      let size = call(nil, 0)
      if size < 0 {
        if errno == ENODATA || errno == ENOTSUP { return nil }
        throw .last(what, on: "descriptor \(number)")
      }
      if size == 0 { return [] }
      var bytes = [UInt8](repeating: 0, count: size)
      let read = unsafe bytes.withUnsafeMutableBytes { unsafe call($0.baseAddress, $0.count) }
      if read >= 0 { return Array(bytes[..<read]) }
      if errno == ENODATA { return nil }
      if errno != ERANGE { throw .last(what, on: "descriptor \(number)") }
    }
  }
}
