/// Right values of every attribute, short and long forms, as they stand in a file. Wherever a name is
/// needed, `a`, `b` and `n` are declared by `Samples.file`.
enum Samples {
  /// By key of a service.
  static let service: [String: [String]] = [
    "annotations": ["{a: b, c: 1}", "[a=b, d]"],
    "attach": ["false", "\"true\""],
    "blkio_config": [
      "{weight: 300}",
      "{weight_device: [{path: /dev/sda, weight: 400}], device_read_bps: [{path: /dev/sdb, rate: 12mb}]}",
      "{device_read_iops: [{path: /dev/sdb, rate: 120}], device_write_bps: [{path: /dev/sdb, rate: '1024k'}], device_write_iops: [{path: /dev/sdb, rate: 30}]}",
    ],
    "build": [
      ".", "{context: ./dir, dockerfile: D, args: [A=1, B]}", "{dockerfile_inline: \"FROM x\\n\"}",
      "{context: ., args: {A: 1, C: null}, labels: [a=b], tags: [x:1, y], target: t, network: host, no_cache: true, pull: true}",
      "{context: ., cache_from: [a, b], cache_to: [c], platforms: [linux/amd64], shm_size: 64m, extra_hosts: [\"a:1.1.1.1\"], privileged: true}",
      "{context: ., additional_contexts: [r=./r, i=docker-image://x], entitlements: [network.host], ulimits: {nofile: 5}, isolation: default}",
      "{context: ., secrets: [s, {source: t, target: u, uid: '1', gid: '2', mode: 0440}], ssh: [default], provenance: true, sbom: mode, no_cache_filter: a}",
      "{context: \"https://example.com/x.git\", additional_contexts: {s: \"service:b\"}}",
    ],
    "cap_add": ["[NET_ADMIN]", "[SYS_TIME, ALL]"], "cap_drop": ["[ALL]", "[MKNOD, CHOWN]"],
    "cgroup": ["host", "private"], "cgroup_parent": ["m-executor"],
    "command": ["run --all 'a b' \"c\"", "[run, --all]", "[]", "null", "''"],
    "configs": ["[c]", "[{source: c, target: /x, uid: '103', gid: '104', mode: 0440}]", "[d, {source: c}]"],
    "container_name": ["my-web", "web_1.x"],
    "cpu_count": ["2", "'3'"], "cpu_percent": ["50", "'20'"], "cpu_period": ["100000", "'5000'"],
    "cpu_quota": ["50000", "'-1'"], "cpu_rt_period": ["1000", "'400'"], "cpu_rt_runtime": ["950", "'95'"],
    "cpu_shares": ["512", "'73'"], "cpus": ["0.5", "'1.25'", "2", "0"], "cpuset": ["0-3", "'0,1'"],
    "credential_spec": ["{file: my.json}", "{registry: r}", "{config: c}"],
    "depends_on": [
      "[b]", "{b: {condition: service_healthy}}",
      "{b: {condition: service_completed_successfully, restart: true, required: false}}", "[b, n]",
    ],
    "deploy": [
      "{mode: replicated, replicas: 3, endpoint_mode: vip, labels: {a: b}}",
      "{replicas: '2', labels: [a=c, d=e]}",
      "{resources: {limits: {cpus: '0.50', memory: 50M, pids: 1}, reservations: {cpus: 0.25, memory: 20M}}}",
      "{resources: {reservations: {devices: [{capabilities: [gpu], driver: nvidia, count: 2, options: {a: b}}], generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]}}}",
      "{resources: {reservations: {devices: [{capabilities: [gpu], device_ids: ['0', '3']}, {capabilities: [tpu]}]}}}",
      "{restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 120s}}",
      "{update_config: {parallelism: 2, delay: 10s, failure_action: rollback, monitor: 5s, max_failure_ratio: 0.1, order: start-first}}",
      "{rollback_config: {parallelism: 0, delay: 0s, failure_action: pause, monitor: 1m, max_failure_ratio: '0.25', order: stop-first}}",
      "{placement: {constraints: [node.role==manager], preferences: [{spread: node.labels.zone}], max_replicas_per_node: 2}}",
      "{}", "null",
    ],
    "develop": [
      "{watch: [{path: ./src, action: sync, target: /src, ignore: [node_modules/], include: a, initial_sync: true}]}",
      "{watch: [{path: ., action: sync+exec, target: /x, exec: {command: [a, b], user: u, privileged: true, working_dir: /w, environment: [A=1]}}, {path: /abs, action: rebuild, ignore: b}]}",
    ],
    "device_cgroup_rules": ["['c 1:3 mr', 'a 7:* rmw']"],
    "devices": [
      "[\"/dev/ttyUSB0:/dev/ttyUSB1\", /dev/snd]", "[{source: /dev/a, target: /dev/b, permissions: r}]",
      "[\"/dev/sda:/dev/xvda:rw\", \"vendor.com/class=gpu\"]",
    ],
    "dns": ["8.8.8.8", "[8.8.8.8, 9.9.9.9]"], "dns_opt": ["[use-vc, \"no-tld-query\"]", "['ndots:2']"],
    "dns_search": ["example.com", "[dc1.example.com, dc2.example.com]"], "domainname": ["foo.com"],
    "entrypoint": ["/code/entrypoint.sh -p 3000", "[php, -d, vendor/bin/phpunit]", "[]", "null"],
    "env_file": [
      "e1.env", "[e1.env, e2.env]", "[{path: e1.env, required: true}, {path: none.env, required: false}]",
      "[{path: raw.env, format: raw}]",
    ],
    "environment": ["{A: '1', B: 2, C: true, D: null, E: 1.5}", "[A=2, F, G=, H=a=b]"],
    "expose": ["['3000', 8000]", "['4000-4002', '53/udp']"],
    "external_links": ["[redis, \"database:mysql\"]"],
    "extra_hosts": [
      "['somehost=162.242.195.82', 'otherhost:50.31.209.229']", "{v6: '::1', m: [1.1.1.1, 2.2.2.2]}",
      "['myhostv6=[::2]', 'v6:::3']",
    ],
    "gpus": [
      "all", "[{driver: nvidia, count: 2}]", "[{device_ids: ['1'], capabilities: [gpu], options: [a=b]}, {}]",
    ],
    "group_add": ["[mail, 1000]", "['5']"],
    "healthcheck": [
      "{test: [CMD, curl, -f], interval: 1m30s, timeout: 10s, retries: 3, start_period: 40s, start_interval: 5s}",
      "{test: curl -f localhost, retries: '0', interval: 0s}", "{test: [NONE]}", "{disable: true}",
      "{test: [CMD-SHELL, \"a || b\"], disable: 'false'}", "{}",
    ],
    "hostname": ["web.example"], "image": ["redis:5", "ghcr.io/a/b@sha256:0e3b5d1c"],
    "init": ["true", "false", "'true'"], "ipc": ["host", "\"service:b\"", "shareable"],
    "isolation": ["default"],
    "label_file": ["l1.label", "[l1.label, l2.label]"],
    "labels": ["{a: b, c: null, d: 1, e: true}", "[a=z, 'f=g=h', i]"],
    "links": ["[b]", "[\"b:database\", n]"],
    "logging": [
      "{driver: syslog, options: {syslog-address: 'tcp://192.168.0.42:123', n: 1, z: null}}",
      "{driver: json-file, options: {max-size: 10m}}", "{options: {max-file: '3'}}",
    ],
    "mac_address": ["92:d0:c6:0a:29:33"],
    "mem_limit": ["512m", "1073741824", "'-1'", "1.5g"], "mem_reservation": ["64m", "1024"],
    "mem_swappiness": ["60", "'30'"], "memswap_limit": ["1g", "-1"],
    "models": ["[m]", "{m: {endpoint_var: E, model_var: M}}", "{m: null}"],
    "network_mode": ["host", "none", "\"service:b\"", "\"container:x\""],
    "networks": [
      "[n]",
      "{n: null, o: {aliases: [x, y], ipv4_address: 172.16.238.10, ipv6_address: '2001:3984:3989::10'}}",
      "{n: {link_local_ips: [57.123.22.11], mac_address: '02:42:ac:11:65:43', interface_name: eth7, driver_opts: {a: b, c: 1}, priority: 1000, gw_priority: 1}}",
      "{n: {aliases: [z]}}",
    ],
    "oom_kill_disable": ["true", "'false'"], "oom_score_adj": ["-500", "'100'"],
    "pid": ["host", "\"service:b\""], "pids_limit": ["10", "'-1'"],
    "platform": ["linux/arm64/v8"],
    "ports": [
      "['3000', '8000:8000', '127.0.0.1:8001:8001', '6060:6060/udp']",
      "['3000-3005', '9090-9091:8080-8081', '49100-49102:22']",
      "['127.0.0.1::81', '[::1]:82:82', 9000, '53:53/sctp']",
      "[{target: 80, host_ip: 127.0.0.1, published: '8080', protocol: tcp, app_protocol: http, mode: host, name: web}]",
      "[{target: '81', published: 8083-9000}, {target: 82, published: 82}]",
    ],
    "post_start": [
      "[{command: ./x.sh, user: root, privileged: true, working_dir: /w, environment: [FOO=BAR, BAZ]}]"
    ],
    "pre_start": [
      "[{command: [a], image: z, per_replica: false}]",
      "[{command: migrate, environment: {A: 9}, volumes: ['/data']}]",
    ],
    "pre_stop": ["[{command: [stop, now]}, {command: 'a b', environment: {X: y}}]"],
    "privileged": ["true", "'false'", "false"], "profiles": ["[]"],
    "provider": [
      "{type: awesomecloud, options: {type: mysql, size: 256, replicas: [1, 'b', true]}}", "{type: x}",
    ],
    "pull_policy": ["always", "if_not_present", "build", "daily", "every_2d12h"],
    "pull_refresh_after": ["24h"],
    "read_only": ["true", "'true'"], "restart": ["'no'", "always", "on-failure:3", "unless-stopped", "no"],
    "runtime": ["runc"], "scale": ["2", "'0'"],
    "secrets": ["[s]", "[{source: s, target: x, uid: '103', gid: '103', mode: 0o440}]", "[t, {source: s}]"],
    "security_opt": ["['label:user:USER', 'no-new-privileges:true']", "['seccomp:unconfined']"],
    "shm_size": ["64m", "1048576"], "stdin_open": ["true", "'false'"],
    "stop_grace_period": ["1s", "1m30s", "1d2h", "500ms", "0s"], "stop_signal": ["SIGUSR1"],
    "storage_opt": ["{size: 1G}"],
    "sysctls": ["{net.core.somaxconn: 1024, a: '0'}", "[net.core.somaxconn=512, b=1]"],
    "tmpfs": ["/run", "[/run, '/tmp:mode=755,size=1m']"], "tty": ["true", "'true'"],
    "ulimits": [
      "{nproc: 65535, nofile: {soft: 20000, hard: 40000}}", "{nofile: {soft: 0, hard: 1}, core: '0'}",
    ],
    "use_api_socket": ["true"], "user": ["root", "'1000:1000'"], "userns_mode": ["host"], "uts": ["host"],
    "volumes": [
      "['data:/data', './x:/x:ro', '~/y:/y', '/abs:/z:z,ro', '/anon-volume']",
      "['data:/data:nocopy', 'logs:/log:rw,Z', './p:/p:rshared', '../up:/up']",
      "[{type: volume, source: data, target: /d, volume: {nocopy: true, subpath: sub, labels: [a=b]}, read_only: true}]",
      "[{type: bind, source: ./c, target: /c, bind: {propagation: rslave, create_host_path: false, recursive: enabled, selinux: z}}, {type: bind, source: /q, target: /q/, bind: {create_host_path: true}}]",
      "[{type: tmpfs, target: /t, tmpfs: {size: 10m, mode: 0700}}, {type: tmpfs, target: /u, tmpfs: {size: 1024}, consistency: cached}]",
      "[{type: image, source: busybox, target: /i, image: {subpath: bin}}, {type: npipe, source: p, target: /p}, {type: cluster, source: data, target: /cl}]",
    ],
    "volumes_from": ["[b]", "['b:ro', 'container:x:rw']"], "working_dir": ["/code"],
    "x-own": ["{a: [1, {b: c}]}"], "extends": ["b", "{service: b}", "{service: lib, file: lib/base.yaml}"],
  ]

