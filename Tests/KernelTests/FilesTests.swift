import FoundationEssentials
import Kernel
import Testing

@Suite struct FilesTests {
  @Test func `a file is written anew or replaced, with its mode whatever the umask is`() throws {
    let directory = "/tmp/cairn-files-\(UInt64.random(in: 0...UInt64.max))"
    try Files.makeDirectories(directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    for text in ["one", "two, which is longer", ""] {
      for (name, mode) in [("private", UInt32(0o600)), ("public", 0o666)] {
        try Files.write("\(directory)/\(name)", with: text.utf8, mode: mode)
        #expect(try Files.readText("\(directory)/\(name)") == text)
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
        #expect(attributes[.posixPermissions] as? Int == Int(mode))
      }
    }
    #expect(try Files.list(directory) == ["private", "public"])
    #expect(throws: SystemError.self) { try Files.write("\(directory)/none/x", with: []) }
  }
}
