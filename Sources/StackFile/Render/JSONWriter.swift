/// A value to be written as JSON; the order of a map's entries is kept.
package enum JSONValue {
  case null
  case bool(Bool)
  case int(Int64)
  case big(UInt64)
  case float(Double)
  case string(String)
  case list([JSONValue])
  case map([(String, JSONValue)])
}

/// Writes JSON with two spaces of indentation, as `docker compose config --format json` does.
package enum JSONWriter {
  package static func text(_ value: JSONValue) -> String {
    var out = ""
    write(value, indent: "", to: &out)
    return out + "\n"
  }

  private static func write(_ value: JSONValue, indent: String, to out: inout String) {
    let inner = indent + "  "
    switch value {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .int(let value): out += String(value)
    case .big(let value): out += String(value)
    case .float(let value): out += value.isFinite ? goText(of: value, exponentFrom: 21) : "null"
    case .string(let text): quote(text, to: &out)
    case .list(let items):
      guard !items.isEmpty else {
        out += "[]"
        return
      }
      var separator = "[\n"
      for item in items {
        out += separator + inner
        write(item, indent: inner, to: &out)
        separator = ",\n"
      }
      out += "\n" + indent + "]"
    case .map(let pairs):
      guard !pairs.isEmpty else {
        out += "{}"
        return
      }
      var separator = "{\n"
      for (key, item) in pairs {
        out += separator + inner
        quote(key, to: &out)
        out += ": "
        write(item, indent: inner, to: &out)
        separator = ",\n"
      }
      out += "\n" + indent + "}"
    }
  }

  /// A JSON string; also a double-quoted YAML scalar, which has the same escapes.
  static func quote(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _
      where scalar.value < 32 || (127...159).contains(scalar.value)
        || (0x2028...0x2029).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
