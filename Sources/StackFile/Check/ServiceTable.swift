extension Forms {
  /// Every key that a service of the Compose Specification may have.
  static let service = Table(
    name: "a service", rows: containerRows.merging(workloadRows) { $1 }.merging(serviceRows) { $1 },
    complete: Complete.workload,
    elsewhere: { key in topRows[key] == nil ? nil : "at the top level of the file" })

  /// What a container is: for services, jobs and `pre_start`.
  static let containerRows: [String: Attribute] = [
    // What runs.
    "image": Attribute(filledText, .works),
    "command": Attribute(command, .works, merge: .replace, dropsZero: false),
    "entrypoint": Attribute(command, .works, merge: .replace, dropsZero: false),
    "environment": Attribute(pairs(nullIsEmpty: false), .works, merge: .overlay),
    "env_file": Attribute(envFile, .works, merge: .list { $0["path"]?.string ?? "" }),
    "user": Attribute(text, .works),
    "group_add": Attribute(list(of: textOrNumber, areDistinct: true), .works),
    "working_dir": Attribute(text, .works),
    "hostname": Attribute(text, .works),
    "domainname": Attribute(text, .works),
    "labels": Attribute(pairs(nullIsEmpty: true), .works),
    "label_file": Attribute(list(of: path, orOne: true), .works, merge: .texts),
    "annotations": Attribute(pairs(nullIsEmpty: true), .works),
    "init": Attribute(flag, .works, dropsZero: false),
    "stop_signal": Attribute(text, .works),
    "stop_grace_period": Attribute(duration, .works, dropsZero: false),
    "platform": Attribute(text, .works),
    "pull_policy": Attribute(pullPolicy, .only(["missing", "never"])),
    "pull_refresh_after": Attribute(refreshTime, .refused("images are imported, not pulled")),
    "runtime": Attribute(text, .refused("cairn is the runtime")),
    "isolation": Attribute(text, .refused("it is for Windows")),
    "storage_opt": Attribute(
      options, .refused("a writable layer has no size of its own; write to a 'tmpfs' with a size")),
    "logging": Attribute(object({ logging }), .works, merge: loggingMerge, dropsZero: false),

    // What it reaches.
    "networks": Attribute(named("networks", { attachmentTable }), .works),
    "network_mode": Attribute(text, .works),
    "mac_address": Attribute(text, .works),
    "dns": Attribute(list(of: text, orOne: true), .works, merge: .names),
    "dns_opt": Attribute(list(of: text), .works, merge: .names),
    "dns_search": Attribute(list(of: text, orOne: true), .works, merge: .names),
    "extra_hosts": Attribute(extraHosts, .works, merge: hostsMerge),
    "volumes": Attribute(volumes, .works, merge: .targets),
    "volumes_from": Attribute(
      list(of: text, areDistinct: true), .works),
    "tmpfs": Attribute(list(of: filledText, orOne: true), .works, merge: .names),
    "configs": Attribute(
      fileReferences, .works, merge: mountIdentity(in: "")),
    "secrets": Attribute(
      fileReferences, .works, merge: mountIdentity(in: "/run/secrets")),
    "models": Attribute(
      named("models", { modelReference }),
      .refused("there is no model runner here: run the model in a service of its own")),
    "use_api_socket": Attribute(
      flag, .refused("mount the engine's socket: '/run/cairn/cairn.sock:/var/run/docker.sock'")),
    "shm_size": Attribute(bytes(), .works),

    // What it may do and use.
    "cap_add": Attribute(list(of: filledText), .works, merge: .names),
    "cap_drop": Attribute(list(of: filledText), .works, merge: .names),
    "privileged": Attribute(flag, .works),
    "read_only": Attribute(flag, .works),
    "security_opt": Attribute(list(of: text, areDistinct: true), .works),
    "sysctls": Attribute(pairs(nullIsEmpty: true), .works),
    "ulimits": Attribute(ulimits, .works),
    "devices": Attribute(devices, .works, merge: .targets),
    "device_cgroup_rules": Attribute(list(of: text), .works),
    "gpus": Attribute(gpus, .refused("pass the device nodes with 'devices': there are no GPU drivers here")),
    "credential_spec": Attribute(object({ credentialSpec }), .refused("it is for Windows"), dropsZero: false),
    "cgroup": Attribute(word("host", "private"), .works),
    "cgroup_parent": Attribute(text, .works),
    "ipc": Attribute(text, .works),
    "pid": Attribute(Form(.either([.string, .null])) { $0.isNull ? $0 : text($0, $1, &$2) }, .works),
    "uts": Attribute(text, .works),
    "userns_mode": Attribute(text, .only(["host"])),

    // How much.
    "cpus": Attribute(cpus, .works),
    "cpuset": Attribute(text, .works),
    "cpu_shares": Attribute(integer(), .works),
    "cpu_count": Attribute(integer(), .refused("use 'cpus'")),
    "cpu_percent": Attribute(integer(0, 100), .refused("use 'cpus'")),
    "cpu_period": Attribute(integer(), .works),
    "cpu_quota": Attribute(integer(.min), .works),
    "cpu_rt_period": Attribute(
      integer(), .refused("cgroup version 2 has no real-time share; use 'cpu_shares'")),
    "cpu_rt_runtime": Attribute(
      integer(.min), .refused("cgroup version 2 has no real-time share; use 'cpu_shares'")),
    "mem_limit": Attribute(bytes(allowsUnlimited: true), .works),
    "mem_reservation": Attribute(bytes(), .works),
    "memswap_limit": Attribute(bytes(allowsUnlimited: true), .works),
    "mem_swappiness": Attribute(bytes(allowsUnlimited: true), .works),
    "oom_kill_disable": Attribute(flag, .works),
    "oom_score_adj": Attribute(integer(-1000, 1000), .works),
    "pids_limit": Attribute(integer(-1), .works),
    "blkio_config": Attribute(object({ blkio }), .works, dropsZero: false),
  ]

  /// What a service and a job have beyond that.
  static let workloadRows: [String: Attribute] = [
    "build": Attribute(
      build, .refused("build the image first and name it with 'image'"), dropsZero: false),
    "depends_on": Attribute(dependsOn, .works),
    "healthcheck": Attribute(object({ healthcheck }), .works, dropsZero: false),
    "ports": Attribute(ports, .works, merge: portIdentity),
    "expose": Attribute(list(of: exposed), .works, merge: .texts),
    "stdin_open": Attribute(flag, .works),
    "tty": Attribute(flag, .works),
  ]

  /// What only a service has.
  private static let serviceRows: [String: Attribute] = [
    "deploy": Attribute(object({ deploy }, isNullable: true), .works, dropsZero: false),
    "develop": Attribute(
      object({ develop }, isNullable: true), .noEffect("it is for 'docker compose watch'"), dropsZero: false),
    "profiles": Attribute(list(of: profile), .works, merge: .names),
    "restart": Attribute(restart, .works),
    "scale": Attribute(integer(0, 10_000), .works, dropsZero: false),
    "attach": Attribute(flag, .works, dropsZero: false),
    "container_name": Attribute(containerName, .works),
    "provider": Attribute(
      object({ provider }),
      .refused(
        "no other program is run for a service: start it yourself, and give its address by 'environment'"),
      dropsZero: false),
    "extends": Attribute(extends, .works),
    "links": Attribute(
      list(of: text, areDistinct: true), .works,
      merge: .names),
    "external_links": Attribute(list(of: text, areDistinct: true), .works),
    "pre_start": Attribute(list(of: object({ preStart })), .works),
    "post_start": Attribute(list(of: object({ hook })), .works),
    "pre_stop": Attribute(list(of: object({ hook })), .works),
  ]

  static let preStart = Table(
    name: "an entry of 'pre_start'",
    rows: containerRows.merging(["per_replica": Attribute(flag, .works)]) { $1 }, complete: Complete.hosts)

  /// How the settings of a hook come over those of its service: lists one after the other.
  static let hookSettings = Table(
    name: "an entry of 'pre_start'",
    rows: containerRows.mapValues { row in
      var row = row
      if case .list = row.merge { row.merge = .deep }
      return row
    })

  static let hook = Table(
    name: "a hook",
    rows: [
      "command": Attribute(command, .works, merge: .replace, dropsZero: false),
      "user": Attribute(text, .works),
      "privileged": Attribute(flag, .works),
      "working_dir": Attribute(text, .works),
      "environment": Attribute(pairs(nullIsEmpty: false), .works),
    ], required: ["command": "add 'command: [PROGRAM, …]'"])

  static let healthcheck = Table(
    name: "'healthcheck'",
    rows: [
      "test": Attribute(healthTest, .works, merge: .replace),
      "interval": Attribute(duration, .works, dropsZero: false),
      "timeout": Attribute(duration, .works, dropsZero: false),
      "retries": Attribute(integer(0, 1_000_000), .works, dropsZero: false),
      "start_period": Attribute(duration, .works, dropsZero: false),
      "start_interval": Attribute(duration, .works, dropsZero: false),
      "disable": Attribute(flag, .works),
    ])

  static let logging = Table(
    name: "'logging'",
    rows: [
      "driver": Attribute(text, .only(["json-file", "local", "none"])), "options": Attribute(options, .works),
    ])

  /// Options of two drivers do not mix.
  private static let loggingMerge = Merge.rule { earlier, later in
    let (first, second) = (earlier["driver"], later["driver"])
    if let first, let second, first != second { return later }
    return Merge.apply(earlier, later, shape: .object({ logging }))
  }

  static let credentialSpec = Table(
    name: "'credential_spec'",
    rows: [
      "config": Attribute(text, .works), "file": Attribute(text, .works), "registry": Attribute(text, .works),
    ])

  static let provider = Table(
    name: "'provider'",
    rows: [
      "type": Attribute(text, .works),
      "options": Attribute(providerOptions, .works),
    ], required: ["type": "add 'type: NAME'"])

  /// Texts, numbers and booleans, or lists of them; in canonical form lists of texts.
  private static let providerOptions: Form = {
    let scalar = Shape.either([.string, .number, .boolean])
    return map(
      of: Form(.either([.list(scalar), scalar])) { node, place, check in
        let values = if case .list(let items) = node.content { items } else { [node] }
        var texts: [Node] = []
        for value in values {
          guard let text = value.scalar?.asText else {
            return check.expected("a string, a number, true, false or a list of them", node, place)
          }
          texts.append(Node(text, at: value.at))
        }
        return Node(.list(texts), at: node.at)
      })
  }()

  static let modelReference = Table(
    name: "a service's model",
    rows: ["endpoint_var": Attribute(text, .works), "model_var": Attribute(text, .works)])

  static let blkio = Table(
    name: "'blkio_config'",
    rows: [
      "weight": Attribute(integer(0, 65535), .works),
      "weight_device": Attribute(list(of: object({ blkioWeight })), .works),
      "device_read_bps": Attribute(list(of: object({ blkioRate })), .works),
      "device_read_iops": Attribute(list(of: object({ blkioRate })), .works),
      "device_write_bps": Attribute(list(of: object({ blkioRate })), .works),
      "device_write_iops": Attribute(list(of: object({ blkioRate })), .works),
    ])

  static let blkioWeight = Table(
    name: "a weight of a device",
    rows: [
      "path": Attribute(text, .works, dropsZero: false),
      "weight": Attribute(integer(0, 65535), .works, dropsZero: false),
    ])

  static let blkioRate = Table(
    name: "a rate of a device",
    rows: [
      "path": Attribute(text, .works, dropsZero: false), "rate": Attribute(bytes(), .works, dropsZero: false),
    ])

  static let develop = Table(
    name: "'develop'", rows: ["watch": Attribute(list(of: object({ watch })), .works)])

  static let watch = Table(
    name: "an entry of 'watch'",
    rows: [
      "path": Attribute(path, .works),
      "action": Attribute(word("rebuild", "sync", "restart", "sync+restart", "sync+exec"), .works),
      "target": Attribute(text, .works),
      "ignore": Attribute(list(of: text, orOne: true), .works),
      "include": Attribute(list(of: text, orOne: true), .works),
      "exec": Attribute(object({ hook }), .works),
      "initial_sync": Attribute(flag, .works),
    ], required: ["path": "add 'path: DIRECTORY'", "action": "add such as 'action: sync'"])
}
