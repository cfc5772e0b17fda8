internal import CLinux
internal import Glibc

/// A directory that somebody else fills: a root file system or a volume.
///
/// Every path is resolved by the kernel inside it (`openat2` with RESOLVE_IN_ROOT and
/// RESOLVE_NO_MAGICLINKS, rule R1), so that no link and no race leads out of it. No path string
/// ever reaches mount(2), chown(2) or chmod(2).
public struct RootDirectory: Sendable {
  public let descriptor: Descriptor
  /// For messages only.
  public let name: String

  /// Opens the directory at one of our own paths.
  public init(at path: String) throws(SystemError) {
    descriptor = try Files.open(path, flags: CL_O_PATH | O_DIRECTORY)
    name = path
  }

  public init(_ descriptor: Descriptor, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// How symbolic links inside the directory are treated; none ever leads out of it.
  public enum Links: Sendable {
    /// Followed as a process with this root would.
    case followed
    /// An error (ELOOP) anywhere in the path.
    case refused
    /// Followed, but not the last component: it is opened itself (needs O_PATH).
    case lastKept
  }

  /// Opens `path` inside the directory. `flags` are open(2)'s; close-on-exec is added.
  public func open(_ path: String, flags: Int32, mode: UInt32 = 0, links: Links = .followed)
    throws(SystemError) -> Descriptor
  {
    var resolve = UInt64(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
    var flags = flags | O_CLOEXEC
    switch links {
    case .followed: break
    case .refused: resolve |= UInt64(RESOLVE_NO_SYMLINKS)
    case .lastKept: flags |= O_NOFOLLOW
    }
    let number = unsafe cl_openat2(
      descriptor.number, path, UInt64(UInt32(bitPattern: flags)), UInt64(mode), resolve)
    guard number >= 0 else { throw .last("open", on: "\(path) in \(name)") }
    return Descriptor(owning: number)
  }

  /// Opens the directory `path`, making what is missing one component after the other, each looked
  /// up inside the root, so that a link swapped in meanwhile leads nowhere.
  public func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(SystemError) -> Descriptor {
    var here = ""
    var directory = try open("/", flags: CL_O_PATH | O_DIRECTORY)
    for part in path.split(separator: "/") where part != "." {
      if part == ".." {
        throw SystemError(
          "create the directory", on: "\(path) in \(name)", code: EINVAL, hint: "'..' is not allowed here")
      }
      here += "/" + part
      do throws(SystemError) {
        directory = try open(here, flags: CL_O_PATH | O_DIRECTORY)
      } catch  where error.isNotFound {
        if unsafe mkdirat(directory.number, String(part), mode) != 0, errno != EEXIST {
          throw .last("create the directory", on: "\(here) in \(name)")
        }
        directory = try open(here, flags: CL_O_PATH | O_DIRECTORY)
      }
    }
    return directory
  }
}
