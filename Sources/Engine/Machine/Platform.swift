/// Platforms as stack files write them: `OS/ARCHITECTURE[/VARIANT]`, or one of the first two alone.
enum Platform {
  private static let otherNames = ["x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"]

  /// Whether an image for `image`, which is `OS/ARCHITECTURE`, is what `wanted` asks for. Images have no
  /// variant here, so that none is compared.
  static func matches(_ wanted: String, _ image: String) -> Bool {
    let parts = wanted.lowercased().split(separator: "/").map { otherNames[String($0)] ?? String($0) }
    let its = image.split(separator: "/").map(String.init)
    switch parts.count {
    case 1: return its.contains(parts[0])
    case 2, 3: return Array(parts.prefix(2)) == its
    default: return false
    }
  }
}
