public import Kernel
public import Stacks

/// Why the store of images, layers or volumes refused.
public enum ImageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nothing has that name or ID.
  case noSuchImage(String)
  case noSuchVolume(String)
  case volumeExists(String)
  /// Something still needs it, so it was not removed.
  case inUse(String, by: String)
  /// An archive that is malformed, dangerous or beyond the limits; nothing of it was kept.
  case refusedArchive(String, entry: String?, reason: String)
  /// A `--change` or a name that cannot be understood.
  case invalid(ValueError)
  /// A file of the store that is not what the store wrote.
  case damaged(path: String, reason: String)
  /// The disk is full; what was begun has been taken back.
  case diskFull(doing: String, SystemError)
  case system(SystemError)

  public var description: String {
    switch self {
    case .noSuchImage(let name):
      "no such image: \(name) (list the images that there are, or import one)"
    case .noSuchVolume(let name): "no such volume: \(name)"
    case .volumeExists(let name): "create the volume \(name): it exists already"
    case .inUse(let name, let users):
      "remove \(name): it is used by \(users) (remove that first)"
    case .refusedArchive(let archive, let entry?, let reason):
      "import \(archive): the entry \"\(entry.prefix(200))\" is refused: \(reason)"
    case .refusedArchive(let archive, nil, let reason): "import \(archive): refused: \(reason)"
    case .invalid(let error): error.description
    case .damaged(let path, let reason): "read \(path): it is damaged: \(reason)"
    case .diskFull(let action, let error):
      "\(action): no space left on the disk; nothing was kept (free some space, then try again): \(error)"
    case .system(let error): error.description
    }
  }
}

/// Runs `body` and turns what the kernel refused into an `ImageError` that says what was being done.
/// `mapping` may know a better word for it; nil: it does not.
func translating<T>(
  _ action: @autoclosure () -> String, _ body: () throws(SystemError) -> T,
  mapping: (SystemError) -> ImageError? = { _ in nil }
) throws(ImageError) -> T {
  do {
    return try body()
  } catch {
    if let known = mapping(error) { throw known }
    throw error.isNoSpace ? .diskFull(doing: action(), error) : .system(error)
  }
}
