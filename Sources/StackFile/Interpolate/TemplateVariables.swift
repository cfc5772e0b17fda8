/// A variable that a text asks for, as `${NAME…}` says it.
public struct TemplateVariable: Hashable, Sendable {
  public var name: String
  /// `${NAME?…}`: there must be a value.
  public var isRequired: Bool
  /// What counts where there is no value; nil: nothing is said.
  public var fallback: String?
  /// What counts where there is a value; nil: the value.
  public var alternate: String?
}

extension Template {
  /// The variables that a text asks for, those within defaults too, in their order.
  static func variables(in text: String) -> [TemplateVariable] {
    guard text.has("$") else { return [] }
    var found: [TemplateVariable] = []
    var rest = [Array(text.utf8)[...]]
    while let part = rest.popLast() { scan(part, &found, &rest) }
    return found
  }

  private static func scan(
    _ text: ArraySlice<UInt8>, _ found: inout [TemplateVariable], _ inner: inout [ArraySlice<UInt8>]
  ) {
    var rest = text
    while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
      let after = rest[(dollar + 1)...]
      if after.first == UInt8(ascii: "$") {
        rest = after.dropFirst()
      } else if after.first == UInt8(ascii: "{"), let close = closingBrace(of: after) {
        let body = after[(after.startIndex + 1)..<close]
        rest = after[(close + 1)...]
        guard let variable = variable(body, &inner) else { continue }
        found.append(variable)
      } else {
        let name = Template.name(at: after)
        rest = after[name.endIndex...]
        guard !name.isEmpty else { continue }
        found.append(TemplateVariable(name: String(decoding: name, as: UTF8.self), isRequired: false))
      }
    }
  }

  private static func variable(
    _ body: ArraySlice<UInt8>, _ inner: inout [ArraySlice<UInt8>]
  ) -> TemplateVariable? {
    let name = Template.name(at: body)
    guard !name.isEmpty else { return nil }
    var variable = TemplateVariable(name: String(decoding: name, as: UTF8.self), isRequired: false)
    var rest = body[name.endIndex...]
    if rest.first == UInt8(ascii: ":") { rest = rest.dropFirst() }
    let operand = rest.dropFirst()
    switch rest.first {
    case UInt8(ascii: "-"): variable.fallback = String(decoding: operand, as: UTF8.self)
    case UInt8(ascii: "+"): variable.alternate = String(decoding: operand, as: UTF8.self)
    case UInt8(ascii: "?"): variable.isRequired = true
    default: break
    }
    inner.append(operand)
    return variable
  }
}

extension StackDocument {
  /// The variables that the files ask for, by name; of several forms of one the first counts. Only a
  /// document that was not interpolated has any left.
  public var templateVariables: [TemplateVariable] {
    var found: [String: TemplateVariable] = [:]
    func look(_ node: Node) {
      switch node.content {
      case .scalar(.string(let text)):
        for variable in Template.variables(in: text) where found[variable.name] == nil {
          found[variable.name] = variable
        }
      case .scalar: break
      case .list(let items): items.forEach(look)
      case .map(let pairs): for pair in pairs { look(pair.value) }
      }
    }
    look(declared)
    return found.values.sorted { $0.name < $1.name }
  }
}