  /// By section of the top level: bodies of the entry that the service uses.
  static let resources: [String: [String]] = [
    "networks": [
      "{}", "null",
      "{driver: overlay, driver_opts: {a: 1, b: c}, attachable: true, enable_ipv4: false, enable_ipv6: true, internal: true, labels: [a=b, c]}",
      "{ipam: {driver: custom, config: [{subnet: 172.28.0.0/16, ip_range: 172.28.5.0/24, gateway: 172.28.5.254, aux_addresses: {h: 172.28.1.5}}], options: {foo: bar}}, labels: {a: 1}}",
      "{external: true}", "{external: true, name: other}", "{name: fixed, x-n: 1}", "{external: {name: old}}",
    ],
    "volumes": [
      "{}", "null",
      "{driver: local, driver_opts: {type: nfs, o: addr=10.40.0.199, device: ':/docker'}, labels: {a: b}}",
      "{driver: local, driver_opts: {o: bind, device: ./dir}}", "{external: true}",
      "{name: fixed, labels: [a, b=c]}",
      "{external: true, name: other}",
    ],
    "configs": [
      "{file: ./c.conf}", "{content: \"a\\nb $$x\"}", "{environment: CFG}", "{external: true}",
      "{external: true, name: other}",
      "{file: /abs, name: n, labels: {a: b}, template_driver: golang}",
    ],
    "secrets": [
      "{file: ./s.txt}", "{environment: SECRET}", "{external: true}", "{external: true, name: other}",
      "{file: s, labels: [a=b], driver: d, driver_opts: {x: 1}, template_driver: golang, name: n}",
    ],
    "models": ["{model: ai/m}", "{model: ai/m, context_size: 1024, runtime_flags: [--a, b], name: x}"],
    "jobs": [
      "{image: j, triggers: {manual: true}}",
      "{image: j, triggers: {schedule: ['0 3 * * *', {cron: '@daily', timezone: UTC, concurrency: queue, missed_fires: skip}]}}",
      "{build: ., command: a b, depends_on: [b], environment: [A=1], profiles: [p], triggers: {manual: 'true'}, tty: true, ports: ['80'], healthcheck: {test: x}, expose: [1], stdin_open: true}",
    ],
  ]

