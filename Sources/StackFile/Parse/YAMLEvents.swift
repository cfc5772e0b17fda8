internal import CYAML

/// One event of the YAML stream with its place, lines and columns from 1.
struct YAMLEvent {
  enum Kind {
    case documentStart
    case alias(String)
    /// `isPlain`: written without quotes, so that it may be a number, a boolean or null.
    case scalar(String, isPlain: Bool)
    case listStart
    case listEnd
    case mapStart
    case mapEnd
  }
  var kind: Kind
  var anchor: String?
  var tag: String?
  var line: Int
  var column: Int
}

/// Why the text is not YAML: libyaml's words and the place.
struct YAMLFault: Error {
  var problem: String
  /// What was being read, and where that began.
  var context = ""
  var contextLine = 1
  var contextColumn = 1
  var line: Int
  var column: Int
}

/// The only place that calls libyaml, and the only `unsafe` code of the module: bytes in, events out.
enum YAMLEvents {
  /// Calls `body` for each event until it gives false or the stream ends.
  static func read(_ bytes: [UInt8], _ body: (YAMLEvent) -> Bool) throws(YAMLFault) {
    var parser = unsafe yaml_parser_t()
    guard unsafe yaml_parser_initialize(&parser) == 1 else {
      throw YAMLFault(problem: "out of memory", line: 1, column: 1)
    }
    defer { unsafe yaml_parser_delete(&parser) }
    unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    try unsafe bytes.withUnsafeBufferPointer { (buffer) throws(YAMLFault) in
      // An empty array may have no address, which libyaml asserts against.
      guard let base = buffer.baseAddress else { return }
      unsafe yaml_parser_set_input_string(&parser, base, buffer.count)
      while true {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(&parser, &event) == 1 else {
          throw unsafe fault(of: parser, in: bytes)
        }
        defer { unsafe yaml_event_delete(&event) }
        if unsafe event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT { return }
        guard let next = unsafe translate(event) else { continue }
        if !body(next) { return }
      }
    }
  }

  private static func translate(_ event: yaml_event_t) -> YAMLEvent? {
    let kind: YAMLEvent.Kind
    var anchor: String?
    var tag: String?
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_ALIAS_EVENT: kind = unsafe .alias(text(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_END_EVENT: kind = .listEnd
    case YAML_MAPPING_END_EVENT: kind = .mapEnd
    case YAML_SEQUENCE_START_EVENT:
      kind = .listStart
      anchor = unsafe text(event.data.sequence_start.anchor)
      tag = unsafe text(event.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      kind = .mapStart
      anchor = unsafe text(event.data.mapping_start.anchor)
      tag = unsafe text(event.data.mapping_start.tag)
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let value = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      kind = unsafe .scalar(
        String(decoding: value, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      anchor = unsafe text(scalar.anchor)
      tag = unsafe text(scalar.tag)
    default: return nil
    }
    let mark = unsafe event.start_mark
    return YAMLEvent(
      kind: kind, anchor: anchor, tag: tag, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
  }

  private static func fault(of parser: yaml_parser_t, in bytes: [UInt8]) -> YAMLFault {
    var fault = YAMLFault(problem: "it cannot be read", line: 1, column: 1)
    if let problem = unsafe parser.problem { fault.problem = unsafe String(cString: problem) }
    if let context = unsafe parser.context {
      fault.context = unsafe String(cString: context)
      fault.contextLine = Int(unsafe parser.context_mark.line) + 1
      fault.contextColumn = Int(unsafe parser.context_mark.column) + 1
    }
    if unsafe parser.error == YAML_READER_ERROR {
      // The reader knows only the offset of the byte.
      let before = bytes.prefix(Int(unsafe parser.problem_offset))
      fault.line = before.count { $0 == UInt8(ascii: "\n") } + 1
      let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      fault.column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    } else {
      let mark = unsafe parser.problem_mark
      fault.line = Int(mark.line) + 1
      fault.column = Int(mark.column) + 1
    }
    return fault
  }
}
