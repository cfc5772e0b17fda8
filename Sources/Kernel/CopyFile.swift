internal import CLinux
internal import Glibc

extension Descriptor {
  /// Copies the content of this regular file into the empty file `target`, holes as holes.
  package func copyContent(to target: Descriptor) throws(SystemError) {
    let size = try status().size
    try target.setSize(size)
    var position = 0
    while position < size {
      let start = lseek(number, position, CL_SEEK_DATA)
      if start < 0 {
        if errno == ENXIO { return }
        throw .last("find data", on: "descriptor \(number)")
      }
      let end = lseek(number, start, CL_SEEK_HOLE)
      guard end >= 0 else { throw .last("find a hole", on: "descriptor \(number)") }
      try seek(to: Int64(start))
      try target.seek(to: Int64(start))
      try copy(end - start, to: target)
      position = end
    }
  }

  private func copy(_ count: Int, to target: Descriptor) throws(SystemError) {
    var rest = count
    while rest > 0 {
      let n = cl_copy_file_range(number, target.number, rest)
      if n == 0 { return }
      if n < 0 {
        if errno == EINTR { continue }
        guard errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else {
          throw .last("copy", on: "descriptor \(number)")
        }
        // The two file systems cannot do it between them: through memory.
        let bytes = try read(upTo: min(rest, 1 << 18))
        if bytes.isEmpty { return }
        try target.write(bytes)
        rest -= bytes.count
      } else {
        rest -= n
      }
    }
  }
}
