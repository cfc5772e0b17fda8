/// A command that the engine runs in a container after its start or before its stop.
public struct Hook: Codable, Hashable, Sendable, CustomStringConvertible {
  public var command: [String]
  /// nil: as the container's own process.
  public var user: String?
  public var isPrivileged: Bool
  /// nil: as the container's own process.
  public var workingDirectory: String?
  /// Beyond the container's own.
  public var environment: [String: String]

  public init(
    command: [String], user: String? = nil, isPrivileged: Bool = false, workingDirectory: String? = nil,
    environment: [String: String] = [:]
  ) {
    self.command = command
    self.user = user
    self.isPrivileged = isPrivileged
    self.workingDirectory = workingDirectory
    self.environment = environment
  }

  public var description: String { command.joined(separator: " ") }
}
