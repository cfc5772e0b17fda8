public import Stacks

/// The configuration of an image: the OCI image specification's config.md document, with Docker's
/// `Healthcheck` and `OnBuild`-free subset. Its digest is the image's ID.
public struct ImageConfig: Codable, Hashable, Sendable {
  /// RFC 3339, in UTC.
  public var created: String
  /// As Go names it, such as `amd64`.
  public var architecture: String
  public var os: String
  /// What containers of the image get unless their spec says otherwise.
  public var defaults: ImageDefaults
  public var rootFS: RootFS
  public var history: [Step]

  /// The layers by the digest of their uncompressed archives, lowest first.
  public struct RootFS: Codable, Hashable, Sendable {
    public var type: String
    public var diffIDs: [Digest]

    public init(diffIDs: [Digest]) {
      type = "layers"
      self.diffIDs = diffIDs
    }

    enum CodingKeys: String, CodingKey {
      case type
      case diffIDs = "diff_ids"
    }
  }

  /// One step that led to the image.
  public struct Step: Codable, Hashable, Sendable {
    public var created: String?
    public var createdBy: String?
    public var comment: String?
    /// True: the step made no layer.
    public var emptyLayer: Bool?

    public init(
      created: String? = nil, createdBy: String? = nil, comment: String? = nil, emptyLayer: Bool? = nil
    ) {
      self.created = created
      self.createdBy = createdBy
      self.comment = comment
      self.emptyLayer = emptyLayer
    }

    enum CodingKeys: String, CodingKey {
      case created, comment
      case createdBy = "created_by"
      case emptyLayer = "empty_layer"
    }
  }

  public init(
    created: String, architecture: String = ImageConfig.hostArchitecture, os: String = "linux",
    defaults: ImageDefaults = ImageDefaults(), rootFS: RootFS, history: [Step] = []
  ) {
    self.created = created
    self.architecture = architecture
    self.os = os
    self.defaults = defaults
    self.rootFS = rootFS
    self.history = history
  }

  /// The architecture that this program was built for.
  public static var hostArchitecture: String {
    #if arch(x86_64)
      "amd64"
    #elseif arch(arm64)
      "arm64"
    #else
      #error("name this architecture as Go does")
    #endif
  }

  enum CodingKeys: String, CodingKey {
    case created, architecture, os, history
    case defaults = "config"
    case rootFS = "rootfs"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    created = try values.decodeIfPresent(String.self, forKey: .created) ?? "1970-01-01T00:00:00Z"
    architecture = try values.decode(String.self, forKey: .architecture)
    os = try values.decode(String.self, forKey: .os)
    defaults = try values.decodeIfPresent(ImageDefaults.self, forKey: .defaults) ?? ImageDefaults()
    rootFS = try values.decode(RootFS.self, forKey: .rootFS)
    history = try values.decodeIfPresent([Step].self, forKey: .history) ?? []
  }
}
