extension Forms {
  /// Every key that the top level of a file of the Compose Specification may have.
  static let top = Table(
    name: "the file", rows: topRows,
    elsewhere: { key in service.rows[key] == nil ? nil : "into a service, under 'services: NAME:'" })

  static let topRows: [String: Attribute] = [
    "name": Attribute(text, .works),
    "version": Attribute(Form(.any) { node, _, _ in node }, .obsolete),
    "include": Attribute(includes, .works),
    "services": Attribute(map(of: object({ service }), keys: .resource), .works, dropsZero: false),
    "networks": Attribute(map(of: object({ network }, isNullable: true), keys: .resource), .works),
    "volumes": Attribute(map(of: object({ volume }, isNullable: true), keys: .resource), .works),
    "configs": Attribute(
      map(of: object({ config }), keys: .resource), .works),
    "secrets": Attribute(
      map(of: object({ secret }), keys: .resource), .works),
    "models": Attribute(
      map(of: object({ model }), keys: .resource),
      .refused("there is no model runner here: run the model in a service of its own")),
    "jobs": Attribute(map(of: object({ job }), keys: .resource), .works),
  ]

  /// `include`: a list of paths or maps; in canonical form maps with lists.
  private static let includes: Form = list(
    of: Form(.either([.object({ include }), .string])) { node, place, check in
      guard node.string != nil else { return include.check(node, place, &check) }
      guard let path = filledText(node, place, &check) else { return nil }
      return Node(.map([Node.Pair("path", Node(.list([path]), at: node.at))]), at: node.at)
    })

  static let include = Table(
    name: "an entry of 'include'",
    rows: [
      "path": Attribute(list(of: filledText, orOne: true), .works),
      "env_file": Attribute(list(of: filledText, orOne: true), .works, dropsZero: false),
      "project_directory": Attribute(text, .works),
    ], required: ["path": "add 'path: FILE'"])

  static let network = Table(
    name: "a network",
    rows: [
      "name": Attribute(filledText, .works),
      "external": Attribute(external, .works),
      "internal": Attribute(flag, .works),
      "driver": Attribute(text, .only(["bridge"])),
      "driver_opts": Attribute(options, .works),
      "ipam": Attribute(object({ ipam }), .works),
      "labels": Attribute(pairs(nullIsEmpty: true), .works),
      "attachable": Attribute(flag, .noEffect("there is no swarm; every container may be attached")),
      "enable_ipv4": Attribute(flag, .works, dropsZero: false),
      "enable_ipv6": Attribute(flag, .works, dropsZero: false),
    ], complete: Complete.network)

  static let ipam = Table(
    name: "'ipam'",
    rows: [
      "driver": Attribute(text, .only(["default"])),
      "options": Attribute(options, .refused("the default IPAM driver has none")),
      "config": Attribute(list(of: object({ ipamConfig })), .works, merge: ipamMerge),
    ])

  static let ipamConfig = Table(
    name: "an entry of 'config'",
    rows: [
      "subnet": Attribute(text, .works), "gateway": Attribute(text, .works),
      "ip_range": Attribute(text, .works),
      "aux_addresses": Attribute(map(of: text), .works),
    ])

  /// Entries of one subnet become one; others stand side by side.
  private static let ipamMerge = Merge.rule { earlier, later in
    var kept: [Node] = []
    func put(_ entry: Node) {
      if let place = kept.firstIndex(where: { $0["subnet"] == entry["subnet"] }) {
        kept[place] = entry
      } else {
        kept.append(entry)
      }
    }
    for first in earlier.items {
      for second in later.items {
        if first["subnet"] == second["subnet"] {
          put(Merge.apply(first, second, shape: .object({ ipamConfig })))
        } else if !kept.contains(where: { $0["subnet"] == second["subnet"] }) {
          kept.append(second)
        } else {
          put(Merge.apply(first, second, shape: .object({ ipamConfig })))
        }
      }
    }
    return Node(.list(kept), at: later.at)
  }

  static let volume = Table(
    name: "a volume",
    rows: [
      "name": Attribute(filledText, .works),
      "external": Attribute(external, .works),
      "driver": Attribute(text, .only(["local"])),
      "driver_opts": Attribute(options, .works),
      "labels": Attribute(pairs(nullIsEmpty: true), .works),
    ], complete: Complete.volume)

  static let secret = Table(
    name: "a secret",
    rows: fileRows.merging([
      "driver": Attribute(text, .refused("it is for a swarm; use 'file' or 'environment'")),
      "driver_opts": Attribute(options, .refused("it is for a swarm; use 'file' or 'environment'")),
    ]) { $1 }, complete: Complete.source(["file", "environment"]))

  static let config = Table(
    name: "a config", rows: fileRows.merging(["content": Attribute(text, .works)]) { $1 },
    complete: Complete.source(["file", "environment", "content"]))

  private static let fileRows: [String: Attribute] = [
    "name": Attribute(filledText, .works),
    "file": Attribute(path, .works),
    "environment": Attribute(text, .works),
    "external": Attribute(external, .works),
    "labels": Attribute(pairs(nullIsEmpty: true), .works),
    "template_driver": Attribute(
      text, .refused("it is for a swarm; variables of the form '${NAME}' are replaced anyhow")),
  ]

  static let model = Table(
    name: "a model",
    rows: [
      "name": Attribute(text, .works), "model": Attribute(text, .works),
      "context_size": Attribute(integer(), .works),
      "runtime_flags": Attribute(list(of: text), .works),
    ], required: ["model": "add 'model: NAME'"])

  static let job = Table(
    name: "a job",
    rows: containerRows.merging(workloadRows) { $1 }.merging([
      "profiles": Attribute(list(of: profile), .works, merge: .names),
      "triggers": Attribute(object({ triggers }), .works, dropsZero: false),
    ]) { $1 }, required: ["triggers": "add such as 'triggers: {manual: true}'"], complete: Complete.workload)

  static let triggers = Table(
    name: "'triggers'",
    rows: [
      "manual": Attribute(flag, .works),
      "schedule": Attribute(
        list(
          of: Form(.either([.object({ schedule }), .string])) { node, place, check in
            guard node.string != nil else { return schedule.check(node, place, &check) }
            return Node(.map([Node.Pair("cron", node)]), at: node.at)
          }), .works),
    ], complete: Complete.triggers)

  static let schedule = Table(
    name: "an entry of 'schedule'",
    rows: [
      "cron": Attribute(text, .works), "timezone": Attribute(text, .works),
      "concurrency": Attribute(word("forbid", "queue"), .works),
      "missed_fires": Attribute(word("one", "skip"), .works),
    ], required: ["cron": "add such as 'cron: \"0 3 * * *\"'"])

  /// true, false, or the obsolete map with the name, which `Complete` turns into a flag.
  private static let external = Form(
    .either([.boolean, .string, .object({ externalTable })])
  ) { node, place, check in
    guard case .map = node.content else { return flag(node, place, &check) }
    check.warn(
      node.at, "'external' with a name is obsolete", fix: "write 'external: true' and 'name: NAME' beside it")
    return externalTable.check(node, place, &check)
  }

  static let externalTable = Table(name: "'external'", rows: ["name": Attribute(filledText, .works)])
}
