package import FoundationEssentials
internal import Stacks
internal import Synchronization

/// Records as they are kept: two lines, what is the container's own and the template, which it shares with
/// the other replicas of its service. The template is most of the text, and is put into words once for all.
package final class RecordText: Sendable {
  /// The last template that was written or read, and its line.
  private let last = Mutex<(template: Boxed<ContainerTemplate>, line: Data)?>(nil)

  package init() {}

  package func write(_ record: ContainerRecord) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.userInfo[.templateApart] = true
    return try encoder.encode(record) + [UInt8(ascii: "\n")] + line(record.spec.boxed)
  }

  private func line(_ template: Boxed<ContainerTemplate>) throws -> Data {
    if let line = last.withLock({ $0?.template.isSame(as: template) == true ? $0?.line : nil }) {
      return line
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let line = try encoder.encode(template)
    last.withLock { $0 = (template, line) }
    return line
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
    if let template = last.withLock({ $0?.line == line ? $0?.template : nil }) { return template }
    guard let template = try? JSONDecoder().decode(Boxed<ContainerTemplate>.self, from: line) else {
      return nil
    }
    last.withLock { $0 = (template, line) }
    return template
  }
}
