internal import Kernel
public import Stacks
internal import Synchronization

/// Ready filters: compiled once for each capability set and kept, in memory and on disk, because
/// compiling takes some 15 ms and loading a stored one takes microseconds.
///
/// The stored file holds the whole text that the filter was made from, so one made by another version
/// of the profile, the kernel or libseccomp, or one that is damaged, is not used but made anew.
public final class SeccompFilters: Sendable {
  /// Where filters are stored; nil: only in memory.
  public let directory: String?
  /// Instruction sets that need no rules; what they call fails with ENOSYS, or EPERM for a custom profile.
  let absent: Set<SeccompArchitecture>
  private let known = Mutex<[Key: [UInt8]]>([:])

  private struct Key: Hashable {
    var capabilities: CapabilitySet
    var filter: Security.Filter
  }

  public convenience init(directory: String?) {
    self.init(directory: directory, absent: SeccompArchitecture.absent)
  }

  init(directory: String?, absent: Set<SeccompArchitecture>) {
    self.directory = directory
    self.absent = absent
  }

  /// The filter of a container with the bounding set `capabilities`: an array of `struct sock_filter`
  /// for SECCOMP_SET_MODE_FILTER. nil for a privileged container and one that is to have none.
  ///
  /// Without no-new-privileges it must be installed while CAP_SYS_ADMIN is still effective.
  public func filter(
    for capabilities: CapabilitySet, _ filter: Security.Filter = .standard, privileged: Bool = false
  ) throws(SecurityError) -> [UInt8]? {
    if privileged || filter == .none { return nil }
    guard let machine = SeccompProfile.Machine.current else { throw .unsupportedArchitecture }
    let key = Key(capabilities: capabilities, filter: filter)
    // Under the lock all the way, so that a hundred containers that start together compile once.
    return try known.withLock { (known) throws(SecurityError) in
      if let ready = known[key] { return ready }
      let made = try make(key, machine)
      known[key] = made
      return made
    }
  }

  private func make(_ key: Key, _ machine: SeccompProfile.Machine) throws(SecurityError) -> [UInt8] {
    let profile: SeccompProfile =
      if case .profile(let text) = key.filter { try SeccompProfile(text, machine: machine) } else {
        .standard
      }
    let release = ProcessLimits.kernelRelease
    let rules = profile.resolve(
      capabilities: key.capabilities, machine: machine,
      kernel: SeccompProfile.KernelVersion(release: release) ?? SeccompProfile.KernelVersion(5, 10))
    let architectures = (profile.architectures ?? machine.architectures).filter { !absent.contains($0) }
    let source = Self.source(rules, profile, architectures, kernel: release)
    if let stored = load(source) { return stored }
    let filter = try Self.compile(rules, of: profile, for: architectures)
    store(filter, source)
    return filter
  }

  /// Compiles rules and puts the prelude before them, where the profile refuses what it does not know.
  static func compile(
    _ rules: [SeccompRule], of profile: SeccompProfile = .standard, for architectures: [SeccompArchitecture]
  ) throws(SecurityError) -> [UInt8] {
    do throws(SystemError) {
      guard case .fail = profile.otherwise else {
        return try SeccompCompiler.compile(rules, architectures: architectures, otherwise: profile.otherwise)
      }
      let tables = SeccompNumbers(rules, profile.names, architectures)
      let rest = rules.filter { !tables.settled.contains($0.name) }
      let body = try SeccompCompiler.compile(
        rest, architectures: architectures, otherwise: profile.otherwise)
      return SeccompPrelude.instructions(for: tables.calls).flatMap(\.bytes) + body
    } catch { throw .system(error) }
  }

  /// The text that determines a filter.
  private static func source(
    _ rules: [SeccompRule], _ profile: SeccompProfile, _ architectures: [SeccompArchitecture], kernel: String
  ) -> String {
    let sets = architectures.map(\.rawValue).joined(separator: " ")
    var text = "for \(sets)\nkernel \(kernel)\nlibseccomp \(SeccompCompiler.libraryVersion)\n"
    if profile.otherwise != .fail(1) { text += "otherwise \(profile.otherwise)\n" }
    // What the prelude is made from, too.
    if profile != .standard { text += "names \(profile.names.sorted())\n" }
    for rule in rules { text += "\(rule.name) \(rule.conditions) \(rule.answer)\n" }
    return text
  }
}

extension SeccompFilters {
  private static let magic = "cairn seccomp 2\n"

  private func path(_ source: String) -> String? {
    guard let directory else { return nil }
    let digits = String(fnv1a(source), radix: 16)
    return directory + "/" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// nil: not there, of another source, or damaged.
  private func load(_ source: String) -> [UInt8]? {
    guard let path = path(source), let bytes = try? Files.read(path, limit: 1 << 20) else { return nil }
    return Self.decode(bytes, source: source)
  }

  /// A filter that cannot be stored is made again next time: nothing that was asked for is lost.
  private func store(_ filter: [UInt8], _ source: String) {
    guard let directory, let path = path(source) else { return }
    do throws(SystemError) {
      try Files.makeDirectories(directory, mode: 0o700)
      try Files.replace(path, with: Self.encode(filter, source: source), mode: 0o600)
    } catch {
      return
    }
  }

  /// Magic, source and its length, filter and its length, and a checksum of all that.
  static func encode(_ filter: [UInt8], source: String) -> [UInt8] {
    var bytes = Array(magic.utf8)
    for part in [Array(source.utf8), filter] { bytes += number(UInt64(part.count)) + part }
    return bytes + number(fnv1a(bytes))
  }

  static func decode(_ bytes: [UInt8], source: String) -> [UInt8]? {
    let head = Array(magic.utf8) + number(UInt64(source.utf8.count)) + Array(source.utf8)
    guard bytes.count >= head.count + 16, bytes.starts(with: head),
      bytes.suffix(8).elementsEqual(number(fnv1a(bytes.dropLast(8))))
    else { return nil }
    let filter = Array(bytes[(head.count + 8)..<(bytes.count - 8)])
    let length = bytes[head.count..<(head.count + 8)]
    guard length.elementsEqual(number(UInt64(filter.count))), filter.count % 8 == 0, !filter.isEmpty else {
      return nil
    }
    return filter
  }

  private static func number(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
