extension Forms {
  /// Every key that a service of the Compose Specification may have.
  static let service = Table(
    name: "a service", rows: serviceRows, keepsExtensions: true,
    elsewhere: { key in topRows[key] == nil ? nil : "at the top level of the file" })

  static let serviceRows: [String: Attribute] = [
    // What runs.
    "image": .form(filledText),
    "command": .form(command),
    "entrypoint": .form(command),
    "environment": .form(pairs(nullIsEmpty: false)),
    "env_file": .form(envFile),
    "user": .form(optionalText),
    "working_dir": .form(optionalText),
    "hostname": .form(optionalText),
    "container_name": .form(containerName),
    "labels": .form(pairs(nullIsEmpty: true)),
    "tty": .form(flag(keepsFalse: false)),
    "stdin_open": .form(flag(keepsFalse: false)),
    "init": .form(flag(keepsFalse: true)),
    "stop_signal": .form(optionalText),
    "stop_grace_period": .form(duration),

    // What it reaches and what reaches it.
    "ports": .form(ports),
    "expose": .form(list(of: exposed)),
    "networks": .form(serviceNetworks),
    "volumes": .form(volumes),
    "tmpfs": .form(list(of: filledText, orOne: true)),

    // What it may do and use.
    "cap_add": .form(list(of: filledText)),
    "cap_drop": .form(list(of: filledText)),
    "privileged": .form(flag(keepsFalse: false)),
    "read_only": .form(flag(keepsFalse: false)),
    "security_opt": .form(list(of: securityOption)),
    "ulimits": .form(ulimits),
    "cpus": .form(cpus),
    "mem_limit": .form(bytes(allowsUnlimited: true)),
    "mem_reservation": .form(bytes()),
    "pids_limit": .form(integer(atLeast: -1, omitted: 0)),

    // When and how often.
    "depends_on": .form(dependsOn),
    "healthcheck": .form(object({ healthcheck })),
    "restart": .form(restart),
    "deploy": .form(object({ deploy }, isNullable: true)),
    "scale": .form(integer(atLeast: 0, atMost: 10_000)),
    "profiles": .form(list(of: profile)),

    // Not yet.
    "build": .refused("build the image first and name it with 'image'"),
    "links": .refused("services of one network reach each other by name"),
    "network_mode": .refused("use 'networks'"),
    "secrets": .refused("mount a file with 'volumes'"),
    "configs": .refused("mount a file with 'volumes'"),
    "extends": .refused("use a YAML anchor and '<<'"),
    "label_file": .refused("use 'labels'"),
    "annotations": .refused, "attach": .refused, "blkio_config": .refused, "cgroup": .refused,
    "cgroup_parent": .refused, "cpu_count": .refused("use 'cpus'"), "cpu_percent": .refused("use 'cpus'"),
    "cpu_period": .refused("use 'cpus'"), "cpu_quota": .refused("use 'cpus'"), "cpu_rt_period": .refused,
    "cpu_rt_runtime": .refused, "cpu_shares": .refused, "cpuset": .refused, "credential_spec": .refused,
    "develop": .refused, "device_cgroup_rules": .refused, "devices": .refused, "dns": .refused,
    "dns_opt": .refused, "dns_search": .refused, "domainname": .refused, "external_links": .refused,
    "extra_hosts": .refused, "gpus": .refused, "group_add": .refused, "ipc": .refused,
    "isolation": .refused, "logging": .refused, "mac_address": .refused, "mem_swappiness": .refused,
    "memswap_limit": .refused, "models": .refused, "oom_kill_disable": .refused,
    "oom_score_adj": .refused, "pid": .refused, "platform": .refused, "post_start": .refused,
    "pre_start": .refused, "pre_stop": .refused, "provider": .refused, "pull_policy": .refused,
    "pull_refresh_after": .refused, "runtime": .refused, "shm_size": .refused, "storage_opt": .refused,
    "sysctls": .refused, "use_api_socket": .refused, "userns_mode": .refused, "uts": .refused,
    "volumes_from": .refused("name the volumes under 'volumes'"),
  ]

  static let healthcheck = Table(
    name: "'healthcheck'",
    rows: [
      "test": .form(healthTest),
      "interval": .form(duration),
      "timeout": .form(duration),
      "retries": .form(integer(atLeast: 0, atMost: 1_000_000)),
      "start_period": .form(duration),
      "start_interval": .form(duration),
      "disable": .form(flag(keepsFalse: false)),
    ])

  static let deploy = Table(
    name: "'deploy'",
    rows: [
      "mode": .form(only("replicated")),
      "replicas": .form(integer(atLeast: 0, atMost: 10_000)),
      "resources": .form(object({ resources })),
      "restart_policy": .form(object({ restartPolicy })),
      "endpoint_mode": .refused, "labels": .refused("use the service's own 'labels'"),
      "placement": .refused, "rollback_config": .refused, "update_config": .refused,
    ])

  private static let resources = Table(
    name: "'resources'",
    rows: ["limits": .form(object({ limits })), "reservations": .form(object({ reservations }))])

  private static let limits = Table(
    name: "'limits'",
    rows: [
      "cpus": .form(cpus), "memory": .form(bytes(isText: true)),
      "pids": .form(integer(atLeast: -1, omitted: 0)),
    ])

  private static let reservations = Table(
    name: "'reservations'",
    rows: [
      "cpus": .form(cpus), "memory": .form(bytes(isText: true)), "devices": .refused,
      "generic_resources": .refused,
    ])

  private static let restartPolicy = Table(
    name: "'restart_policy'",
    rows: [
      "condition": .form(word(["none", "on-failure", "any"])),
      "max_attempts": .form(integer(atLeast: 0, atMost: 1_000_000)),
      "delay": .refused, "window": .refused,
    ])
}
