import StackFile
import Testing

/// `extends` and `include`.
@Suite struct ProjectsTests {
  func load(_ text: String, _ files: [String: String] = [:], environment: [String: String] = [:])
    -> LoadResult
  {
    Fixtures.load(text, files: files, environment: environment, binds: false)
  }

  func yaml(_ result: LoadResult) -> String { result.document.map(StackRenderer.yaml) ?? result.text }

  @Test func `a service is laid over the one that it extends, however far`() {
    let result = load(
      """
      services:
        a: {image: x, labels: {a: "1"}, cap_add: [A]}
        b: {extends: a, labels: {b: "2"}}
        c: {extends: {service: b}, cap_add: [C], labels: !override {c: "3"}}
      """)
    #expect(result.lines == [])
    #expect(
      yaml(result).contains(
        """
          c:
            cap_add:
              - A
              - C
            image: x
            labels:
              c: "3"

        """))
  }

  @Test func `paths of a file that is extended begin where that file is`() {
    let result = load(
      "services: {web: {extends: {file: sub/base.yaml, service: base}}}",
      [
        "/project/sub/base.yaml":
          "services: {base: {extends: {file: more/deep.yaml, service: deep}, volumes: ['./v:/v']}, other: {wrong: 1}}",
        "/project/sub/more/deep.yaml": "services: {deep: {image: '${I:-x}', env_file: d.env}}",
        "/project/sub/more/d.env": "A=1",
      ])
    #expect(result.lines == [])
    #expect(yaml(result).contains("source: /project/sub/v"))
    #expect(yaml(result).contains("      A: \"1\"\n    image: x\n"))
  }

  @Test(arguments: [
    (
      "services: {a: {extends: b}, b: {extends: c}, c: {extends: a}}",
      "stack.yaml:1:59: error: the services extend each other in a circle: a -> b -> c -> a; remove one 'extends'"
    ),
    (
      "services: {a: {image: x, extends: bb}, bbb: {image: x}}",
      "stack.yaml:1:35: error: there is no service 'bb' to extend; did you mean 'bbb'?"
    ),
    (
      "services: {a: {extends: {service: b, file: none.yaml}, image: x}}",
      "stack.yaml:1:44: error: the file 'none.yaml' does not exist; check the path; it begins at the project directory"
    ),
    (
      "services: {a: {extends: {service: b, file: base.yaml}, image: x}}",
      "stack.yaml:1:35: error: there is no service 'b' in 'base.yaml' to extend"
    ),
    (
      "services: {a: {extends: {file: base.yaml}, image: x}}",
      "stack.yaml:1:25: error: 'extends' lacks 'service'; add 'service: NAME'"
    ),
    (
      "services: {a: {extends: {service: wrong, file: base.yaml}, image: x}}",
      "base.yaml:2:11: error: unknown key 'imge'; did you mean 'image'?"
    ),
    (
      "include: [https://example.com/a.yaml]\nservices: {a: {image: x}}",
      "stack.yaml:1:11: error: 'https://example.com/a.yaml' is not on this machine: remote files are not supported yet; fetch it first, and write the path of the copy"
    ),
    (
      "include: [loop.yaml]\nservices: {a: {image: x}}",
      "loop.yaml:1:11: error: the files include each other in a circle: stack.yaml -> loop.yaml -> stack.yaml; remove one 'include'"
    ),
    (
      "include: [{env_file: a.env}]\nservices: {a: {image: x}}",
      "stack.yaml:1:11: error: an entry of 'include' lacks 'path'; add 'path: FILE'"
    ),
    (
      "include: [{path: base.yaml, env_file: none.env}]\nservices: {a: {image: x}}",
      "stack.yaml:1:39: error: the env file 'none.env' does not exist; check the path; it begins at the project directory"
    ),
  ])
  func `what cannot be extended or included is said with its place`(text: String, finding: String) {
    let files = [
      "/project/base.yaml": "services:\n  wrong: {imge: x}\n",
      "/project/loop.yaml": "include: [stack.yaml]\n",
    ]
    let lines = load(text, files).lines
    #expect(lines.contains(finding), "\(lines)")
  }

  @Test func `an included project has its own directory and env file, and the including one wins`() {
    let result = load(
      """
      include:
        - sub/compose.yaml
        - {path: [other/one.yaml, other/two.yaml], project_directory: third, env_file: o.env}
      services:
        web: {image: x, extends: lib}
        both: {user: mine}
      """,
      [
        "/project/sub/compose.yaml":
          "services: {lib: {image: '$A$B', volumes: ['./v:/v']}, both: {image: z, user: theirs}}\nvolumes: {v: }\nx-no: 1",
        "/project/sub/.env": "A=sub\nB=sub",
        "/project/other/one.yaml": "services: {one: {image: '$A', volumes: ['./w:/w']}}",
        "/project/other/two.yaml": "services: {one: {user: two}}",
        "/project/o.env": "A=o",
      ], environment: ["B": "-shell"])
    #expect(result.lines == [])
    let text = yaml(result)
    #expect(text.contains("  lib:\n    image: sub-shell\n"))
    #expect(text.contains("source: /project/sub/v"))
    #expect(text.contains("source: /project/third/w"))
    #expect(text.contains("  one:\n    image: o\n"))
    #expect(text.contains("    user: two\n"))
    #expect(text.contains("  both:\n    image: z\n    networks:\n      default: null\n    user: mine\n"))
    #expect(!text.contains("x-no"))
  }
}
