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
      }
    let within = subpath.map { "/" + $0 } ?? ""
    let options =
      (isReadOnly ? ["ro"] : []) + (copiesImage ? [] : ["nocopy"])
      + (recursion == .enabled ? [] : ["recursive=\(recursion.rawValue)"])
    return "\(from)\(within):\(target)" + (options.isEmpty ? "" : ":" + options.joined(separator: ","))
  }
}
