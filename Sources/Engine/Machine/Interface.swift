internal import Stacks

/// One link of a container to a network.
struct Interface: Hashable {
  /// The network's name on the machine.
  var network: String
  var address: IPv4Address
  /// nil: the network has no IPv6.
  var address6: IPv6Address?
  /// In the container.
  var name: String
  /// nil: made from the address.
  var hardwareAddress: [UInt8]?
  var gatewayPriority: Int

  /// The container's links in the order of their numbers: the network with the highest priority is `eth0`,
  /// of equal ones the first by name.
  static func all(of record: ContainerRecord) -> [Interface] {
    let template = record.spec.template
    var attachments: [String: NetworkAttachment] = [:]
    for (key, attachment) in template.networks { attachments[record.spec.networkName(key)] = attachment }
    let sorted = record.addresses.map { ($0.key, $0.value, attachments[$0.key] ?? NetworkAttachment()) }
      .sorted { ($1.2.priority, $0.0) < ($0.2.priority, $1.0) }
    let chosen = Set(attachments.values.compactMap(\.interface))
    var number = 0
    return sorted.map { network, address, attachment in
      var name = attachment.interface
      while name == nil {
        // A number that another link has by its own wish is passed over.
        if !chosen.contains("eth\(number)") { name = "eth\(number)" }
        number += 1
      }
      return Interface(
        network: network, address: address, address6: record.addresses6?[network], name: name ?? "",
        hardwareAddress: attachment.hardwareAddress.flatMap(bytes),
        gatewayPriority: attachment.gatewayPriority)
    }
  }

  /// `02:42:ac:11:00:02` as bytes; nil: it is none.
  static func bytes(_ text: String) -> [UInt8]? {
    let parts = text.split(whereSeparator: { $0 == ":" || $0 == "-" })
    let bytes = parts.compactMap { $0.utf8.count == 2 ? UInt8($0, radix: 16) : nil }
    return parts.count == 6 && bytes.count == 6 ? bytes : nil
  }
}
