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

  @Test func `of an image is what its layers have together, read-only, or a part of it`() async throws {
    try await withSandbox { sandbox in
      for (layer, name, text) in [("low", "dir/a", "low a"), ("low", "b", "low b"), ("top", "b", "top b")] {
        let path = "\(sandbox.root)/\(layer)/\(name)"
        try Files.makeDirectories(String(path[..<path.lastIndex(of: "/")!]), mode: 0o755)
        try Files.replace(path, with: "\(text)\n".utf8, mode: 0o644)
      }
      try #require(unsafe symlink("/dir", "\(sandbox.root)/top/link") == 0)
      let image = LaunchMount.Source.image(["\(sandbox.root)/top", "\(sandbox.root)/low"])
      let script =
        "cat /i/b /i/dir/a /p/a /f; touch /i/x /p/x 2>/dev/null || echo ro; ls -A /dev | grep cairn"
      let output = try await sandbox.output(script) {
        $0.mounts = [
          LaunchMount(image, target: "/i"), LaunchMount(image, target: "/p", subpath: "link"),
          LaunchMount(image, target: "/f", subpath: "b"),
        ]
      }
      #expect(output == "top b\nlow a\nlow a\ntop b\nro\n")
      for part in ["missing", "../low", "dir/../.."] {
        var request = try sandbox.shell("ls /i")
        request.mounts = [LaunchMount(image, target: "/i", subpath: part)]
        await #expect(throws: RuntimeError.self, "\(part)") { try await sandbox.run(request) }
      }
    }
  }

  @Test func `of memory has the owner, the mode and the rights that were asked for`() async throws {
    try await withSandbox { sandbox in
      let script =
        "stat -c '%u:%g %a' /t /u; cp /bin/busybox /t/busybox; cp /bin/busybox /u/busybox; /t/busybox true && echo t; /u/busybox true 2>/dev/null && echo u"
      try await sandbox.expect(
        "cp() { cat $1 > $2; chmod 755 $2; }; " + script, prints: "7:8 750\n0:0 1777\nt\n"
      ) {
        $0.mounts = [
          LaunchMount(.tmpfs(size: nil, mode: 0o750, owner: 7, group: 8, isExecutable: true), target: "/t"),
          LaunchMount(.tmpfs(size: nil, mode: 0o1777), target: "/u"),
        ]
      }
    }
  }

  @Test func `takes part in the host's mounts as far as was asked`() async throws {
    try await withSandbox { sandbox in
      let source = "\(sandbox.root)/source"
      try Files.makeDirectories(source, mode: 0o755)
      try #require(unsafe mount("none", source, "tmpfs", 0, nil) == 0)
      defer { unsafe umount2(source, 2) }
      try Files.makeDirectories("\(source)/host", mode: 0o755)
      try Files.makeDirectories("\(source)/own", mode: 0o755)
      #expect(try !HostMount.facts(of: source).isShared)
      try #require(unsafe mount(nil, source, nil, 1 << 20, nil) == 0)
      #expect(try HostMount.facts(of: source).isShared)
      func isMounted(_ name: String) throws -> Bool { try HostMount.isMountPoint("\(source)/\(name)") }

      for (propagation, comes, goes) in [
        (MountSpec.Propagation.rprivate, false, false), (.slave, true, false), (.rslave, true, false),
        (.rshared, true, true), (.shared, true, true),
      ] {
        // It mounts something itself, waits for what the host mounts, and tells what it sees.
        var request = try sandbox.shell(
          "mount -t tmpfs none /m/own; touch /m/ready; until test -e /m/go; do sleep 0.01; done; test -e /m/host/seen && echo seen; echo end"
        )
        request.capabilities = try CapabilitySet.resolve(Security(addedCapabilities: ["SYS_ADMIN"]))
        request.seccomp = nil
        var bind = LaunchMount(.bind(source), target: "/m")
        bind.propagation = propagation
        request.mounts = [bind]
        _ = try await sandbox.start(request)
        #expect(await soon { Files.exists("\(source)/ready") })
        #expect(try isMounted("own") == goes, "\(propagation)")
        try #require(unsafe mount("none", "\(source)/host", "tmpfs", 0, nil) == 0)
        try Files.replace("\(source)/host/seen", with: [], mode: 0o644)
        try Files.replace("\(source)/go", with: [], mode: 0o644)
        _ = try await sandbox.end(of: request.id)
        #expect(
          try await sandbox.output(of: request.id) == (comes ? "seen\n" : "") + "end\n", "\(propagation)")
        for name in ["host", "own"] where try isMounted(name) { unsafe umount2("\(source)/\(name)", 2) }
        for name in ["ready", "go"] { try Files.remove("\(source)/\(name)") }
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
