package import Stacks
internal import Synchronization

/// The stacks that were read last, by their texts: a loop reads its own with every pass, and mostly it has not
/// changed. Those that are equal share their templates, so that to compare them is to compare references.
package final class StackTexts: Sendable {
  // Two for each of so many stacks: as it is declared, and as it was before.
  private let known = Mutex(RecentlyUsed<(text: String, stack: Stack)>(most: 64, room: 1 << 20))

  package init() {}

  package func read(_ text: String) throws -> Stack {
    if let found = known.withLock({ $0.first { $0.text == text } }) { return found.stack }
    let stack = try StoredText.read(Stack.self, text)
    known.withLock { $0.add((text, stack), size: text.utf8.count) }
    return stack
  }
}
