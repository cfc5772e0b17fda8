internal import Kernel
internal import Stacks

extension LaunchRequest {
  /// Refuses what can be refused before anything is started. What depends on the image's content is
  /// checked by the kernel and the child, on open descriptors.
  func check() throws(RuntimeError) {
    try CommandCheck(arguments: arguments, environment: environment, workingDirectory: workingDirectory)
      .check()
    guard !root.lower.isEmpty else { throw .invalid("the root has no layer") }
    for path in root.lower + [root.upper, root.work] { try absolute(path, "layer") }
    for mount in mounts { try check(mount) }
    for file in contents {
      try checkTarget(file.target)
      guard ![file.owner, file.group].contains(.max) else {
        throw .invalid("file \(file.target): \(UInt32.max) is no owner")
      }
    }
    for path in [files.hosts, files.resolvConf, files.hostname].compactMap(\.self) {
      try absolute(path, "file")
    }
    if let hostname, !isHostname(hostname) {
      throw .invalid("host name '\(hostname)': 1 to 63 letters, digits, '-' and '.' are allowed")
    }
    for device in devices where !isRelative(device.path) {
      throw .invalid("device '\(device.path)': the path must lie below /dev")
    }
    for (name, value) in sysctls {
      if let problem = Sysctl.problem(name, value) { throw .invalid("sysctl '\(name)': \(problem)") }
      if Sysctl.isOfNetwork(name) && !ownsNetwork {
        throw .invalid("sysctl '\(name)': the container has no network namespace of its own")
      }
      if name == "kernel.domainname"
        ? !sharing.hostName.isOwn : !Sysctl.isOfNetwork(name) && !sharing.ipc.isOwn
      {
        throw .invalid("sysctl '\(name)': the container has no namespace of its own for it")
      }
    }
    guard LaunchPlan.isText(user ?? ""), groups.allSatisfy(LaunchPlan.isText) else {
      throw .invalid("user or group: a NUL is not allowed")
    }
    if case .isolated(let endpoints) = network {
      for endpoint in endpoints
      where !(0...32).contains(endpoint.prefix) || endpoint.interface.isEmpty
        || endpoint.interface.utf8.count > 15 || endpoint.interface.utf8.contains(0)
      {
        throw .invalid("interface '\(endpoint.interface)': 1 to 15 bytes and a prefix up to 32")
      }
      for case let six? in endpoints.map(\.ipv6) where !(0...128).contains(six.prefix) {
        throw .invalid("address \(six.address): the prefix goes up to 128")
      }
    }
  }

  /// A volume or bind on /proc would let the container fake it (CVE-2019-16884); links that lead there
  /// are found out by the child.
  private func check(_ mount: LaunchMount) throws(RuntimeError) {
    try checkTarget(mount.target)
    switch mount.source {
    case .bind(let path), .volume(let path):
      try absolute(path, "mount source")
    case .image(let layers):
      guard layers.count > 1 else { throw .invalid("mount \(mount.target): an overlay needs two layers") }
      for path in layers { try absolute(path, "layer") }
    case .tmpfs(_, _, let owner, let group, _):
      guard ![owner, group].contains(.max) else {
        throw .invalid("mount \(mount.target): \(UInt32.max) is no owner")
      }
    }
    if let subpath = mount.subpath, !isRelative(subpath) {
      throw .invalid("subpath '\(subpath)': it must lead down from the volume's root, without '..'")
    }
  }

  private func checkTarget(_ target: String) throws(RuntimeError) {
    try absolute(target, "mount target")
    let parts = target.split(separator: "/").filter { $0 != "." }
    if parts.contains("..") { throw .invalid("mount target \(target): '..' is not allowed") }
    if parts.isEmpty { throw .invalid("mount target \(target): it is the root itself") }
    if parts[0] == "proc" { throw .invalid("mount target \(target): mounts in /proc are not allowed") }
  }

  private func absolute(_ path: String, _ what: String) throws(RuntimeError) {
    guard path.utf8.first == UInt8(ascii: "/"), LaunchPlan.isText(path), path.utf8.count < 4096 else {
      throw .invalid("\(what) '\(path)': the path must be absolute, without NUL, under 4096 bytes")
    }
  }

  private var ownsNetwork: Bool { if case .isolated = network { true } else { false } }

  private func isRelative(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return LaunchPlan.isText(path) && !parts.isEmpty
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }

  private func isHostname(_ name: String) -> Bool {
    (1...63).contains(name.utf8.count)
      && name.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: ".") }
  }
}

/// Letters, digits, `-` and `_`.
private func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
    true
  default: false
  }
}

/// What a container's command and one that is executed in it have in common.
struct CommandCheck {
  var arguments: [String]
  var environment: [String]
  var workingDirectory: String?

  func check() throws(RuntimeError) {
    guard let command = arguments.first, !command.isEmpty else {
      throw .invalid("there is no command (the image has none, and none was given)")
    }
    guard arguments.allSatisfy(LaunchPlan.isText) else { throw .invalid("command: a NUL is not allowed") }
    for variable in environment {
      // A name alone never means the engine's own variable.
      guard let equals = variable.firstIndex(of: "="), equals != variable.startIndex,
        LaunchPlan.isText(variable)
      else { throw .invalid("environment '\(variable)': it must be NAME=VALUE") }
    }
    if let workingDirectory {
      guard workingDirectory.hasPrefix("/"), LaunchPlan.isText(workingDirectory),
        workingDirectory.utf8.count < 4096
      else { throw .invalid("working directory '\(workingDirectory)': the path must be absolute") }
    }
  }

  /// The environment with what every process gets.
  static func complete(_ environment: [String], hostname: String?, hasTerminal: Bool) -> [String] {
    let names = Set(environment.map { $0.prefix { $0 != "=" } })
    var added: [String] = []
    func add(_ name: String, _ value: String) {
      if !names.contains(Substring(name)) { added.append("\(name)=\(value)") }
    }
    add("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    if let hostname { add("HOSTNAME", hostname) }
    if hasTerminal { add("TERM", "xterm") }
    return added + environment
  }
}