  /// The name that is used of each section.
  private static let names = [
    "networks": "n", "volumes": "data", "configs": "c", "secrets": "s", "models": "m", "jobs": "j",
  ]

  /// A file with a service `a` of these lines, and all that they may name.
  static func file(_ lines: [String: String], _ sections: [String: String] = [:]) -> String {
    var body = lines
    if body["image"] == nil, body["extends"] == nil { body["image"] = "x" }
    var text =
      "services:\n  a:\n" + body.sorted { $0.key < $1.key }.map { "    \($0.key): \($0.value)\n" }.joined()
    text += "  b: {image: y, build: .}\n  n: {image: z}\n"
    let declared = [
      "networks": "o: {}", "volumes": "logs: {}", "configs": "d: {content: d}", "secrets": "t: {file: t}",
      "models": "unused: {model: u}", "jobs": "",
    ]
    let defaults = [
      "networks": "{}", "volumes": "{}", "configs": "{content: c}", "secrets": "{file: s}",
      "models": "{model: m}",
    ]
    for (section, other) in declared.sorted(by: { $0.key < $1.key }) {
      guard let value = sections[section] ?? defaults[section], let name = names[section] else { continue }
      text += "\(section):\n  \(name): \(value)\n" + (other.isEmpty ? "" : "  \(other)\n")
    }
    return text
  }

