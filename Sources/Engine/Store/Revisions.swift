internal import EngineInterface
internal import FoundationEssentials
internal import GRDB
internal import Stacks

/// What was declared of each stack, one row a change, as long as the stack is kept.
enum Revisions {
  /// How many are kept of a stack.
  static let limit = 100

  static let migration = """
    CREATE TABLE revision (
      stack TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
      user TEXT NOT NULL, command TEXT NOT NULL, declared TEXT NOT NULL,
      PRIMARY KEY (stack, number)
    );
    """

  /// Adds a row where the stack declares something else than the last one does.
  static func add(_ stack: Stack, _ by: Requester, _ now: Moment, _ db: Database) throws {
    let declared = try StoredText.write(stack.declaration)
    let last = try Row.fetchOne(
      db, sql: "SELECT number, declared FROM revision WHERE stack = ? ORDER BY number DESC LIMIT 1",
      arguments: [stack.name])
    if last?["declared"] == declared { return }
    let number = (last?["number"] ?? 0) + 1
    try db.execute(
      sql: "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [stack.name, number, now.nanoseconds, by.user, by.command, declared])
    try db.execute(
      sql: "DELETE FROM revision WHERE stack = ? AND number <= ?", arguments: [stack.name, number - limit])
  }

  /// Every row of a stack, oldest first.
  static func all(of stack: String, _ db: Database) throws -> [(revision: Revision, stack: Stack)] {
    var found: [(revision: Revision, stack: Stack)] = []
    let rows = try Row.fetchAll(
      db, sql: "SELECT * FROM revision WHERE stack = ? ORDER BY number", arguments: [stack])
    for row in rows {
      let declared = try StoredText.read(Stack.self, row["declared"])
      let before = found.last?.stack ?? Stack(name: stack)
      let revision = Revision(
        number: row["number"], at: Moment(nanoseconds: row["at"]),
        by: Requester(user: row["user"], command: row["command"]), changes: before.changes(to: declared))
      found.append((revision, declared))
    }
    return found
  }
}

/// Values as the store keeps them: JSON with sorted keys, so that equal values are equal texts.
enum StoredText {
  static func write(_ value: some Encodable) throws -> String {
    String(decoding: try bytes(value), as: UTF8.self)
  }

  /// Equal values give equal bytes.
  static func bytes(_ value: some Encodable, _ userInfo: [CodingUserInfoKey: any Sendable] = [:]) throws
    -> Data
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.userInfo = userInfo
    return try encoder.encode(value)
  }

  static func read<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}
