import StackFile
import Stacks
import Testing

/// Where the file, the name, the variables and the profiles come from.
@Suite struct LoaderTests {
  let minimal = "services: {web: {image: x}}\n"

  func load(
    _ files: [String: String], in directory: String = "/home/app", named: [String] = [], stdin: String? = nil,
    project: String? = nil, name: String? = nil, envFiles: [String] = [], environment: [String: String] = [:],
    profiles: [String] = [], services: [String] = []
  ) -> LoadResult {
    StackLoader.load(
      LoadRequest(
        files: named, stdin: stdin, workingDirectory: directory, projectDirectory: project, projectName: name,
        envFiles: envFiles, environment: environment, activeProfiles: profiles, targetedServices: services,
        access: .memory(files)))
  }

  @Test(arguments: [
    "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml", "stack.yaml", "stack.yml",
  ])
  func `a default file is found in the directory`(file: String) {
    let stack = load(["/home/app/\(file)": minimal]).stack
    #expect(stack?.files == ["/home/app/\(file)"])
    #expect(stack?.name == "app")
    #expect(stack?.projectDirectory == "/home/app")
  }

  @Test func `a default file is found in a directory above`() {
    let result = load(
      ["/home/compose.yaml": minimal + "name: $N", "/home/.env": "N=above", "/home/app/.env": "N=here"],
      in: "/home/app/src")
    #expect(result.stack?.projectDirectory == "/home")
    #expect(result.stack?.name == "above", "\(result.text)")
  }

