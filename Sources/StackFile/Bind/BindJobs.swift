internal import Stacks

extension Binder {
  /// An entry of `jobs`; nil where it has no usable image.
  mutating func job(_ pair: Node.Pair) -> Job? {
    guard let bound = service(pair) else { return nil }
    var job = Job(template: bound.template, dependencies: bound.dependencies, profiles: bound.profiles)
    for entry in pair.value["triggers"]?["schedule"]?.items ?? [] {
      if let schedule = schedule(entry) { job.schedules.append(schedule) }
    }
    return job
  }

  private mutating func schedule(_ node: Node) -> Schedule? {
    guard let written = node["cron"] else { return nil }
    let zone = timeZone(node["timezone"])
    let cron: Cron
    do throws(ValueError) { cron = try Cron(written.string ?? "") } catch {
      findings.error(
        written.at, "\(quoted(written.string ?? "")) is not a schedule: \(error.reason)",
        fix: "write such as '0 3 * * *' or '@daily'")
      return nil
    }
    // Any moment will do: eight years from it are looked through.
    if cron.next(after: Moment(seconds: 1_700_000_000)) == nil {
      findings.error(
        written.at, "the time \(quoted(cron.text)) never comes", fix: "choose a day that the month has")
      return nil
    }
    var schedule = Schedule(cron: cron, zone: zone ?? .utc)
    if let word = node["concurrency"]?.string.flatMap(Schedule.Concurrency.init) {
      schedule.concurrency = word
    }
    if let word = node["missed_fires"]?.string.flatMap(Schedule.MissedFires.init) {
      schedule.missedFires = word
    }
    return schedule
  }

  /// `timezone`: a name of the IANA's database, as this machine has it; nil where there is none.
  private mutating func timeZone(_ node: Node?) -> TimeZoneRules? {
    guard let node, let name = node.string, !name.isEmpty, name != "UTC" else { return nil }
    // A name, not a path.
    let isName =
      name.utf8.allSatisfy { isAlphanumericByte($0) || "+-_/".utf8.contains($0) } && !name.hasPrefix("/")
    guard isName else {
      findings.error(node.at, "\(quoted(name)) is not a time zone", fix: "write such as Europe/Berlin")
      return nil
    }
    switch access.read("/usr/share/zoneinfo/\(name)") {
    case .success(let bytes):
      if let zone = ZoneFile.read(bytes, name: name) { return zone }
      findings.error(node.at, "the file of the time zone \(quoted(name)) cannot be read: it is not one")
    case .failure:
      findings.error(
        node.at, "the time zone \(quoted(name)) is not known on this machine",
        fix: "write such as Europe/Berlin, or install tzdata")
    }
    return nil
  }
}
