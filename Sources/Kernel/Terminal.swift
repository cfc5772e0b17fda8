internal import CLinux
internal import Glibc

/// The terminal of whoever runs us (termios(3), ioctl_tty(2)).
public enum Terminal {
  public struct Size: Hashable, Sendable {
    public var rows: UInt16
    public var columns: UInt16

    public init(rows: UInt16, columns: UInt16) {
      self.rows = rows
      self.columns = columns
    }
  }

  public static func isTerminal(_ number: Int32) -> Bool { isatty(number) == 1 }

  /// The size of the terminal behind `number`; nil where it is none or does not say.
  public static func size(_ number: Int32) -> Size? {
    var size = winsize()
    guard unsafe ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return nil
    }
    return Size(rows: size.ws_row, columns: size.ws_col)
  }

  /// Puts the terminal into raw mode (every key is passed on as it comes, no echo) while `body` runs,
  /// and back as it was afterwards, also where `body` throws.
  public static func inRawMode<Result, Failure: Error>(
    _ number: Int32, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var before = termios()
    guard unsafe tcgetattr(number, &before) == 0 else { return try body() }
    var raw = before
    unsafe cfmakeraw(&raw)
    _ = unsafe tcsetattr(number, TCSANOW, &raw)
    defer { _ = unsafe tcsetattr(number, TCSADRAIN, &before) }
    return try body()
  }
}