  @Test func `of two default files the first counts, with a warning`() {
    let result = load(["/home/app/compose.yaml": minimal, "/home/app/stack.yaml": "wrong"])
    #expect(result.stack?.files == ["/home/app/compose.yaml"])
    #expect(
      result.lines == [
        "warning: /home/app has more than one stack file (compose.yaml, stack.yaml); 'compose.yaml' is used; choose with '-f'"
      ])
  }

  @Test func `without any file the user is told which to write`() {
    #expect(
      load([:]).lines == [
        "error: there is no stack file in /home/app or above it; write a compose.yaml or stack.yaml there, or name one with '-f'"
      ])
  }

  @Test func `an override file beside the file that is found is merged over it, and not over a named one`() {
    let files = [
      "/home/app/compose.yaml": minimal, "/home/app/compose.override.yaml": "services: {web: {image: y}}",
    ]
    #expect(load(files).template?.image.description == "y:latest")
    #expect(load(files, named: ["compose.yaml"]).template?.image.description == "x:latest")
  }

  @Test func `several files are merged in their order, and paths begin where the first one is`() {
    let files = [
      "/a/one.yaml": "services: {web: {image: x, command: [a], labels: {a: '1', b: '1'}}}",
      "/b/two.yaml": "services: {web: {command: [b], labels: [b=2], volumes: ['./d:/d']}}",
    ]
    let result = load(
      files, named: ["/a/one.yaml", "-", "/b/two.yaml"], stdin: "services: {web: {user: me}}")
    #expect(result.template?.command == ["b"])
    #expect(result.template?.labels == ["a": "1", "b": "2"])
    #expect(result.template?.user == "me")
    #expect(result.template?.mounts.map(\.source) == [.bind(path: "/a/d", createIfMissing: true)])
    #expect(result.stack?.files == ["/a/one.yaml", "/b/two.yaml"])
  }

  @Test func `an absent file is reported by the name that was given`() {
    #expect(
      load([:], named: ["x/y.yaml"]).lines == [
        "error: cannot read the stack file 'x/y.yaml': there is no such file; check '-f'"
      ])
  }

  @Test func `a named file decides the project directory`() {
    let result = load(
      ["/home/other/s.yaml": "services: {web: {image: x, volumes: ['./d:/d']}}"], named: ["../other/s.yaml"])
    #expect(result.stack?.projectDirectory == "/home/other")
    #expect(
      result.template?.mounts == [
        MountSpec(source: .bind(path: "/home/other/d", createIfMissing: true), target: "/d")
      ])
  }

  @Test func `a given project directory wins`() {
    let result = load(
      ["/home/app/s.yaml": minimal, "/srv/p/.env": "COMPOSE_PROJECT_NAME=fromenv"], named: ["s.yaml"],
      project: "/srv/p")
    #expect(result.stack?.projectDirectory == "/srv/p")
    #expect(result.stack?.name == "fromenv")
  }

  @Test func `standard input is a file named '-'`() {
    #expect(load([:], named: ["-"], stdin: minimal).stack?.name == "app")
    #expect(load([:], named: ["-"], stdin: "services: [").lines.first?.hasPrefix("-:") == true)
    #expect(load([:], named: ["-"]).lines == ["error: '-f -' reads standard input, and there is none"])
  }

  @Test func `COMPOSE_FILE names the file, from the shell or from the env file`() {
    let files = ["/home/app/compose.yaml": minimal, "/home/app/other.yaml": "services: {other: {image: x}}"]
    let fromShell = load(files, environment: ["COMPOSE_FILE": "other.yaml"])
    #expect(fromShell.stack?.services.keys.sorted() == ["other"])
    let fromEnvFile = load(files.merging(["/home/app/.env": "COMPOSE_FILE=other.yaml"]) { $1 })
    #expect(fromEnvFile.stack?.services.keys.sorted() == ["other"])
    let both = load(files, environment: ["COMPOSE_FILE": "compose.yaml:other.yaml"])
    #expect(both.stack?.services.keys.sorted() == ["other", "web"])
    let split = load(
      files, environment: ["COMPOSE_FILE": "compose.yaml,other.yaml", "COMPOSE_PATH_SEPARATOR": ","])
    #expect(split.stack?.services.keys.sorted() == ["other", "web"])
  }

  @Test func `the project's name comes from -p, the environment, the file, the directory, in this order`() {
    let named = ["/home/My App/compose.yaml": "name: fromfile\n" + minimal]
    let all = ["COMPOSE_PROJECT_NAME": "fromenv"]
    #expect(load(named, in: "/home/My App", name: "given", environment: all).stack?.name == "given")
    #expect(load(named, in: "/home/My App", environment: all).stack?.name == "fromenv")
    #expect(load(named, in: "/home/My App").stack?.name == "fromfile")
    #expect(load(["/home/My App/compose.yaml": minimal], in: "/home/My App").stack?.name == "myapp")
  }

  @Test func `a wrong project name is refused with its origin`() {
    #expect(
      load(["/home/app/compose.yaml": minimal], name: "A").lines == [
        "error: the project name 'A' from -p is not valid; use lower-case letters, digits, '-' and '_', beginning with a letter or digit"
      ])
    #expect(load(["/compose.yaml": minimal], in: "/").lines.first?.contains("gives no project name") == true)
  }

  @Test func `env files are overlaid: the shell, then the last file`() {
    let files = [
      "/home/app/compose.yaml": "services: {web: {image: x, labels: {a: $A, b: $B, c: $C, d: '${D-}'}}}",
      "/home/app/.env": "D=default", "/home/app/1.env": "A=1\nB=1\nC=1", "/home/app/2.env": "B=2\nC=2",
    ]
    let result = load(files, envFiles: ["1.env", "2.env"], environment: ["C": "shell"])
    #expect(result.template?.labels == ["a": "1", "b": "2", "c": "shell", "d": ""])
    let listed = load(files, environment: ["COMPOSE_ENV_FILES": "1.env,2.env"])
    #expect(listed.template?.labels["b"] == "2")
    #expect(
      load(files, envFiles: ["none.env"]).lines.first
        == "error: cannot read the env file 'none.env': there is no such file; check '--env-file'")
  }

  @Test func `environment wins over the env file, and a name without value takes the caller's`() {
    let files = [
      "/home/app/compose.yaml":
        "services: {web: {image: x, env_file: [1.env, 2.env], environment: {A: own, CALLER: , NONE: , F: }}}",
      "/home/app/1.env": "A=file\nB=1\nC=1\nF=file", "/home/app/2.env": "C=2\nD=${B}$A$CALLER",
    ]
    let template = load(files, environment: ["CALLER": "c"]).template
    #expect(
      template?.environment == [
        "A": "own", "B": "1", "C": "2", "D": "1ownc", "CALLER": "c", "NONE": nil, "F": nil,
      ])
  }

  @Test func `a service is left out unless one of its profiles is active`() {
    let text =
      "services: {web: {image: x}, dev: {image: x, profiles: [dev]}, test: {image: x, profiles: [test, ci]}}"
    let files = ["/home/app/compose.yaml": text]
    func names(_ profiles: [String] = [], _ services: [String] = [], _ environment: [String: String] = [:])
      -> [String]?
    {
      load(files, environment: environment, profiles: profiles, services: services).stack?.services.keys
        .sorted()
    }
    #expect(names() == ["web"])
    #expect(names(["dev"]) == ["dev", "web"])
    #expect(names(["ci"]) == ["test", "web"])
    #expect(names(["*"]) == ["dev", "test", "web"])
    #expect(names([], ["dev"]) == ["dev", "web"])
    #expect(names([], [], ["COMPOSE_PROFILES": "dev, ci"]) == ["dev", "test", "web"])
    #expect(
      load(files, services: ["tset"]).lines == [
        "error: there is no service 'tset' in this stack; did you mean 'test'?"
      ])
  }

  @Test func `the env file of a service that is left out need not exist`() {
    let text = "services: {web: {image: x}, dev: {image: x, profiles: [dev], env_file: none.env}}"
    #expect(load(["/home/app/compose.yaml": text]).stack != nil)
    #expect(load(["/home/app/compose.yaml": text], profiles: ["dev"]).stack == nil)
  }

  @Test func `files are read from the disk`() {
    let missing = StackLoader.load(LoadRequest(files: ["/none/such.yaml"], workingDirectory: "/"))
    #expect(
      missing.lines == [
        "error: cannot read the stack file '/none/such.yaml': there is no such file; check '-f'"
      ])
    let directory = StackLoader.load(LoadRequest(files: ["/"], workingDirectory: "/"))
    #expect(directory.lines.first?.hasPrefix("error: cannot read the stack file '/': ") == true)
    let real = StackLoader.load(
      LoadRequest(files: [Fixtures.directory + "good/minimal.yaml"], workingDirectory: "/"))
    #expect(real.stack?.name == "good")
  }
}
