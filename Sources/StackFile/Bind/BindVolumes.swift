internal import Stacks

extension Binder {
  /// A volume of the stack.
  mutating func volume(_ pair: Node.Pair) -> VolumeDefinition {
    let node = pair.value
    let options = node.pair("driver_opts")
    let fileSystem = fileSystem(options)
    return VolumeDefinition(
      name: node["name"]?.string ?? pair.key, isExternal: node["external"]?.bool ?? false,
      device: fileSystem == nil ? device(options) : nil, fileSystem: fileSystem, labels: texts(node["labels"])
    )
  }

  /// `driver_opts` of the driver `local`: what is mounted as the volume; nil where it is a directory of the
  /// host, or nothing is said.
  private mutating func fileSystem(_ options: Node.Pair?) -> FileSystem? {
    guard let options, let written = options.value["type"], let type = written.string,
      !["none", "bind", ""].contains(type)
    else { return nil }
    let flags = (options.value["o"]?.string ?? "").split(separator: ",").map(String.init)
    if let wrong = flags.first(where: { ["bind", "rbind", "remount", "move"].contains($0) }) {
      findings.error(
        options.value["o"]?.at ?? options.keyAt, "the option '\(wrong)' does not go with 'type: \(type)'",
        fix: "remove one of the two")
    }
    let device = options.value["device"]?.string ?? ""
    if device.isEmpty {
      findings.error(
        options.keyAt, "'device' must say what is mounted", fix: "add such as 'device: \(type)'")
    }
    if type.hasPrefix("nfs"), !flags.contains(where: { $0.hasPrefix("addr=") }) {
      findings.error(
        options.value["o"]?.at ?? options.keyAt, "the server's address is missing",
        fix: "add such as 'addr=10.0.0.1' to 'o'")
    }
    let isPlain = ([type, device] + flags).allSatisfy { text in !text.utf8.contains { $0 < 32 || $0 == 127 } }
    if !isPlain { findings.error(options.keyAt, "what is mounted must be said in printable characters") }
    return FileSystem(type: type, device: device, options: flags)
  }

  /// `driver_opts` of the driver `local`: a directory of the host that is bound.
  private mutating func device(_ options: Node.Pair?) -> String? {
    guard let options, !options.value.pairs.isEmpty else { return nil }
    for pair in options.value.pairs where !["type", "o", "device"].contains(pair.key) {
      findings.error(
        pair.keyAt, "the volume option \(quoted(pair.key)) is not supported yet",
        fix: "use 'type', 'o' and 'device'")
    }
    let flags = (options.value["o"]?.string ?? "").split(separator: ",").map(String.init)
    guard flags.contains(where: ["bind", "rbind"].contains),
      flags.allSatisfy(["bind", "rbind", "rw"].contains)
    else {
      findings.error(
        options.keyAt,
        "a volume without a type of file system is a directory of the host, bound with 'o: bind'",
        fix: "write 'type: none', 'o: bind' and 'device: PATH'")
      return nil
    }
    guard let device = options.value["device"], let path = device.string, path.hasPrefix("/"),
      Paths.clean(path) != "/"
    else {
      findings.error(
        options.keyAt, "'device' must be the absolute path of a directory of the host",
        fix: "add such as 'device: /srv/data'")
      return nil
    }
    return Paths.clean(path)
  }
}
