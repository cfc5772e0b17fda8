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
  /// `SOURCE:TARGET[:ro]`.
  public var description: String {
    let from =
      switch source {
      case .bind(let path, _): path
      case .volume(let key): key
      case .anonymous: "anonymous"
      case .tmpfs: "tmpfs"
      }
    return "\(from):\(target)\(isReadOnly ? ":ro" : "")"
  }
}
