internal import FoundationEssentials
import Kernel
import Stacks

/// The media types that the store writes (OCI image specification, media-types.md).
enum MediaType {
  static let index = "application/vnd.oci.image.index.v1+json"
  static let manifest = "application/vnd.oci.image.manifest.v1+json"
  static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
  static let config = "application/vnd.oci.image.config.v1+json"
  static let layer = "application/vnd.oci.image.layer.v1.tar"
}

/// A pointer to a blob (descriptor.md).
struct BlobDescriptor: Codable, Hashable {
  var mediaType: String
  var digest: Digest
  /// Bytes.
  var size: Int64
  var annotations: [String: String]?
}

/// manifest.md. Whatever has `manifests` as well, or another media type, is an index in disguise
/// and refused (rule R9, CVE-2021-41190).
struct Manifest: Codable, Hashable {
  var schemaVersion = 2
  var mediaType: String? = MediaType.manifest
  var config: BlobDescriptor
  var layers: [BlobDescriptor]

  init(config: BlobDescriptor, layers: [BlobDescriptor]) {
    self.config = config
    self.layers = layers
  }

  enum CodingKeys: String, CodingKey { case schemaVersion, mediaType, config, layers, manifests }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    mediaType = try values.decodeIfPresent(String.self, forKey: .mediaType)
    schemaVersion = try values.decode(Int.self, forKey: .schemaVersion)
    let isManifest =
      mediaType == nil || mediaType == MediaType.manifest || mediaType == MediaType.dockerManifest
    guard schemaVersion == 2, isManifest, !values.contains(.manifests) else {
      throw DecodingError.dataCorruptedError(
        forKey: .mediaType, in: values, debugDescription: "it is no image manifest of schema version 2")
    }
    config = try values.decode(BlobDescriptor.self, forKey: .config)
    layers = try values.decode([BlobDescriptor].self, forKey: .layers)
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(schemaVersion, forKey: .schemaVersion)
    try values.encodeIfPresent(mediaType, forKey: .mediaType)
    try values.encode(config, forKey: .config)
    try values.encode(layers, forKey: .layers)
  }
}

/// image-layout.md, `index.json`: the store's only list of images. An entry with the annotation
/// below is a name; one without keeps an image that lost its name.
struct Index: Codable, Hashable {
  var schemaVersion = 2
  var mediaType: String? = MediaType.index
  var manifests: [BlobDescriptor] = []
}

let referenceAnnotation = "org.opencontainers.image.ref.name"

/// JSON as the store writes it: sorted keys, so that equal values have equal digests.
func encoded(_ value: some Encodable) throws(ImageError) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  do {
    return Array(try encoder.encode(value))
  } catch {
    throw .damaged(path: "\(type(of: value))", reason: "\(error)")
  }
}

func decoded<T: Decodable>(_ type: T.Type, from bytes: [UInt8], path: String) throws(ImageError) -> T {
  do {
    return try JSONDecoder().decode(type, from: Data(bytes))
  } catch {
    throw .damaged(path: path, reason: "\(error)")
  }
}

/// Reads and decodes a file of the store.
func load<T: Decodable>(_ type: T.Type, at path: String) throws(ImageError) -> T {
  let bytes = try translating("read \(path)") { () throws(SystemError) in try Files.read(path) }
  return try decoded(type, from: bytes, path: path)
}
