import Testing

@testable import Engine

@Suite struct RecentlyUsedTests {
  @Test func `What was asked for last stays, as long as there is room`() {
    var list = RecentlyUsed<Int>(most: 3, room: 100)
    for number in 1...3 { list.add(number, size: 10) }
    #expect(list.first { $0 == 1 } == 1)
    list.add(4, size: 10)
    #expect(list.first { $0 == 2 } == nil)
    #expect(list.first { $0 < 4 } == 1)
    list.add(5, size: 95)
    #expect(list.first { $0 != 5 } == nil)
    list.add(6, size: 1000)
    #expect(list.first { _ in true } == 6)
  }
}
