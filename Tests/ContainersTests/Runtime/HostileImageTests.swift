import Kernel
import Stacks
import Testing

@testable import Containers

/// Images and volumes whose content tries to reach the host (the CVE of each in brackets).
@Suite struct `A hostile image` {
  private static func start(_ sandbox: Sandbox, _ change: (inout LaunchRequest) -> Void = { _ in })
    async throws
    -> RuntimeError?
  {
    var request = try sandbox.request("true")
    change(&request)
    do throws(RuntimeError) {
      let prepared = try await sandbox.runtime.prepare(request)
      _ = try await sandbox.runtime.release(prepared)
      return nil
    } catch { return error }
  }

  @Test(arguments: ["proc", "sys", "dev"])
  func `with a link for proc, sys or dev is refused (2019-19921, 2026-41579)`(name: String) async throws {
    for target in ["/evil", "/tmp", "../../../../../../tmp/cairn-canary", "/etc"] {
      try await withSandbox(["evil/x": ""], links: [name: target]) { sandbox in
        let error = try #require(try await Self.start(sandbox))
        let reasons = ["Too many levels of symbolic links", "Not a directory"]
        let expected = reasons.map {
          "mount on /\(name): \($0) (the image has something other than a directory there)"
        }
        #expect(expected.contains(error.description), "\(target): \(error)")
      }
    }
    #expect(!Files.exists("/tmp/cairn-canary"))
  }

  @Test func `with a file for proc is refused`() async throws {
    try await withSandbox(["proc": "file"]) { sandbox in
      let error = try await Self.start(sandbox)
      #expect(error != nil)
    }
  }

  @Test func `leads mounts to /proc through links in vain (2019-16884)`() async throws {
    try await withSandbox(links: ["a": "/proc", "b": "a/sys", "c": "/proc/self/attr"]) { sandbox in
      try Files.makeDirectories("\(sandbox.root)/volume")
      for target in ["/a", "/a/1", "/b", "/c"] {
        let error = try await Self.start(sandbox) {
          $0.mounts = [LaunchMount(.volume("\(sandbox.root)/volume"), target: target)]
        }
        #expect(error != nil, "\(target)")
      }
    }
  }

  @Test func `leads mounts nowhere out of the root (2021-30465, 2024-45310)`() async throws {
    let canary = "/tmp/cairn-canary-\(ContainerID.random().short)"
    try Files.makeDirectories(canary)
    defer { try? Files.removeTree(canary) }
    let links = [
      "up": "../../../../../../../..\(canary)", "abs": canary, "dangling": "\(canary)/made",
      "file": "\(canary)/file",
    ]
    try await withSandbox(links: links) { sandbox in
      try Files.makeDirectories("\(sandbox.root)/volume")
      try Files.replace("\(sandbox.root)/file", with: "x".utf8)
      for target in ["/up", "/abs/deeper", "/dangling", "/dangling/more"] {
        let error = try await Self.start(sandbox) {
          $0.mounts = [LaunchMount(.volume("\(sandbox.root)/volume"), target: target)]
        }
        #expect(error == nil, "\(target): \(error?.description ?? "")")
      }
      let onFile = try await Self.start(sandbox) {
        $0.mounts = [LaunchMount(.bind("\(sandbox.root)/file"), target: "/file")]
      }
      #expect(onFile == nil)
      #expect(try Files.list(canary).isEmpty)
    }
  }

