// How parts of a template are worded in reasons and listings: as a stack file writes them.

extension RestartPolicy: CustomStringConvertible {
  /// `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`.
  public var description: String {
    switch self {
    case .no: "no"
    case .always: "always"
    case .unlessStopped: "unless-stopped"
    case .onFailure(let maximum): maximum.map { "on-failure:\($0)" } ?? "on-failure"
    }
  }
}

extension Healthcheck.Test: CustomStringConvertible {
  public var description: String {
    switch self {
    case .exec(let arguments): arguments.joined(separator: " ")
    case .shell(let script): script
    }
  }
}

extension MountSpec: CustomStringConvertible {
  /// `SOURCE[/SUBPATH]:TARGET[:ro]` and so on.
  public var description: String {
    let from =
      switch source {
      case .bind(let path, _): path
      case .volume(let key): key
      case .anonymous: "anonymous"
      case .tmpfs: "tmpfs"
      case .image(let image): "image \(image)"
      }
    let within = subpath.map { "/" + $0 } ?? ""
    let options =
      (isReadOnly ? ["ro"] : []) + (copiesImage ? [] : ["nocopy"])
      + (recursion == .enabled ? [] : ["recursive=\(recursion.rawValue)"])
      + (propagation == .rprivate ? [] : [propagation.rawValue])
      + labels.sorted { $0.key < $1.key }.map { "label \($0.key)=\($0.value)" } + memoryOptions
    return "\(from)\(within):\(target)" + (options.isEmpty ? "" : ":" + options.joined(separator: ","))
  }

  private var memoryOptions: [String] {
    guard case .tmpfs(let size, let mode, let owner, let group, let isExecutable) = source else { return [] }
    return [
      size.map { "size=\(Shown.bytes($0))" }, mode.map { "mode=" + String($0, radix: 8) },
      owner.map { "uid=\($0)" }, group.map { "gid=\($0)" }, isExecutable == true ? "exec" : nil,
    ].compactMap(\.self)
  }
}
