import Glibc
import Stacks
import Testing

@testable import Engine

@Suite struct HeldRootsTests {
  @Test func `A root is held once, and given away when its container is gone`() {
    let roots = HeldRoots()
    let (gone, kept, absent) = (ContainerID.random(), ContainerID.random(), ContainerID.random())
    for id in [gone, kept, gone] { roots.hold(id, process: getpid()) }
    // There is no such process (the most that pid_max can be is 4194304).
    roots.hold(absent, process: 4_194_305)
    #expect(roots.takeFreed().isEmpty)
    for id in [gone, absent] { roots.free(id) }
    roots.letGo(kept)
    roots.free(kept)
    #expect(roots.takeFreed().count == 1)
    #expect(roots.takeFreed().isEmpty)
  }
}
