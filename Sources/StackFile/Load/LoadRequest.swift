public import Stacks

/// What is to be loaded, and the caller's surroundings.
public struct LoadRequest: Sendable {
  /// The `-f` files as written; `-` is `stdin`. Empty: `COMPOSE_FILE`, or else the search.
  public var files: [String]
  /// The text that `-f -` stands for.
  public var stdin: String?
  /// Absolute; relative paths of the command line begin here, and so does the search.
  public var workingDirectory: String
  /// `--project-directory`; nil: where the first file is.
  public var projectDirectory: String?
  /// `-p`; nil: `COMPOSE_PROJECT_NAME`, `name:`, or the project directory's name.
  public var projectName: String?
  /// `--env-file`s; the last wins. Empty: `COMPOSE_ENV_FILES`, or else `.env` where it exists.
  public var envFiles: [String]
  /// The caller's environment: it wins over every env file.
  public var environment: [String: String]
  /// `--profile`s, beside those of `COMPOSE_PROFILES`; `*` is every profile.
  public var activeProfiles: [String]
  /// The services named on the command line: their profiles are active too.
  public var targetedServices: [String]
  /// Whether the document must be whole: names declared, values that agree. False is
  /// `config --no-consistency`: there is a document and no stack.
  public var checksConsistency: Bool
  /// Whether `${…}` is replaced. False is `config --no-interpolate`: there is a document and no stack.
  public var interpolates: Bool
  /// Whether a stack is wanted that can be run. Otherwise there is only the document, in which all of
  /// the Compose Specification may stand.
  public var bindsStack: Bool
  public var access: FileAccess
  /// What is merged over every file; nil: nothing.
  public var overlay: Overlay?

  /// A stack file that is not on disk.
  public struct Overlay: Hashable, Sendable {
    /// What findings call it.
    public var name: String
    public var text: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  public init(
    files: [String] = [], stdin: String? = nil, workingDirectory: String, projectDirectory: String? = nil,
    projectName: String? = nil, envFiles: [String] = [], environment: [String: String] = [:],
    activeProfiles: [String] = [], targetedServices: [String] = [], checksConsistency: Bool = true,
    interpolates: Bool = true, bindsStack: Bool = true, access: FileAccess = .disk
  ) {
    self.files = files
    self.stdin = stdin
    self.workingDirectory = workingDirectory
    self.projectDirectory = projectDirectory
    self.projectName = projectName
    self.envFiles = envFiles
    self.environment = environment
    self.activeProfiles = activeProfiles
    self.targetedServices = targetedServices
    self.checksConsistency = checksConsistency
    self.interpolates = interpolates
    self.bindsStack = bindsStack
    self.access = access
  }
}

/// What came of it.
public struct LoadResult: Sendable {
  /// nil where there is any error, or where none was wanted.
  public var stack: Stack?
  /// For `config`; nil where there is any error.
  public var document: StackDocument?
  /// Every finding in the order of the lines.
  public var diagnostics: [Diagnostic]
  /// For showing a diagnostic with its line.
  public var sources: SourceTexts
}
