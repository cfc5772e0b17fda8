/// Reads the YAML documents of a file into nodes: follows aliases and merge keys, and refuses what
/// would expand without bound.
struct NodeReader {
  /// How many nodes may come from following aliases.
  static let aliasBudget = 250_000
  /// How many nodes may be written.
  static let nodeBudget = 3_000_000
  /// How deep maps and lists may be nested.
  static let depthBudget = 100
  /// How many bytes a file may have.
  static let byteBudget = 64 << 20

  /// A finished node with what it costs where it is used again.
  private struct Built {
    var node: Node
    var weight: Int
    var height: Int
  }

  /// A map or list that is being read.
  private struct Frame {
    var isMap: Bool
    var at: Position
    var anchor: String?
    var mark: Node.Mark?
    var items: [Node] = []
    var pairs: [Node.Pair] = []
    var keys: [String: Position] = [:]
    /// The key whose value comes next; nil where a key comes next.
    var key: (text: String, at: Position)?
    /// Whether the pending key is a merge key, or one that is refused and whose value is dropped.
    var keyUse = KeyUse.ordinary
    var merged: [Node] = []
    var weight = 1
    var height = 1
  }
  private enum KeyUse { case ordinary, merge, dropped }

  private let file: Int
  private var frames: [Frame] = []
  private var anchors: [String: Built] = [:]
  private var written = 0
  private var copied = 0
  private var roots: [Node] = []
  private var isStopped = false

  private init(file: Int) { self.file = file }

  /// The root of each document; nil where the text cannot be used, which `findings` then says.
  static func read(_ bytes: [UInt8], file: Int, findings: inout Findings) -> [Node]? {
    let start = Position(file: file, line: 1, column: 1)
    guard bytes.count <= byteBudget else {
      findings.error(start, "the file is larger than \(byteBudget >> 20) MiB")
      return nil
    }
    var reader = NodeReader(file: file)
    do throws(YAMLFault) {
      try YAMLEvents.read(bytes) { event in
        reader.take(event, &findings)
        return !reader.isStopped
      }
    } catch {
      var texts = SourceTexts()
      texts.add(bytes, as: "")
      let line = texts.line(error.line, of: "") ?? ""
      let above = texts.line(error.line - 1, of: "") ?? ""
      let problem = YAMLProblems.explain(error, line: line, above: above)
      // What is not closed is best shown where it begins.
      let place = problem.isAtContext ? (error.contextLine, error.contextColumn) : (error.line, error.column)
      findings.error(
        Position(file: file, line: place.0, column: place.1), problem.message, fix: problem.fix)
      return nil
    }
    if reader.isStopped { return nil }
    let roots = reader.roots.filter { !$0.isNull }
    guard !roots.isEmpty else {
      findings.error(start, "the file is empty", fix: "declare at least one service under 'services:'")
      return nil
    }
    return roots
  }

  private mutating func take(_ event: YAMLEvent, _ findings: inout Findings) {
    let at = Position(file: file, line: event.line, column: event.column)
    if let tag = event.tag, !accepts(tag, on: event.kind) {
      let name = tag.hasPrefix("tag:yaml.org,2002:") ? "!!" + tag.dropFirst(18) : tag
      let near = nearest(to: name, among: ["!reset", "!override"]).map { "did you mean '\($0)'?" }
      findings.error(at, "the tag \(quoted(name)) is not supported", fix: near ?? "remove it")
    }
    let mark: Node.Mark? = event.tag == "!reset" ? .reset : event.tag == "!override" ? .override : nil
    switch event.kind {
    case .documentStart: anchors = [:]
    case .scalar(let text, let isPlain):
      let isString = !isPlain || event.tag == "tag:yaml.org,2002:str"
      let scalar = isString ? .string(text) : PlainScalars.resolve(text)
      var node = Node(.scalar(scalar), at: at, written: scalar == .string(text) ? nil : text)
      node.mark = mark
      finish(
        Built(node: node, weight: 1, height: 1), anchor: event.anchor, written: isPlain ? text : nil,
        &findings)
    case .alias(let name): follow(name, at, &findings)
    case .listStart: open(isMap: false, at, event.anchor, mark, &findings)
    case .mapStart: open(isMap: true, at, event.anchor, mark, &findings)
    case .listEnd, .mapEnd:
      guard let frame = frames.popLast() else { return }
      let content: Node.Content = frame.isMap ? .map(merge(frame)) : .list(frame.items)
      var node = Node(content, at: frame.at)
      node.mark = frame.mark
      finish(
        Built(node: node, weight: frame.weight, height: frame.height), anchor: frame.anchor, written: nil,
        &findings)
    }
  }

  private func accepts(_ tag: String, on kind: YAMLEvent.Kind) -> Bool {
    if tag == "!reset" || tag == "!override" { return true }
    return switch kind {
    case .scalar: tag == "tag:yaml.org,2002:str"
    case .listStart: tag == "tag:yaml.org,2002:seq"
    case .mapStart: tag == "tag:yaml.org,2002:map"
    default: true
    }
  }

