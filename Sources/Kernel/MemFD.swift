internal import CLinux
internal import Glibc

/// Files that exist only in memory.
public enum MemFD {
  /// A file with this content that nobody can ever change again.
  public static func sealed(_ name: String, _ bytes: [UInt8]) throws(SystemError) -> Descriptor {
    let number = unsafe cl_sealable_memfd(name)
    guard number >= 0 else { throw .last("memfd_create", on: name) }
    let file = Descriptor(owning: number)
    try file.write(bytes)
    guard cl_seal(number) == 0 else { throw .last("seal", on: name) }
    return file
  }

  /// A program of ours as a sealed copy, to be executed inside or next to a container: what the
  /// container could reach of it through /proc can be read but never written (rule R7).
  public static func sealedProgram(_ path: String) throws(SystemError) -> Descriptor {
    let copy = try sealed("cairn-shim", try Files.read(path))
    guard fchmod(copy.number, 0o500) == 0 else { throw .last("chmod", on: path) }
    return copy
  }
}
