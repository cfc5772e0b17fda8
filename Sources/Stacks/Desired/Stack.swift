/// A whole stack file, checked and with every default filled in: what the user declared.
///
/// It is what the command line sends to the engine and what the engine keeps. `DesiredState` is
/// made from it by `lower`.
public struct Stack: Codable, Hashable, Sendable {
  /// The stack's name: lower-case letters, digits, '-' and '_', beginning with a letter or digit.
  public var name: String
  /// By name; only those whose profiles are active.
  public var services: [String: Service]
  /// By key in the file. `default` is there only where a service uses it.
  public var networks: [String: NetworkDefinition]
  /// By key in the file.
  public var volumes: [String: VolumeDefinition]
  /// The directory that relative paths were resolved against, and the files that were read:
  /// shown in listings, never read again.
  public var projectDirectory: String
  public var files: [String]
  /// What is run at its times or by hand, by name; only those whose profiles are active.
  public var jobs: [String: Job]
  /// One-off containers that were asked for, by key; the engine fills it in.
  public var oneOffs: [String: OneOff]

  public init(
    name: String, services: [String: Service] = [:], networks: [String: NetworkDefinition] = [:],
    volumes: [String: VolumeDefinition] = [:], projectDirectory: String = "/", files: [String] = [],
    jobs: [String: Job] = [:], oneOffs: [String: OneOff] = [:]
  ) {
    self.name = name
    self.services = services
    self.networks = networks
    self.volumes = volumes
    self.projectDirectory = projectDirectory
    self.files = files
    self.jobs = jobs
    self.oneOffs = oneOffs
  }
}
