package import Stacks
internal import Synchronization

/// The stacks that were read last, by their texts: a loop reads its own with every pass, and mostly it has not
/// changed. Those that are equal share their templates, so that to compare them is to compare references.
package final class StackTexts: Sendable {
  private let known = Mutex<[(text: String, stack: Stack)]>([])
  /// Two for each of so many stacks: as it is declared, and as it was before.
  private let most = 64

  package init() {}

  package func read(_ text: String) throws -> Stack {
    let found = known.withLock { known -> Stack? in
      guard let index = known.lastIndex(where: { $0.text == text }) else { return nil }
      // Those that are asked for stay.
      known.append(known.remove(at: index))
      return known.last?.stack
    }
    if let found { return found }
    let stack = try StoredText.read(Stack.self, text)
    known.withLock { known in
      known.append((text, stack))
      if known.count > most { known.removeFirst() }
    }
    return stack
  }
}
