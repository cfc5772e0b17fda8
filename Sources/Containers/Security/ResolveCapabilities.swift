internal import Kernel
public import Stacks

extension CapabilitySet {
  /// The bounding set of this process: nothing beyond it can be given to a container.
  public static var ofThisProcess: CapabilitySet {
    CapabilitySet(rawValue: ProcessLimits.boundingCapabilities)
  }

  /// The capabilities of a container: its bounding, permitted and effective set. The inheritable and
  /// the ambient set stay empty.
  ///
  /// As Docker has it: `privileged` is all, whatever is added or dropped; adding `ALL` is all without
  /// the dropped ones; dropping `ALL` leaves those that are added; else the standard ones without the
  /// dropped and with the added ones, so that one that is in both lists is there.
  /// `ALL` and the standard ones are cut down to `bounding`. One that is added by name and is not in
  /// `bounding` is an error, as is a name that does not exist.
  public static func resolve(
    add: [String] = [], drop: [String] = [], privileged: Bool = false, bounding: CapabilitySet
  ) throws(SecurityError) -> CapabilitySet {
    let (added, addsAll) = try parse(add)
    let (dropped, dropsAll) = try parse(drop)
    if privileged { return bounding }
    if let missing = added.subtracting(bounding).capabilities.first {
      throw .unavailableCapability(missing.name)
    }
    if addsAll { return bounding.subtracting(dropped) }
    if dropsAll { return added }
    return standard.intersection(bounding).subtracting(dropped).union(added)
  }

  /// The same from a container's settings, with the bounding set of this process.
  public static func resolve(_ security: Security) throws(SecurityError) -> CapabilitySet {
    try resolve(
      add: security.addedCapabilities, drop: security.droppedCapabilities,
      privileged: security.isPrivileged, bounding: ofThisProcess)
  }

  private static func parse(_ names: [String]) throws(SecurityError) -> (CapabilitySet, hasAll: Bool) {
    var found: [Capability] = []
    var hasAll = false
    for name in names {
      if ["ALL", "CAP_ALL"].contains(name.uppercased()) {
        hasAll = true
      } else if let capability = Capability(name: name) {
        found.append(capability)
      } else {
        let upper = name.uppercased()
        let bare = upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper
        throw .unknown(
          kind: "capability", name: name, nearest: nearestName(to: bare, among: Capability.names + ["ALL"]))
      }
    }
    return (CapabilitySet(found), hasAll)
  }
}
