/// `logging`: what becomes of a container's output.
public struct LogSettings: Codable, Hashable, Sendable {
  /// False: nothing is kept; whoever is attached sees it, and `logs` has nothing to show.
  public var isKept: Bool
  /// `max-size`: a file of the log that has so many bytes is followed by a new one; nil: never.
  public var maximumSize: UInt64?
  /// `max-file`: so many files are kept, the oldest goes first; at least 1.
  public var maximumFiles: Int

  public init(isKept: Bool = true, maximumSize: UInt64? = nil, maximumFiles: Int = 1) {
    self.isKept = isKept
    self.maximumSize = maximumSize
    self.maximumFiles = maximumFiles
  }
}
