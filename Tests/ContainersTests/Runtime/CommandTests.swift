import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct `The command of a container` {
  private static func failure(_ sandbox: Sandbox, _ request: LaunchRequest) async throws -> RuntimeError? {
    do throws(RuntimeError) {
      let prepared = try await sandbox.runtime.prepare(request)
      _ = try await sandbox.runtime.release(prepared)
      return nil
    } catch {
      // Nothing of it is left.
      #expect(try sandbox.runtime.status(of: request.id) == .absent)
      #expect(!Files.exists(sandbox.runtime.directory(of: request.id)))
      return error
    }
  }

  @Test(arguments: [
    (
      ["nothing-here"], 127,
      "execute nothing-here: No such file or directory (no such command in the container's PATH)"
    ),
    (
      ["/bin/nothing"], 127,
      "execute /bin/nothing: No such file or directory (no such file in the container, or its interpreter is missing)"
    ),
    (["orphan"], 127, "execute orphan: No such file or directory (no such command in the container's PATH)"),
    (["/etc/passwd"], 126, "execute /etc/passwd: Permission denied (the file is not executable)"),
    (["/etc"], 126, "execute /etc: Permission denied (the file is not executable)"),
    (
      ["plain"], 126,
      "execute plain: Exec format error (neither a program for this machine nor a script with a #! line)"
    ),
  ])
  func `that cannot be executed says why and counts as 127 or 126`(
    arguments: [String], code: Int32, text: String
  ) async throws {
    try await withSandbox(["bin/orphan": "#!/no/such/interpreter\n", "bin/plain": "not a program\n"]) {
      sandbox in
      var request = try sandbox.request()
      request.arguments = arguments
      let error = try #require(try await Self.failure(sandbox, request))
      #expect(error.description == text)
      #expect(error.exitCode == code)
    }
  }

  @Test func `is looked for in the PATH of the container's environment`() async throws {
    try await withSandbox(["opt/tool": "#!/bin/sh\necho tool\n"]) { sandbox in
      try Files.setMode("\(sandbox.root)/image/opt/tool", to: 0o755)
      var request = try sandbox.request("tool")
      request.environment = ["PATH=/nowhere:/opt"]
      #expect(try await sandbox.run(request).output == "tool\n")
    }
  }

  @Test func `gets exactly its arguments and environment`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.request("sh", "-c", "echo \"$0|$1|$#\"; env", "a b", "")
      request.environment = ["X=1=2", "EMPTY="]
      request.hostname = "box"
      let lines = try await sandbox.run(request).output.split(separator: "\n").map(String.init)
      #expect(lines.first == "a b||1")
      let env = Set(lines.dropFirst()).subtracting(["SHLVL=1", "PWD=/"])
      #expect(
        env == [
          "X=1=2", "EMPTY=", "HOSTNAME=box", "HOME=/root",
          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ])
    }
  }

  @Test func `starts in its working directory, which is made where it is missing`() async throws {
    try await withSandbox(links: ["srv": "var/lib", "out": "/../../../etc"]) { sandbox in
      try await sandbox.expect("pwd", prints: "/var/lib\n") { $0.workingDirectory = "/var/lib" }
      try await sandbox.expect("pwd", prints: "/new/deep\n") { $0.workingDirectory = "/new/deep" }
      // Links stay inside the root (CVE-2026-55686).
      try await sandbox.expect("pwd -P", prints: "/var/lib/x/y\n") { $0.workingDirectory = "/srv/x/y" }
      try await sandbox.expect("pwd -P", prints: "/etc\n") { $0.workingDirectory = "/out" }
    }
  }

  @Test func `never starts in a directory that a descriptor of ours leads to`() async throws {
    try await withSandbox { sandbox in
      for number in 0...40 {
        var request = try sandbox.shell("pwd")
        request.workingDirectory = "/proc/self/fd/\(number)"
        let error = try #require(try await Self.failure(sandbox, request), "\(number)")
        #expect(error.description.hasPrefix("enter the working directory /proc/self/fd/\(number)"))
      }
    }
  }

  @Test(
    arguments: [
      (nil, "uid=0(root) gid=0(root) groups=0(root)|/root"),
      ("app", "uid=1000(app) gid=1001(app) groups=1001(app),2000(extra),2001(last)|/home/app"),
      ("1000", "uid=1000(app) gid=1001(app) groups=1001(app),2000(extra),2001(last)|/home/app"),
      ("app:extra", "uid=1000(app) gid=2000(extra) groups=2000(extra)|/home/app"),
      ("4000", "uid=4000 gid=0(root) groups=0(root)|/"),
      ("4000:5000", "uid=4000 gid=5000 groups=5000|/"),
      (":extra", "uid=0(root) gid=2000(extra) groups=2000(extra)|/root"),
      ("2147483647", "uid=2147483647 gid=0(root) groups=0(root)|/"),
    ] as [(String?, String)])
  func `runs as the user that is named, with its groups and home`(user: String?, expected: String)
    async throws
  {
    try await withSandbox { sandbox in
      try await sandbox.expect("echo \"$(id)|$HOME\"", prints: expected + "\n") { $0.user = user }
    }
  }

  @Test(arguments: ["4294967296", "4294967296:0", "2147483648", "-1", "0x0", " 1000", "nobody-here", "1000 "])
  func `is refused for a user that is no name and no number below 2^31`(user: String) async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell("id")
      request.user = user
      let error = try #require(try await Self.failure(sandbox, request))
      #expect(error.description.hasPrefix("find the user \(user.split(separator: ":")[0])"))
      #expect(error.exitCode == 125)
    }
  }

  @Test func `gets further groups`() async throws {
    try await withSandbox { sandbox in
      let output = try await sandbox.output("id -G") {
        $0.user = "app:app"
        $0.groups = ["extra", "77"]
      }
      #expect(output == "1001 77 2000\n")
    }
  }

  @Test func `runs below a process 1 of ours that hands on signals and exit codes`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell(
        "trap 'exit 9' TERM; echo $$; (sleep 0.01 &); echo ready; while :; do sleep 0.05; done")
      request.runsInit = true
      _ = try await sandbox.start(request)
      #expect(
        try await soon { try Files.readText(sandbox.runtime.logPath(of: request.id)).contains("ready") })
      try sandbox.runtime.signal(15, to: request.id)
      #expect(try await sandbox.end(of: request.id).code == 9)
      #expect(try await sandbox.output(of: request.id).hasPrefix("2\n"))
      var killed = try sandbox.shell("kill -9 $$")
      killed.runsInit = true
      #expect(try await sandbox.run(killed).record.code == 137)
      var missing = try sandbox.request("nothing-here")
      missing.runsInit = true
      #expect(try await Self.failure(sandbox, missing)?.exitCode == 127)
    }
  }

  @Test func `leaves no zombie under our process 1`() async throws {
    try await withSandbox { sandbox in
      // Orphans: their parent, a subshell, is gone before they end. They also may end between being
      // listed and being looked at, which grep and ls complain of.
      let script = """
        for i in 1 2 3 4 5; do (sleep 0.01 &) ; done
        for i in $(seq 200); do n=$(grep -c '^State:.Z' /proc/[0-9]*/status 2>/dev/null | grep -c ':1$'); m=$(ls -d /proc/[0-9]* 2>/dev/null | wc -l); [ $n = 0 ] && [ $m -lt 6 ] && echo clean && exit; sleep 0.02; done
        echo zombies
        """
      try await sandbox.expect(script, prints: "clean\n") { $0.runsInit = true }
    }
  }
}