  @Test func `cannot have its root mounted over through a link`() async throws {
    try await withSandbox(links: ["top": "/", "top2": "top/.."]) { sandbox in
      try Files.makeDirectories("\(sandbox.root)/volume")
      for target in ["/top", "/top2"] {
        let error = try await Self.start(sandbox) {
          $0.mounts = [LaunchMount(.volume("\(sandbox.root)/volume"), target: target)]
        }
        #expect(
          error?.description
            == "mount on \(target): Operation not permitted (the target is the root directory)")
      }
    }
  }

  @Test func `gets no mount of a file on a directory or the other way round`() async throws {
    try await withSandbox { sandbox in
      try Files.replace("\(sandbox.root)/file", with: "x".utf8)
      let fileOnDirectory = try await Self.start(sandbox) {
        $0.mounts = [LaunchMount(.bind("\(sandbox.root)/file"), target: "/etc")]
      }
      #expect(fileOnDirectory?.description.contains("a file can only be mounted on a file") == true)
      let directoryOnFile = try await Self.start(sandbox) {
        $0.mounts = [LaunchMount(.bind("\(sandbox.root)"), target: "/etc/passwd")]
      }
      #expect(
        directoryOnFile?.description.contains("a file can only be mounted on a file") == true,
        "\(String(describing: directoryOnFile))")
    }
  }

  @Test func `swaps a mount target for a link in a shared volume and reaches nothing (2021-30465)`()
    async throws
  {
    let canary = "/tmp/cairn-canary-\(ContainerID.random().short)"
    try Files.makeDirectories(canary)
    defer { try? Files.removeTree(canary) }
    try await withSandbox { sandbox in
      try Files.makeDirectories("\(sandbox.root)/shared")
      try Files.makeDirectories("\(sandbox.root)/inner")
      var swapper = try sandbox.shell(
        "cd /v; while :; do mkdir t 2>/dev/null; rm -r t; ln -s / t; rm t; ln -s \(canary) t; rm t; done")
      swapper.mounts = [LaunchMount(.bind("\(sandbox.root)/shared"), target: "/v")]
      _ = try await sandbox.start(swapper)
      var started = 0
      for _ in 0..<60 {
        let error = try await Self.start(sandbox) {
          $0.mounts = [
            LaunchMount(.bind("\(sandbox.root)/shared"), target: "/v"),
            LaunchMount(.bind("\(sandbox.root)/inner"), target: "/v/t/made"),
          ]
        }
        if error == nil { started += 1 }
      }
      #expect(try Files.list(canary).isEmpty)
      #expect(!Files.exists("/made"))
      #expect(try Files.list("\(sandbox.root)/inner").isEmpty)
      #expect(started > 0)
    }
  }

  @Test func `has a passwd file that is no file, and nobody waits for it (2024-9676)`() async throws {
    try await withSandbox(links: ["etc/shadowed": "/proc/self/environ"]) { sandbox in
      for make in [
        "mknod /p/passwd p", "ln -s /proc/kmsg /p/passwd", "ln -s /dev/zero /p/passwd", "mkdir /p/passwd",
      ] {
        try? Files.removeTree("\(sandbox.root)/etc")
        try Files.makeDirectories("\(sandbox.root)/etc", mode: 0o755)
        var maker = try sandbox.shell(make)
        maker.mounts = [LaunchMount(.bind("\(sandbox.root)/etc"), target: "/p")]
        #expect(try await sandbox.run(maker).record.code == 0)
        let error = try await Self.start(sandbox) {
          $0.user = "app"
          $0.mounts = [LaunchMount(.bind("\(sandbox.root)/etc"), target: "/etc")]
        }
        #expect(
          error?.description.contains("/etc/passwd") == true, "\(make): \(error?.description ?? "started")")
      }
    }
  }

  @Test func `with a passwd file of many megabytes or endless lines is read within bounds`() async throws {
    let line = String(repeating: "x", count: 200_000)
    try await withSandbox([
      "etc/passwd": line + "\nroot:x:0:0::/r:/bin/sh\nlong:x:5:\(line)\napp:x:7:8::/h:/\n"
    ]) {
      sandbox in
      try await sandbox.expect("grep Uid: /proc/self/status | cut -f2; echo $HOME", prints: "7\n/h\n") {
        $0.user = "app"
      }
    }
    try await withSandbox(["etc/passwd": String(repeating: "a:x:1:1::/:\n", count: 800_000)]) { sandbox in
      let error = try await Self.start(sandbox) { $0.user = "app" }
      #expect(error?.description == "read /etc/passwd: File too large (it has more than 8 MiB)")
    }
  }

  @Test func `that executes its own process image does not reach our program (2019-5736)`() async throws {
    try await withSandbox(["bin/entry": "#!/proc/self/exe\n"]) { sandbox in
      let before = try Files.read(Sandbox.shim)
      _ = try await Self.start(sandbox) { $0.arguments = ["entry"] }
      // A loop that opens every process image for writing while others join.
      let request = try sandbox.shell(
        "while :; do for p in /proc/[0-9]*; do [ $p = /proc/$$ ] || echo x 2>/dev/null >> $p/exe; done; done 2>/dev/null"
      )
      _ = try await sandbox.start(request)
      for _ in 0..<40 {
        var exec = ExecRequest(arguments: ["true"])
        exec.capabilities = .standard
        _ = try await sandbox.runtime.run(exec, in: request.id, limit: 100)
      }
      #expect(try Files.read(Sandbox.shim) == before)
      var probe = try sandbox.shell(
        "head -c 4 /proc/1/exe >/dev/null 2>&1 && echo readable; echo x 2>/dev/null >> /proc/1/exe && echo written"
      )
      probe.runsInit = true
      #expect(try await sandbox.run(probe).output == "")
    }
  }

  @Test func `sees no descriptor of the host while others join (2016-9962, 2024-21626)`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell(
        """
        while :; do for p in /proc/[0-9]*; do [ $p = /proc/$$ ] && continue
        for f in $(ls $p/fd 2>/dev/null); do t=$(readlink $p/fd/$f 2>/dev/null); case "$t" in ''|pipe:*|/dev/null|/proc/*|/bin/*) ;; *) echo "$t";; esac; done; done; done
        """)
      _ = try await sandbox.start(request)
      for _ in 0..<60 {
        _ = try await sandbox.runtime.run(ExecRequest(arguments: ["true"]), in: request.id, limit: 0)
      }
      #expect(try await sandbox.output(of: request.id) == "")
    }
  }
}