  private mutating func stop(
    _ at: Position, _ message: String, fix: String?, _ findings: inout Findings
  ) {
    findings.error(at, message, fix: fix)
    isStopped = true
  }

  private mutating func open(
    isMap: Bool, _ at: Position, _ anchor: String?, _ mark: Node.Mark?, _ findings: inout Findings
  ) {
    if let frame = frames.last, frame.isMap, frame.key == nil {
      return stop(
        at, "a key must be a string, not a \(isMap ? "map" : "list")",
        fix: isMap ? "to use a variable here, quote it: \"${NAME}\"" : "quote it", &findings)
    }
    guard frames.count < NodeReader.depthBudget else { return tooDeep(at, &findings) }
    frames.append(Frame(isMap: isMap, at: at, anchor: anchor, mark: mark))
  }

  private mutating func tooDeep(_ at: Position, _ findings: inout Findings) {
    stop(at, "maps and lists are nested more than \(NodeReader.depthBudget) deep", fix: nil, &findings)
  }

  private mutating func follow(_ name: String, _ at: Position, _ findings: inout Findings) {
    guard let target = anchors[name] else {
      if frames.contains(where: { $0.anchor == name }) {
        return stop(
          at, "the alias '*\(name)' stands inside the value that it names",
          fix: "a value cannot contain itself", &findings)
      }
      let near = nearest(to: name, among: anchors.keys).map { "did you mean '*\($0)'?" }
      return stop(
        at, "the anchor '&\(name)' is not defined before this line",
        fix: near ?? "mark the value that is meant with '&\(name)'", &findings)
    }
    guard frames.count + target.height <= NodeReader.depthBudget else { return tooDeep(at, &findings) }
    finish(target, anchor: nil, written: nil, &findings, keyAt: at)
  }

  /// Puts a finished node where it belongs: root, entry of a list, key or value of a map.
  private mutating func finish(
    _ built: Built, anchor: String?, written: String?, _ findings: inout Findings,
    keyAt: Position? = nil
  ) {
    if let anchor { anchors[anchor] = built }
    if keyAt == nil { self.written += 1 } else { copied += built.weight }
    guard copied <= NodeReader.aliasBudget else {
      return stop(
        keyAt ?? built.node.at,
        "the aliases of the file stand for more than \(NodeReader.aliasBudget) values",
        fix: "aliases of aliases multiply: use fewer", &findings)
    }
    guard self.written <= NodeReader.nodeBudget else {
      return stop(
        built.node.at, "the file has more than \(NodeReader.nodeBudget) values", fix: "divide it", &findings)
    }
    guard !frames.isEmpty else {
      roots.append(built.node)
      return
    }
    let top = frames.count - 1
    if frames[top].isMap, frames[top].key == nil {
      return takeKey(built.node, at: keyAt ?? built.node.at, written: written, &findings)
    }
    frames[top].weight += built.weight
    frames[top].height = max(frames[top].height, built.height + 1)
    guard let key = frames[top].key else {
      frames[top].items.append(built.node)
      return
    }
    frames[top].key = nil
    switch frames[top].keyUse {
    case .dropped: break
    case .merge: takeMerge(built.node, at: keyAt ?? built.node.at, &findings)
    case .ordinary: frames[top].pairs.append(Node.Pair(key.text, built.node, at: key.at))
    }
  }

  private mutating func takeKey(
    _ node: Node, at: Position, written: String?, _ findings: inout Findings
  ) {
    let top = frames.count - 1
    var use = KeyUse.ordinary
    let text: String
    if written == "<<" {
      text = "<<"
      use = .merge
    } else if let string = node.string {
      text = string
    } else {
      text = written ?? node.scalar?.asText ?? ""
      findings.error(at, "a key must be a string, not \(node.kind)", fix: "quote it: \"\(text)\"")
      use = .dropped
    }
    if let earlier = frames[top].keys[text] {
      let fix = use == .merge ? "merge both with one list: '<<: [*A, *B]'" : "keep one of the two"
      findings.error(at, "the key \(quoted(text)) is already given in line \(earlier.line)", fix: fix)
      use = .dropped
    }
    frames[top].keys[text] = at
    frames[top].key = (text, at)
    frames[top].keyUse = use
  }

  private mutating func takeMerge(_ node: Node, at: Position, _ findings: inout Findings) {
    let sources = if case .list(let items) = node.content { items } else { [node] }
    for source in sources {
      guard case .map = source.content else {
        findings.error(
          at, "'<<' can merge only maps, not \(source.kind)",
          fix: "give the alias of a map, or a list of such aliases")
        return
      }
    }
    frames[frames.count - 1].merged += sources
  }

  /// The map's own pairs, then those of the merged maps whose keys are not there yet.
  private func merge(_ frame: Frame) -> [Node.Pair] {
    guard !frame.merged.isEmpty else { return frame.pairs }
    var pairs = frame.pairs
    var keys = Set(pairs.map(\.key))
    for source in frame.merged {
      for pair in source.pairs where keys.insert(pair.key).inserted { pairs.append(pair) }
    }
    return pairs
  }
}
