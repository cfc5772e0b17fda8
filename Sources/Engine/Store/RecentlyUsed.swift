/// The elements that were asked for last, as many as there is room for, and one in any case.
struct RecentlyUsed<Element> {
  private var elements: [(element: Element, size: Int)] = []
  private var used = 0
  private let most: Int
  private let room: Int

  /// At most `most` elements, whose sizes are at most `room` together.
  init(most: Int, room: Int) {
    self.most = most
    self.room = room
  }

  /// The one that was asked for last among those that match; it stays the longest.
  mutating func first(where matches: (Element) -> Bool) -> Element? {
    guard let index = elements.lastIndex(where: { matches($0.element) }) else { return nil }
    if index != elements.count - 1 { elements.append(elements.remove(at: index)) }
    return elements.last?.element
  }

  mutating func add(_ element: Element, size: Int) {
    elements.append((element, size))
    used += size
    while elements.count > 1, elements.count > most || used > room { used -= elements.removeFirst().size }
  }
}
