import StackFile
import Stacks
import Testing

/// What the values of a service become, where the golden files do not show it.
@Suite struct BindingTests {
  @Test(arguments: [
    "user: \"\"", "hostname: \"\"", "working_dir: \"\"", "stop_signal: \"\"", "restart: \"\"",
    "mem_limit: -1", "mem_limit: 0",
    "cpus: 0", "pids_limit: -1", "pids_limit: 0", "ports: []", "volumes: []", "networks: []", "networks: {}",
    "environment: {}", "labels: []", "deploy:", "deploy: {}", "healthcheck: {}", "depends_on: []", "command:",
    "tty: false", "x-any: [1, {a: b}]", "deploy: {replicas: 1}", "expose: [80]", "profiles: []",
  ])
  func `a default that is written changes nothing`(line: String) {
    let plain = Fixtures.service("init: false").template
    let written = Fixtures.service(line)
    var template = written.template
    if line.hasPrefix("healthcheck") {
      #expect(template?.healthcheck == Healthcheck(test: nil))
      template?.healthcheck = nil
    }
    #expect(template == plain, "\(written.text)")
  }

  @Test(arguments: [
    ("9", "SIGKILL"), ("INT", "SIGINT"), ("sigterm", "SIGTERM"), ("SIGRTMIN+3", "SIGRTMIN+3"),
    ("15", "SIGTERM"),
  ])
  func `a stop signal is known by name and number`(written: String, name: String) {
    #expect(Fixtures.service("stop_signal: \"\(written)\"").template?.stopSignal == name)
  }

  @Test(
    arguments: [
      ("no", .no), ("always", .always), ("unless-stopped", .unlessStopped),
      ("on-failure", .onFailure(maximum: nil)),
      ("on-failure:3", .onFailure(maximum: 3)), ("on-failure:0", .onFailure(maximum: nil)),
    ] as [(String, RestartPolicy)])
  func `a restart policy`(written: String, policy: RestartPolicy) {
    #expect(Fixtures.service("restart: \(written)").template?.restart == policy)
  }

  @Test(
    arguments: [
      ("condition: none", .no), ("condition: any", .always),
      ("condition: on-failure", .onFailure(maximum: nil)),
      ("condition: on-failure, max_attempts: 4", .onFailure(maximum: 4)), ("", .always),
    ] as [(String, RestartPolicy)])
  func `a restart policy under deploy`(written: String, policy: RestartPolicy) {
    #expect(Fixtures.service("deploy: {restart_policy: {\(written)}}").template?.restart == policy)
  }

  @Test func `a range of host ports for one port of the container`() {
    let ports = Fixtures.service("ports: ['8000-8010:80']").template?.ports
    #expect(ports?.map(\.hostPort) == [8000])
    #expect(ports?.map(\.firstHostPort) == [8000])
    #expect(ports?.map(\.lastHostPort) == [8010])
    #expect(Fixtures.service("ports: ['8000:80']").template?.ports.first?.lastHostPort == nil)
  }

