internal import CLinux
internal import Synchronization

/// How many descriptors this process may have open.
///
/// An engine keeps two for every container, and a login shell gives its programs 1024. What it starts should
/// go on with what the engine was given (a program that closes every number it may have takes long to do so
/// with a million), so that is remembered.
public enum OpenFileLimit {
  private static let earlier = Mutex<UInt64?>(nil)

  /// Raises the soft limit to the hard one; where that fails, everything stays as it is.
  public static func raise() {
    var soft: UInt64 = 0
    guard unsafe cl_raise_open_files(&soft) == 0 else { return }
    earlier.withLock { if $0 == nil { $0 = soft } }
  }

  /// The soft limit that this process was given; nil: it was not raised.
  public static var given: UInt64? { earlier.withLock { $0 } }
}
