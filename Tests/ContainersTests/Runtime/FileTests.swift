import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct `Configs and secrets` {
  @Test func `are read-only files with owner, group and mode, and in no file system of the host`()
    async throws
  {
    try await withSandbox { sandbox in
      let script = """
        cat /run/secrets/key /etc/app/app.conf
        stat -c '%u:%g %a %s' /run/secrets/key /etc/app/app.conf /theirs /bytes
        od -An -tx1 /bytes | tr -d ' '
        (echo x > /run/secrets/key) 2>&1 | grep -o 'Read-only'
        grep -E ' (/run/secrets/key|/theirs) ' /proc/self/mountinfo | cut -d' ' -f6,8 | sort -u
        ls -A /dev | grep cairn; cut -d' ' -f4,5 /proc/self/mountinfo | grep -c cairn
        """
      var request = try sandbox.shell(script)
      request.user = "app"
      request.contents = [
        LaunchFile(target: "/run/secrets/key", content: FileContent("hunter2\n"), mode: 0o400),
        LaunchFile(target: "/etc/app/app.conf", content: FileContent("port=80\n"), owner: 0, group: 0),
        LaunchFile(target: "/theirs", content: FileContent(""), owner: 12345, group: 54321, mode: 0o640),
        LaunchFile(target: "/bytes", content: FileContent([0, 255, 10, 0]), mode: 0o777),
      ]
      let output = try await sandbox.run(request).output
      #expect(
        output == """
          hunter2
          port=80
          1000:1001 400 8
          0:0 444 8
          12345:54321 640 0
          1000:1001 777 4
          00ff0a00
          Read-only
          ro,nosuid,nodev,noexec,relatime tmpfs
          0

          """)
      // What is left of them in the writable layer are the empty files that they lay on.
      #expect(try Files.read("\(sandbox.root)/layers/\(request.id)/upper/run/secrets/key").isEmpty)
    }
  }

  @Test func `lie in a volume, below a tmpfs or on a file of the image, also where the root is read-only`()
    async throws
  {
    try await withSandbox(["etc/app.conf": "the image's\n"]) { sandbox in
      try Files.makeDirectories("\(sandbox.root)/bind")
      let output = try await sandbox.output("cat /data/key /run/s/key /etc/app.conf /etc/new") {
        $0.hasReadOnlyRoot = true
        $0.mounts = [
          LaunchMount(.bind("\(sandbox.root)/bind"), target: "/data", isReadOnly: false),
          LaunchMount(.tmpfs(size: nil, mode: 0o755), target: "/run"),
        ]
        $0.contents = ["/data/key", "/run/s/key", "/etc/app.conf", "/etc/new"].map {
          LaunchFile(target: $0, content: FileContent("\($0)\n"))
        }
      }
      #expect(output == "/data/key\n/run/s/key\n/etc/app.conf\n/etc/new\n")
    }
  }

  @Test func `can be large and many`() async throws {
    try await withSandbox { sandbox in
      let large = [UInt8](repeating: 120, count: 3 << 20)
      let output = try await sandbox.output("wc -c < /large; ls /many | wc -l; cat /many/99") {
        $0.contents = [LaunchFile(target: "/large", content: FileContent(large))]
        $0.contents += (0..<100).map { LaunchFile(target: "/many/\($0)", content: FileContent("\($0)\n")) }
      }
      #expect(output == "\(3 << 20)\n100\n99\n")
    }
  }

  @Test func `never follow a link out of the root, and never lie in the kernel's file systems`() async throws
  {
    try await withSandbox(links: ["etc/out": "../../../../canary", "etc/proc": "/proc"]) { sandbox in
      try Files.replace("\(sandbox.root)/canary", with: "host\n".utf8)
      let inside = try await sandbox.output("cat /canary") {
        $0.contents = [LaunchFile(target: "/etc/out", content: FileContent("inside\n"))]
      }
      #expect(inside == "inside\n")
      #expect(try Files.readText("\(sandbox.root)/canary") == "host\n")
      for target in ["/etc/proc/version", "/proc/version", "/", "relative", "/a/../b", "/dev"] {
        var request = try sandbox.shell("true")
        request.contents = [LaunchFile(target: target, content: FileContent("x"))]
        await #expect(throws: RuntimeError.self, "\(target)") { try await sandbox.run(request) }
      }
    }
  }
}
