internal import FoundationEssentials

/// How the loader reads files: from the disk, or from values in tests.
public struct FileAccess: Sendable {
  public enum Failure: Error, Hashable, Sendable {
    /// Nothing is at the path.
    case absent
    /// It is there and cannot be read; why.
    case unreadable(String)
  }
  /// The whole content of the file at an absolute path.
  public var read: @Sendable (String) -> Result<[UInt8], Failure>

  public init(read: @escaping @Sendable (String) -> Result<[UInt8], Failure>) { self.read = read }

  /// The files of this machine.
  public static let disk = FileAccess { path in
    do {
      return .success([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
    } catch let error as CocoaError {
      switch error.code {
      case .fileNoSuchFile, .fileReadNoSuchFile: return .failure(.absent)
      case .fileReadNoPermission: return .failure(.unreadable("permission denied"))
      default: return .failure(.unreadable("it is a directory, or the disk has failed"))
      }
    } catch {
      return .failure(.unreadable("\(error)"))
    }
  }

  /// Files given as text, by absolute path.
  public static func memory(_ files: [String: String]) -> FileAccess {
    FileAccess { path in files[path].map { .success(Array($0.utf8)) } ?? .failure(.absent) }
  }
}