  @Test func `how replicas are replaced`() {
    let given = Fixtures.service(
      """
      deploy:
        update_config:
          {parallelism: 0, delay: 10s, failure_action: rollback, monitor: 1m, max_failure_ratio: 0.25, order: start-first}
        rollback_config: {parallelism: 2, monitor: 0s}
      """
    ).stack?.services["web"]
    #expect(
      given?.update
        == UpdatePolicy(
          parallelism: 0, delay: .seconds(10), failureAction: .rollback, monitor: .seconds(60),
          maxFailureRatio: 0.25, order: .startFirst))
    #expect(given?.rollback == UpdatePolicy(parallelism: 2))
    #expect(Fixtures.service("deploy: {update_config: {}}").stack?.services["web"]?.update == UpdatePolicy())
    #expect(Fixtures.service("deploy: {}").stack?.services["web"]?.update == nil)
  }

  @Test(
    arguments: [
      ("delay: 5s, window: 2m", RestartTiming(delay: .seconds(5), window: .seconds(120))),
      ("condition: any, max_attempts: 3", RestartTiming(maximum: 3)),
      ("condition: on-failure, max_attempts: 3", RestartTiming()), ("delay: 0s", RestartTiming()),
    ])
  func `when a container is started again`(written: String, timing: RestartTiming) {
    #expect(Fixtures.service("deploy: {restart_policy: {\(written)}}").template?.restartTiming == timing)
  }

  @Test(arguments: [("true", true), ("false", false)])
  func `whether an unhealthy container is started again`(written: String, wish: Bool) {
    let timing = Fixtures.service("x-replace-unhealthy: \(written)").template?.restartTiming
    #expect(timing?.replacesUnhealthy == wish)
  }

  @Test(
    arguments: [
      ("max: 5, cpu: 50", Autoscale(maximum: 5, targets: [.cpu(percent: 50)])),
      (
        "min: 2, max: 4, cpu: 12.5%, memory: 200m, interval: 1s, up_after: 1m, down_after: 10m",
        Autoscale(
          minimum: 2, maximum: 4, targets: [.cpu(percent: 12.5), .memory(200 << 20)], interval: .seconds(1),
          upAfter: .seconds(60), downAfter: .seconds(600))
      ),
      (
        "max: 3, command: [queue, --length], target: 10",
        Autoscale(maximum: 3, targets: [.command(["queue", "--length"], share: 10)])
      ),
      (
        "max: 3, http: {port: 9100, path: /metrics, metric: queue_length, target: 10}",
        Autoscale(
          maximum: 3,
          targets: [.http(HTTPMetric(port: 9100, path: "/metrics", name: "queue_length"), share: 10)])
      ),
      (
        "max: 3, http: {port: 80, target: 2}",
        Autoscale(maximum: 3, targets: [.http(HTTPMetric(port: 80), share: 2)])
      ),
      (
        "max: 3, command: echo 4, target: 0.5",
        Autoscale(maximum: 3, targets: [.command(["/bin/sh", "-c", "echo 4"], share: 0.5)])
      ),
    ])
  func `how a service is scaled by its use`(written: String, policy: Autoscale) {
    let service = Fixtures.service("x-autoscale: {\(written)}").stack?.services["web"]
    #expect(service?.autoscale == policy)
    #expect(service?.replicas == policy.minimum)
  }

  @Test func `whether drift is corrected, for the whole file and for a service`() {
    let stack = Fixtures.load(
      """
      x-reconcile: observe
      services:
        web: {image: nginx}
        db: {image: nginx, x-reconcile: enforce}
      """
    ).stack
    #expect(stack?.services["web"]?.reconciliation == .observe)
    #expect(stack?.services["db"]?.reconciliation == .enforce)
    #expect(Fixtures.service("").stack?.services["web"]?.reconciliation == .enforce)
  }

  @Test(
    arguments: [
      ("global", 1, .no), ("replicated-job", 1, .onFailure(maximum: nil)),
      ("global-job", 1, .onFailure(maximum: nil)),
      ("replicated-job, replicas: 3, restart_policy: {max_attempts: 2}", 3, .onFailure(maximum: 2)),
      ("replicated-job, restart_policy: {condition: none}", 1, .no),
    ] as [(String, Int, RestartPolicy)])
  func `a mode`(written: String, replicas: Int, restart: RestartPolicy) {
    let service = Fixtures.service("deploy: {mode: \(written)}").stack?.services["web"]
    #expect(service?.replicas == replicas)
    #expect(service?.template.restart == restart)
  }

  @Test(
    arguments: [
      ("[NONE]", nil, true), ("[CMD, a, b]", .exec(["a", "b"]), false),
      ("[CMD-SHELL, a b]", .shell("a b"), false),
      ("a b", .shell("a b"), false), ("[]", nil, false),
    ] as [(String, Healthcheck.Test?, Bool)])
  func `a health test`(written: String, test: Healthcheck.Test?, isDisabled: Bool) {
    let check = Fixtures.service("healthcheck: {test: \(written)}").template?.healthcheck
    #expect(check == Healthcheck(test: test, isDisabled: isDisabled))
  }

  @Test(arguments: [
    ("no-new-privileges", true), ("no-new-privileges:true", true), ("no-new-privileges=true", true),
    ("no-new-privileges:false", false),
  ])
  func `no-new-privileges`(written: String, forbids: Bool) {
    #expect(
      Fixtures.service("security_opt: [\"\(written)\"]").template?.security.forbidsNewPrivileges == forbids)
  }

  @Test func `the words of YAML 1.1 are booleans with a warning where a boolean is wanted`() {
    let result = Fixtures.service("privileged: yes\ninit: off\ntty: \"on\"")
    #expect(result.template?.security.isPrivileged == true)
    #expect(result.template?.runsInit == false)
    #expect(result.template?.tty == true)
    #expect(
      result.lines == [
        "stack.yaml:4:17: warning: 'yes' is not a boolean in YAML 1.2; write true",
        "stack.yaml:5:11: warning: 'off' is not a boolean in YAML 1.2; write false",
        "stack.yaml:6:10: warning: 'on' is not a boolean in YAML 1.2; write true",
      ])
  }

  @Test func `equal ports and volumes count once`() {
    let template = Fixtures.service(
      "ports: [\"80:80\", \"80:80\", {target: 80, published: 80}]\nvolumes: [\"/a:/a\", \"/a:/a/\"]"
    ).template
    #expect(template?.ports == [PortMapping(hostPort: 80, containerPort: 80)])
    #expect(template?.mounts == [MountSpec(source: .bind(path: "/a", createIfMissing: true), target: "/a")])
  }

  @Test func `one port at two addresses, and tcp beside udp, is no conflict`() {
    let result = Fixtures.service("ports: [\"127.0.0.1:53:53\", \"127.0.0.2:53:53\", \"53:53/udp\"]")
    #expect(result.template?.ports.count == 3)
    #expect(result.lines == [])
  }

  @Test func `a dependency that is not active and not required is shown and does not count`() throws {
    let result = Fixtures.load(
      """
      services:
        web: {image: x, depends_on: {db: {condition: service_started, required: false}}}
        db: {image: y, profiles: [full]}
      """)
    #expect(result.stack?.services["web"]?.dependencies == [:])
    #expect(StackRenderer.yaml(try #require(result.document)).contains("      db:\n"))
  }

  @Test func `an external network or volume keeps its key as its name`() {
    let text = """
      services: {web: {image: x, networks: [a, b], volumes: ["data:/v", "logs:/w"]}}
      networks: {a: {external: true}, b: {external: {name: other}}}
      volumes: {data: {external: true}, logs: {name: mine}}
      """
    let result = Fixtures.load(text)
    #expect(result.stack?.networks.mapValues(\.name) == ["a": "a", "b": "other"])
    #expect(result.stack?.volumes.mapValues(\.name) == ["data": "data", "logs": "mine"])
    #expect(
      result.lines == [
        "stack.yaml:2:47: warning: 'external' with a name is obsolete; write 'external: true' and 'name: NAME' beside it"
      ])
  }

  @Test func `without consistency there is a document and no stack`() {
    let result = Fixtures.load("services: {web: {networks: [none], depends_on: [nobody]}}", checks: false)
    #expect(result.stack == nil)
    #expect(result.document != nil)
    #expect(result.lines == [])
  }
}
