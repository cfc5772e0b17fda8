import Glibc
import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct `A mount` {
  @Test func `of a part of a volume is that part, and never leads out of the volume`() async throws {
    try await withSandbox { sandbox in
      let volume = "\(sandbox.root)/volume"
      try Files.makeDirectories("\(volume)/a/b", mode: 0o755)
      try Files.replace("\(volume)/a/b/file", with: "deep\n".utf8, mode: 0o644)
      try Files.replace("\(sandbox.root)/canary", with: "host\n".utf8, mode: 0o644)
      for (link, target) in [("out", "../"), ("absolute", sandbox.root), ("inner", "a/b")] {
        try #require(unsafe symlink(target, "\(volume)/\(link)") == 0)
      }
      for part in ["a/b", "inner"] {
        let output = try await sandbox.output("cat /part/file; ls /part; echo x > /part/new") {
          $0.mounts = [LaunchMount(.bind(volume), target: "/part", subpath: part)]
        }
        #expect(output == "deep\nfile\n" || output == "deep\nfile\nnew\n")
      }
      #expect(try Files.readText("\(volume)/a/b/new") == "x\n")
      let file = try await sandbox.output("cat /one") {
        $0.mounts = [LaunchMount(.bind(volume), target: "/one", isReadOnly: true, subpath: "a/b/file")]
      }
      #expect(file == "deep\n")
      for part in ["out", "out/canary", "absolute", "..", "/a", "a/../..", "missing", ""] {
        var request = try sandbox.shell("ls /part")
        request.mounts = [LaunchMount(.bind(volume), target: "/part", subpath: part)]
        await #expect(throws: RuntimeError.self, "\(part)") { try await sandbox.run(request) }
      }
    }
  }

  @Test func `takes along what is mounted below its source, as far as was asked`() async throws {
    try await withSandbox { sandbox in
      let source = "\(sandbox.root)/source"
      try Files.makeDirectories("\(source)/below", mode: 0o755)
      try #require(unsafe mount("none", "\(source)/below", "tmpfs", 0, nil) == 0)
      defer { unsafe umount2("\(source)/below", 2) }
      try Files.replace("\(source)/below/file", with: "below\n".utf8, mode: 0o644)
      let script =
        "cat /m/below/file 2>/dev/null || echo none; touch /m/below/x 2>/dev/null && echo wrote; touch /m/x 2>/dev/null && echo top"
      for (recursion, isReadOnly, expected) in [
        (MountSpec.Recursion.enabled, true, "below\n"), (.writable, true, "below\nwrote\n"),
        (.disabled, true, "none\n"), (.disabled, false, "none\nwrote\ntop\n"),
        (.enabled, false, "below\nwrote\ntop\n"),
      ] {
        let output = try await sandbox.output(script) {
          $0.mounts = [LaunchMount(.bind(source), target: "/m", isReadOnly: isReadOnly, recursion: recursion)]
        }
        #expect(output == expected, "\(recursion) \(isReadOnly)")
      }
    }
  }
}
