package import FoundationEssentials
internal import Stacks
internal import Synchronization

/// Records as they are kept: two lines, what is the container's own and the template, which it shares with
/// the other replicas of its service. The template is most of the text, and is put into words once for all.
package final class RecordText: Sendable {
  private struct Known {
    var template: Boxed<ContainerTemplate>
    var line: Data
    var hash: UInt64
  }
  private let known = Mutex(RecentlyUsed<Known>(most: 64, room: 1 << 20))

  package init() {}

  package func write(_ record: ContainerRecord) throws -> Data {
    try StoredText.bytes(record, [.templateApart: true]) + [UInt8(ascii: "\n")]
      + known(record.spec.boxed).line
  }

  /// The same for every container that is made from an equal template, by whatever engine.
  package func templateHash(_ record: ContainerRecord) throws -> UInt64 { try known(record.spec.boxed).hash }

  private func known(_ template: Boxed<ContainerTemplate>) throws -> Known {
    if let found = known.withLock({ $0.first { $0.template.isSame(as: template) } }) { return found }
    return note(template, try StoredText.bytes(template))
  }

  private func note(_ template: Boxed<ContainerTemplate>, _ line: Data) -> Known {
    let known = Known(template: template, line: line, hash: fnv1a(line))
    self.known.withLock { $0.add(known, size: line.count) }
    return known
  }

  /// nil: it is not a whole record. One line is a record of an older version, with the template in it.
  package func read(_ bytes: [UInt8]) -> ContainerRecord? {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
      return try? JSONDecoder().decode(ContainerRecord.self, from: Data(bytes))
    }
    guard let template = template(Data(bytes[(end + 1)...])) else { return nil }
    let decoder = JSONDecoder()
    decoder.userInfo[.templateApart] = template
    return try? decoder.decode(ContainerRecord.self, from: Data(bytes[..<end]))
  }

  private func template(_ line: Data) -> Boxed<ContainerTemplate>? {
    if let found = known.withLock({ $0.first { $0.line == line } }) { return found.template }
    guard let template = try? JSONDecoder().decode(Boxed<ContainerTemplate>.self, from: line) else {
      return nil
    }
    return note(template, line).template
  }
}
