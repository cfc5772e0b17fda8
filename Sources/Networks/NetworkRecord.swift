import FoundationEssentials
import Kernel
import Stacks

/// What is kept on disk about one network, so that it is found again after a crash or a reboot.
struct NetworkRecord: Codable, Hashable, Sendable {
  var name: String
  var stack: String?
  /// The network's key in the stack file.
  var key: String
  var definition: NetworkDefinition
  var subnet: IPv4Subnet
  var gateway: IPv4Address
  /// nil: it has no IPv6.
  var subnet6: IPv6Subnet?
  /// nil: it has no IPv6.
  var gateway6: IPv6Address?
  /// The bridge's name, also the file's.
  var bridge: String
  /// The group of the bridge and of every link on it.
  var group: UInt32
  /// Where the name server listens on the gateway; the firewall leads port 53 there.
  var nameServerPort: UInt16?
}

extension NetworkRecord {
  /// Bridge name and link group of a network: from its name, so that they are the same each time.
  /// `attempt` above 0 gives others, for a name whose hash is taken.
  static func identity(of name: String, attempt: Int) -> (bridge: String, group: UInt32) {
    let hash = fnv1a(attempt == 0 ? name : "\(name)#\(attempt)")
    let short = UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    // Bit 30 keeps clear of 0, the group of all other links, and of the small numbers people use.
    return ("cn-" + hex(UInt64(short), digits: 8), short & 0x3fff_ffff | 0x4000_0000)
  }

  func observed(fault: String? = nil) -> ObservedNetwork {
    ObservedNetwork(
      name: name, stack: stack, definition: definition, subnet: subnet, gateway: gateway,
      subnet6: subnet6, gateway6: gateway6, fault: fault)
  }
}

/// What was routed, kept so that a restarted engine goes on with it; after a reboot it is void.
struct KeptRouting: Codable, Hashable, Sendable {
  var boot: String
  /// True where forwarding was off before we switched it on in this boot.
  var forbidsOtherForwarding = false
  /// The same for IPv6; nil: it was not switched on by us.
  var forbidsOtherForwarding6: Bool?
  var routing = Routing()
}

func hex(_ number: UInt64, digits: Int) -> String {
  let text = String(number, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
}

/// The directory with one JSON file a network and one for what is published.
struct NetworkStore: Sendable {
  let directory: String

  init(_ directory: String) throws(NetworkError) {
    self.directory = directory
    try trying("open the state of networks") { () throws(SystemError) in
      try Files.makeDirectories(directory, mode: 0o700)
    }
  }

  func records() throws(NetworkError) -> [NetworkRecord] {
    var records: [NetworkRecord] = []
    let names = try trying("read the state of networks") { () throws(SystemError) in
      try Files.list(directory)
    }
    for file in names where file.hasPrefix("cn-") && file.hasSuffix(".json") {
      let record: NetworkRecord? = try load(file)
      if let record { records.append(record) }
    }
    return records
  }

  func save(_ record: NetworkRecord) throws(NetworkError) {
    try save(record, as: record.bridge + ".json")
  }

  func has(_ record: NetworkRecord) -> Bool { Files.exists("\(directory)/\(record.bridge).json") }

  func remove(_ record: NetworkRecord) throws(NetworkError) {
    try trying("forget the network \(record.name)") { () throws(SystemError) in
      try Files.remove("\(directory)/\(record.bridge).json")
    }
  }

  func save(_ value: some Encodable, as file: String) throws(NetworkError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let path = "\(directory)/\(file)"
    guard let bytes = try? encoder.encode(value) else {
      throw .system("write \(path)", SystemError("encode", on: "JSON", code: 0))
    }
    try trying("keep the state of networks") { () throws(SystemError) in
      try Files.replace(path, with: bytes)
    }
  }

  /// nil: the file is not there, or it is empty, which is what the loss of power may leave of one that had
  /// just been written. What it said is made anew, as is all else of the network.
  func load<T: Decodable>(_ file: String) throws(NetworkError) -> T? {
    let path = "\(directory)/\(file)"
    do throws(SystemError) {
      let bytes = try Files.read(path)
      if bytes.isEmpty { return nil }
      do {
        return try JSONDecoder().decode(T.self, from: Data(bytes))
      } catch {
        throw SystemError("read", on: path, code: 0, hint: "the file is damaged: \(error); remove it")
      }
    } catch {
      if error.isNotFound { return nil }
      throw .system("read the state of networks", error)
    }
  }
}
