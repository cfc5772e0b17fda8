package import EngineInterface
internal import GRDB
package import Stacks

/// What is wanted of every stack, kept in SQLite so that no crash loses it.
package struct DesiredStore: Sendable {
  private let database: DatabasePool
  private let texts = StackTexts()

  /// One kept stack.
  package struct Entry: Sendable {
    package var stack: Stack
    /// What it was before: it says in which order services that are gone are stopped. nil: nothing.
    package var previous: Stack?
    /// Grows by one with every change of any stack.
    package var revision: Int64
    /// Set once the stack is being taken down: what to remove besides its containers and networks.
    package var leaving: Leaving?
  }

  /// How a stack is taken down.
  package struct Leaving: Codable, Hashable, Sendable {
    package var removesVolumes: Bool
    /// Replaces the grace periods, in nanoseconds; nil: the services' own.
    package var timeout: Span?

    package init(removesVolumes: Bool, timeout: Span? = nil) {
      self.removesVolumes = removesVolumes
      self.timeout = timeout
    }
  }

  /// Opens the database at `path`, making it where it is missing.
  package init(path: String) throws(EngineError) {
    do {
      var configuration = Configuration()
      configuration.maximumReaderCount = 2
      configuration.prepareDatabase { db in
        try db.execute(sql: "PRAGMA synchronous = NORMAL")
        try db.execute(sql: "PRAGMA cache_size = -512")
      }
      database = try DatabasePool(path: path, configuration: configuration)
      var migrator = DatabaseMigrator()
      migrator.registerMigration("stacks") { db in
        try db.execute(
          sql: """
            CREATE TABLE stack (
              name TEXT PRIMARY KEY NOT NULL,
              revision INTEGER NOT NULL,
              declared TEXT NOT NULL,
              previous TEXT,
              leaving TEXT
            );
            CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 0), value INTEGER NOT NULL);
            INSERT INTO counter VALUES (0, 0);
            """)
      }
      migrator.registerMigration("revisions") { db in try db.execute(sql: Revisions.migration) }
      try migrator.migrate(database)
    } catch {
      throw EngineError(
        .failed,
        "open the database \(path): \(error) (is the data root writable, on a disk that is not full?)")
    }
  }

  package func all() throws(EngineError) -> [Entry] {
    try attempt("read the kept stacks") {
      try database.read { db in
        try Row.fetchAll(db, sql: "SELECT * FROM stack ORDER BY name").map(entry)
      }
    }
  }

  /// nil where no stack of that name is kept.
  package func entry(_ name: String) throws(EngineError) -> Entry? {
    try attempt("read the stack \(name)") {
      try database.read { db in
        try Row.fetchOne(db, sql: "SELECT * FROM stack WHERE name = ?", arguments: [name])
          .map(entry)
      }
    }
  }

  /// Keeps the stack in place of what was kept under its name; returns the number of the change. Where
  /// it declares something new, that is a revision of its own: `by` whom, and when.
  @discardableResult
  package func save(
    _ stack: Stack, leaving: Leaving? = nil, by requester: Requester = .current, at now: Moment
  ) throws(EngineError) -> Int64 {
    try attempt("keep the stack \(stack.name)") {
      let declared = try StoredText.write(stack)
      let mark = try leaving.map { try StoredText.write($0) }
      return try database.write { db in
        try db.execute(sql: "UPDATE counter SET value = value + 1")
        let revision = try Int64.fetchOne(db, sql: "SELECT value FROM counter") ?? 0
        try db.execute(
          sql: """
            INSERT INTO stack (name, revision, declared, leaving) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (name) DO UPDATE SET
              revision = ?2, leaving = ?4, declared = ?3,
              previous = CASE WHEN declared = ?3 THEN previous ELSE declared END
            """,
          arguments: [stack.name, revision, declared, mark])
        if leaving == nil { try Revisions.add(stack, requester, now, db) }
        return revision
      }
    }
  }

  /// Keeps `stack` in place of what `entry` is; false where that has been changed meanwhile, and nothing
  /// was done.
  package func replace(
    _ entry: Entry, with stack: Stack, by requester: Requester, at now: Moment
  ) throws(EngineError) -> Bool {
    try attempt("keep the stack \(stack.name)") {
      let declared = try StoredText.write(stack)
      return try database.write { db in
        try db.execute(
          sql: "UPDATE stack SET declared = ?1 WHERE name = ?2 AND revision = ?3 AND leaving IS NULL",
          arguments: [declared, entry.stack.name, entry.revision])
        guard db.changesCount > 0 else { return false }
        try Revisions.add(stack, requester, now, db)
        return true
      }
    }
  }

  /// What was declared of a stack over time, oldest first.
  package func revisions(of name: String) throws(EngineError) -> [(revision: Revision, stack: Stack)] {
    try attempt("read the history of the stack \(name)") {
      try database.read { db in try Revisions.all(of: name, db) }
    }
  }

  package func forget(_ name: String) throws(EngineError) {
    try attempt("forget the stack \(name)") {
      try database.write { db in
        try db.execute(sql: "DELETE FROM stack WHERE name = ?", arguments: [name])
        try db.execute(sql: "DELETE FROM revision WHERE stack = ?", arguments: [name])
      }
    }
  }

  private func entry(_ row: Row) throws -> Entry {
    let declared: String = row["declared"]
    let leaving: String? = row["leaving"]
    let previous: String? = row["previous"]
    return Entry(
      stack: try texts.read(declared),
      previous: try previous.map { try texts.read($0) },
      revision: row["revision"],
      leaving: try leaving.map { try StoredText.read(Leaving.self, $0) })
  }

  private func attempt<T>(_ what: String, _ body: () throws -> T) throws(EngineError) -> T {
    do {
      return try body()
    } catch {
      throw EngineError(.failed, "\(what): \(error)")
    }
  }
}
