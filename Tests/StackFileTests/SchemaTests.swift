import Testing

@testable import StackFile

/// The schema knows every key of the Compose Specification: what is not supported is refused, never
/// called unknown and never ignored.
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

  @Test func `the table of a service has every key of the specification and no other`() {
    #expect(Forms.serviceRows.keys.sorted() == Self.serviceKeys.sorted())
  }

  @Test func `the table of the top level has every key of the specification and no other`() {
    #expect(
      Forms.topRows.keys.sorted() == [
        "configs", "include", "jobs", "models", "name", "networks", "secrets", "services", "version",
        "volumes",
      ])
  }

  @Test(arguments: serviceKeys)
  func `a key of a service is either refused as not supported yet or has an effect`(key: String) throws {
    let row = try #require(Forms.serviceRows[key])
    let result = Fixtures.load(
      "services:\n  web:\n    \(key == "image" ? "" : "image: x\n    ")\(key): {q: [1]}\n")
    let text = result.text
    if case .refused = row.use {
      #expect(text.contains("the key '\(key)' is not supported yet"))
    } else {
      // No accepted key takes this value: it is looked at, not passed over.
      #expect(result.diagnostics.hasErrors)
      #expect(!text.contains("not supported yet") && !text.contains("unknown key '\(key)'"))
    }
  }
}
