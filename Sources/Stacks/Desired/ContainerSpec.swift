/// What one container is made from: a slot, the service's template, and the names on the machine of
/// the networks and volumes that the template gives by key.
///
/// The runtime stores it whole beside the container, so that what runs can be compared with what
/// is wanted field by field, and so that a container can be started without the stack file.
public struct ContainerSpec: Codable, Hashable, Sendable {
  public var slot: Slot
  /// The template, which the replicas of a service share.
  public var boxed: Boxed<ContainerTemplate>
  public var template: ContainerTemplate {
    // Whoever reads a field of it copies nothing.
    _read { yield boxed.box.value }
    _modify { yield &boxed.wrappedValue }
  }
  /// The name on the machine of each network that the template attaches to, by key.
  public var networkNames: [String: String]
  /// The name on the machine of each volume that the template mounts, by key.
  public var volumeNames: [String: String]
  /// The service of which it is a one-off container; nil: it is a replica.
  public var oneOffOf: String?

  private enum CodingKeys: String, CodingKey {
    case slot
    case boxed = "template"
    case networkNames, volumeNames, oneOffOf
  }

  public init(
    slot: Slot, template: ContainerTemplate, networkNames: [String: String] = [:],
    volumeNames: [String: String] = [:], oneOffOf: String? = nil
  ) {
    self.init(
      slot: slot, sharing: Boxed(wrappedValue: template), networkNames: networkNames,
      volumeNames: volumeNames, oneOffOf: oneOffOf)
  }

  /// The spec that shares a template with others.
  init(
    slot: Slot, sharing template: Boxed<ContainerTemplate>, networkNames: [String: String] = [:],
    volumeNames: [String: String] = [:], oneOffOf: String? = nil
  ) {
    self.slot = slot
    boxed = template
    self.networkNames = networkNames
    self.volumeNames = volumeNames
    self.oneOffOf = oneOffOf
  }

  /// Without the template where the encoder has the key `templateApart`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(slot, forKey: .slot)
    if encoder.userInfo[.templateApart] == nil { try container.encode(boxed, forKey: .boxed) }
    try container.encode(networkNames, forKey: .networkNames)
    try container.encode(volumeNames, forKey: .volumeNames)
    try container.encodeIfPresent(oneOffOf, forKey: .oneOffOf)
  }

  /// The service that listings show it under.
  public var serviceName: String { oneOffOf ?? slot.service }

  /// The container's name: `STACK-SERVICE-NUMBER`, or what the file chose.
  public var name: String {
    template.containerName ?? "\(slot.stack)-\(slot.service)-\(slot.number)"
  }

  /// The name on the machine of the network with `key`; `STACK_KEY` where none was recorded.
  public func networkName(_ key: String) -> String {
    networkNames[key] ?? "\(slot.stack)_\(key)"
  }

  /// The name on the machine of the volume with `key`; `STACK_KEY` where none was recorded.
  public func volumeName(_ key: String) -> String { volumeNames[key] ?? "\(slot.stack)_\(key)" }

  /// The keys of the volumes that the template mounts, sorted, each once.
  public var volumeKeys: [String] {
    if template.mounts.isEmpty { return [] }
    return Set(
      template.mounts.compactMap { mount in
        if case .volume(let key) = mount.source { key } else { nil }
      }
    ).sorted()
  }
}

extension CodingUserInfoKey {
  /// A spec is written without its template, which its replicas share, and read with the one that is given
  /// here (`Boxed<ContainerTemplate>`; for writing any value will do).
  public static let templateApart = CodingUserInfoKey(rawValue: "templateApart")!
}
