extension Forms {
  static let deploy = Table(
    name: "'deploy'",
    rows: [
      "mode": Attribute(text, .only(["replicated", "global", "replicated-job", "global-job"])),
      "replicas": Attribute(integer(0, 10_000), .works, dropsZero: false),
      "labels": Attribute(
        pairs(nullIsEmpty: true),
        .noEffect("they are for a swarm; a container has the service's own")),
      "endpoint_mode": Attribute(
        text, .noEffect("a name leads to each replica, and a published port is spread over them")),
      "resources": Attribute(object({ resources }), .works),
      "restart_policy": Attribute(object({ restartPolicy }), .works, dropsZero: false),
      "placement": Attribute(object({ placement }), .works),
      "rollback_config": Attribute(object({ updateConfig }), .works, dropsZero: false),
      "update_config": Attribute(object({ updateConfig }), .works, dropsZero: false),
    ])

  static let resources = Table(
    name: "'resources'",
    rows: [
      "limits": Attribute(object({ limits }), .works, dropsZero: false),
      "reservations": Attribute(object({ reservations }), .works, dropsZero: false),
    ])

  static let limits = Table(
    name: "'limits'",
    rows: [
      "cpus": Attribute(cpus, .works), "memory": Attribute(bytes(isText: true), .works),
      "pids": Attribute(integer(-1), .works),
    ])

  static let reservations = Table(
    name: "'reservations'",
    rows: [
      "cpus": Attribute(cpus, .works), "memory": Attribute(bytes(isText: true), .works),
      "devices": Attribute(
        list(of: object({ deviceRequestTable(isGPU: false) })),
        .refused("pass the device nodes with 'devices' of the service: there are no GPU drivers here")),
      "generic_resources": Attribute(
        list(of: object({ genericResource })), .refused("it is for a swarm of several machines")),
    ])

  static let genericResource = Table(
    name: "an entry of 'generic_resources'",
    rows: ["discrete_resource_spec": Attribute(object({ discreteResource }), .works)])

  static let discreteResource = Table(
    name: "'discrete_resource_spec'",
    rows: [
      "kind": Attribute(text, .works, dropsZero: false),
      "value": Attribute(integer(), .works, dropsZero: false),
    ])

  static let restartPolicy = Table(
    name: "'restart_policy'",
    rows: [
      "condition": Attribute(text, .only(["none", "on-failure", "any"])),
      "max_attempts": Attribute(integer(0, 1_000_000), .works, dropsZero: false),
      "delay": Attribute(duration, .works, dropsZero: false),
      "window": Attribute(duration, .works, dropsZero: false),
    ])

  static let updateConfig = Table(
    name: "'update_config'",
    rows: [
      "parallelism": Attribute(integer(), .works, dropsZero: false),
      "delay": Attribute(duration, .works),
      "failure_action": Attribute(text, .only(["pause", "continue", "rollback"])),
      "monitor": Attribute(duration, .works),
      "max_failure_ratio": Attribute(ratio, .works),
      "order": Attribute(word("start-first", "stop-first"), .works),
    ])

  static let placement = Table(
    name: "'placement'",
    rows: [
      "constraints": Attribute(list(of: text), .works),
      "preferences": Attribute(list(of: object({ preference })), .noEffect("there is one machine")),
      "max_replicas_per_node": Attribute(integer(), .works),
    ])

  static let preference = Table(name: "an entry of 'preferences'", rows: ["spread": Attribute(text, .works)])
}
