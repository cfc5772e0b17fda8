import Testing

@testable import StackFile

/// The tables know every key of the Compose Specification: what is not carried out is refused where a
/// stack is to be run, never called unknown and never ignored.
@Suite struct SchemaTests {
  static let serviceKeys = """
    annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs
    container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus
    cpuset credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search
    domainname entrypoint env_file environment expose extends external_links extra_hosts gpus group_add
    healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit
    mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj
    pid pids_limit platform ports post_start pre_start pre_stop privileged profiles provider pull_policy
    pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open
    stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts
    volumes volumes_from working_dir
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  static let topKeys = [
    "configs", "include", "jobs", "models", "name", "networks", "secrets", "services", "version", "volumes",
  ]

  @Test func `the table of a service has every key of the specification and no other`() {
    #expect(Forms.service.rows.keys.sorted() == Self.serviceKeys.sorted())
  }

  @Test func `the table of the top level has every key of the specification and no other`() {
    #expect(Forms.topRows.keys.sorted() == Self.topKeys)
  }

  /// No key takes this value: what is looked at is never passed over.
  @Test(arguments: serviceKeys)
  func `a key of a service is checked whether it is carried out or not`(key: String) {
    let image = key == "image" ? "" : "image: x\n    "
    let result = Fixtures.load("services:\n  web:\n    \(image)\(key): {q: [1]}\n", checks: false)
    // 'storage_opt' has free keys; a list is no value for one of them.
    #expect(result.diagnostics.hasErrors, "\(result.text)")
    #expect(!result.text.contains("unknown key '\(key)'"))
  }

  @Test func `what is refused is refused when a stack is bound, and shown by config`() throws {
    let text = "services:\n  web:\n    image: x\n    runtime: runc\n"
    let bound = Fixtures.load(text)
    #expect(
      bound.lines == ["stack.yaml:4:5: error: the key 'runtime' is not supported yet; cairn is the runtime"])
    #expect(bound.stack == nil)
    let shown = try #require(Fixtures.load(text, binds: false).document)
    #expect(StackRenderer.yaml(shown).contains("runtime: runc"))
  }
}
