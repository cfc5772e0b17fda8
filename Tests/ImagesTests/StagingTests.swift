import Kernel
import Testing

@testable import Images

@Suite struct StagingTests {
  /// Fills a directory with a small tree and discards it.
  private func discard(_ count: Int, in area: StagingArea, _ space: Workspace) throws {
    for number in 0..<count {
      let tree = "\(space.path)/tree-\(number)"
      try Files.makeDirectories(tree + "/a/b")
      for name in ["a/one", "a/b/two", "three"] { try Files.replace("\(tree)/\(name)", with: name.utf8) }
      try area.discard(tree)
    }
  }

  @Test func `sweeps at the same time leave nothing and make nothing`() async throws {
    let space = try Workspace()
    let area = StagingArea(path: space.path + "/staging")
    for _ in 0..<8 {
      try discard(40, in: area, space)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask { try await DedicatedThread.run { () throws(SystemError) in try area.sweep() } }
        }
        try await group.waitForAll()
      }
      #expect(try Files.list(area.path) == [])
    }
  }

  @Test func `a sweep passes over a place in use and takes it once its holder is gone`() throws {
    let space = try Workspace()
    let area = StagingArea(path: space.path + "/staging")
    var place: StagingArea.Place? = try area.place()
    let path = try #require(place?.path)
    try area.sweep()
    #expect(Files.exists(path))
    place = nil
    try area.sweep()
    #expect(try Files.list(area.path) == [])
  }

  @Test func `a file among the places is swept too`() throws {
    let space = try Workspace()
    let area = StagingArea(path: space.path + "/staging")
    try Files.makeDirectories(area.path)
    try Files.replace(area.path + "/file", with: "left by a sweep".utf8)
    try discard(1, in: area, space)
    try area.sweep()
    #expect(try Files.list(area.path) == [])
  }
}
