import Stacks
import Testing

@testable import StackFile

/// `${…}` by the Compose Specification, measured on Docker Compose v5.6.1.
@Suite struct InterpolationTests {
  let values = ["SET": "v", "EMPTY": "", "OTHER": "o"]

  @Test(arguments: [
    ("$SET", "v"), ("${SET}", "v"), ("a${SET}b$OTHER", "avbo"), ("$SET_", ""), ("$$SET", "$SET"),
    ("$$$SET", "$v"),
    ("a$", "a$"), ("a$ b", "a$ b"), ("$1", "$1"), ("$é", "$é"), ("${NONE:-d}", "d"), ("${EMPTY:-d}", "d"),
    ("${EMPTY-d}", ""), ("${NONE-d}", "d"), ("${SET:-d}", "v"), ("${SET:+r}", "r"), ("${EMPTY:+r}", ""),
    ("${EMPTY+r}", "r"), ("${NONE+r}", ""), ("${SET:?e}", "v"), ("${EMPTY?e}", ""), ("${NONE:-${SET}}", "v"),
    ("${NONE:-${NONE2:-z}}", "z"), ("${NONE:-a}b${NONE-c}", "abc"), ("${NONE:-$$a}", "$a"),
    ("${NONE:-}}", "}"),
    ("${NONE:-{a}}", "{a}"), ("${NONE:-a:-b?c}", "a:-b?c"), ("${NONE:-}", ""),
    ("no variables", "no variables"), ("", ""),
  ])
  func `a text with variables becomes`(text: String, expanded: String) throws {
    var template = Template { values[$0] }
    #expect(try template.expand(text) == expanded)
  }

  @Test(arguments: [
    "a${", "${}", "${SET!}", "${ SET}", "${SET/a/b}", "${SET:}", "${1}", "${NONE:-a}${SET", "${SET:x}",
  ])
  func `a text with no right variable is refused`(text: String) {
    var template = Template { values[$0] }
    #expect(throws: TemplateFault.self) { try template.expand(text) }
  }

  @Test(arguments: [
    ("${NONE:?give it}", "give it"), ("${NONE?}", ""), ("${EMPTY:?is $SET}", "is v"),
    ("${NONE?a:-b}", "a:-b"),
  ])
  func `a required variable says why`(text: String, message: String) {
    var template = Template { values[$0] }
    let name = text.contains("EMPTY") ? "EMPTY" : "NONE"
    #expect(throws: TemplateFault.required(name: name, message: message)) { try template.expand(text) }
  }

  @Test func `defaults of defaults have an end`() {
    var template = Template { _ in nil }
    let text = String(repeating: "${A:-", count: 100_000) + String(repeating: "}", count: 100_000)
    #expect(throws: TemplateFault.tooDeep) { try template.expand(text) }
  }

  @Test func `a default that is not used is not looked at`() throws {
    var template = Template { values[$0] }
    #expect(try template.expand("${SET:-${NONE:?never}}") == "v")
  }

  @Test func `a variable that is not set warns once`() {
    let result = Fixtures.service("labels:\n  a: $NONE\n  b: $NONE")
    #expect(
      result.lines == [
        "stack.yaml:5:10: warning: the variable 'NONE' is not set and counts as empty; set it, or give a default: ${NONE:-DEFAULT}"
      ])
    #expect(result.template?.labels == ["a": "", "b": ""])
  }
}
