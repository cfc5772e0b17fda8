/// Version 1: the `devices` hierarchy. A group is a list of exceptions to "no device".
enum DevicesController {
  /// What to write, in this order. A new group has what the group above has, which is all.
  static func version1(_ access: DeviceAccess) -> [CgroupSetting] {
    switch access {
    case .all: return [CgroupSetting("devices.allow", "a")]
    case .only(let rules):
      return [
        CgroupSetting("devices.deny", "a"),
        CgroupSetting("devices.allow", each: rules.flatMap(lines)),
      ]
    }
  }

  /// The kernel takes `a` for "everything, whatever follows", so a rule for both kinds is two lines.
  private static func lines(_ rule: DeviceRule) -> [String] {
    guard rule.kind == .any else { return [rule.description] }
    if rule.major == nil && rule.minor == nil && rule.access == .full { return ["a"] }
    return [DeviceRule.Kind.block, .character].map { kind in
      var one = rule
      one.kind = kind
      return one.description
    }
  }
}
