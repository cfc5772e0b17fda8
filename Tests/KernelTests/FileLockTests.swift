import Foundation
import Testing

@testable import Kernel

@Suite struct FileLockTests {
  @Test func `a lock that is given back in time is had, and one that is not is not`() throws {
    let path = NSTemporaryDirectory() + "cairn-lock-" + UUID().uuidString.prefix(8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var first = try FileLock.attempt(on: path)
    #expect(first != nil)
    #expect(try FileLock.attempt(on: path) == nil)
    #expect(try FileLock.attempt(on: path, within: 30) == nil)
    withExtendedLifetime(first) {}

    let waiter = try DedicatedThread {
      #expect((try? FileLock.attempt(on: path, within: 60_000)) != nil)
    }
    first = nil
    waiter.join()
  }
}