  /// The files beside it.
  static let others = [
    "e1.env": "E1=one\nA=file\n", "e2.env": "E2='two $x'\nE1=${A}\n", "raw.env": "R=\"$x\" # y\n",
    "l1.label": "l=1\na=label\n", "l2.label": "m=2\n", "c.conf": "c", "s.txt": "s",
    "lib/base.yaml":
      "services:\n  lib: {image: lib, volumes: ['./v:/v'], build: {context: ctx}, env_file: e.env, labels: {lib: '1'}}\n",
    "lib/e.env": "LIB=1\n",
  ]
}

/// Whole projects of several files, the first of which is loaded.
enum SampleProjects {
  static let all: [String: [(path: String, text: String)]] = [
    "include": [
      (
        "main.yaml",
        """
        include:
          - sub/compose.yaml
          - {path: [sub/two.yaml, sub/three.yaml], project_directory: ., env_file: sub/x.env}
        services:
          web:
            extends: {service: lib}
            depends_on: {opt: {condition: service_started, required: false}}
          both: {user: mine, ports: ["80:80"], labels: !override {c: d}}
          opt: {image: o, profiles: [never]}
        x-a: {b: 1}
        """
      ),
      (
        "sub/compose.yaml",
        """
        services:
          lib: {image: "i${A}", volumes: ["./v:/v"], env_file: l.env, healthcheck: {test: a}}
          both: {image: z, user: theirs, ports: ["80:80", "81"], labels: {a: b}}
        networks: {n: {}}
        """
      ),
      ("sub/two.yaml", "services: {three: {image: 'k${A}${B}', volumes: ['./w:/w'], networks: [n]}}"),
      ("sub/three.yaml", "services: {three: {user: u, cap_add: [X]}}"), ("sub/.env", "A=sub"),
      ("sub/l.env", "L=1"), ("sub/x.env", "A=x\nB=$A-b\n"),
    ],
    "extends": [
      (
        "main.yaml",
        """
        x-common: &common {restart: always, labels: {x: "1"}}
        services:
          a: {<<: *common, extends: {file: base/one.yaml, service: one}, environment: {A: mine}, ports: !reset []}
          b: {extends: a, labels: !override {y: "2"}, volumes: ["/data"]}
          c: {<<: [*common, {image: q}], user: c}
        """
      ),
      (
        "base/one.yaml",
        """
        services:
          one:
            extends: {file: deep/two.yaml, service: two}
            environment: [A=base, "B=${HOME}"]
            ports: ["1:1"]
            build: {context: ctx, args: {X: 1}}
        """
      ),
      (
        "base/deep/two.yaml",
        "services: {two: {image: two, volumes: ['./d:/d'], env_file: e.env, dns: 1.1.1.1, command: a b}}"
      ), ("base/deep/e.env", "E=1"),
    ],
    "documents": [
      (
        "main.yaml",
        "services: {a: {image: x, labels: {a: b}, expose: [1]}}\n---\nservices: {a: {labels: [c=d], expose: [2]}, b: {image: y}}\n"
      )
    ],
    "implied": [
      (
        "main.yaml",
        """
        services:
          a: {image: x, links: ["b:bb"], volumes_from: [c], ipc: "service:d", depends_on: {e: {condition: service_healthy}}}
          b: {image: x, network_mode: "service:c"}
          c: {image: x}
          d: {image: x, ipc: shareable, provider: {type: p}}
          e: {image: x, healthcheck: {test: [CMD, a]}, pull_policy: if_not_present}
        """
      )
    ],
  ]
}
