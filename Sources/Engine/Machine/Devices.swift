internal import Containers
internal import EngineInterface
internal import Kernel
internal import Stacks

/// The devices that a container gets: which nodes are in its /dev, and which it may use.
struct Devices {
  private(set) var nodes: [DeviceNode] = []
  let access: DeviceAccess

  /// Looks the devices up on the host; throws where one is not there.
  init(_ template: ContainerTemplate) throws(EngineError) {
    var rules: [DeviceRule] = []
    do throws(SystemError) {
      for mapping in template.devices {
        for device in try HostDevice.all(at: mapping.source) {
          // A directory of devices becomes a directory with the same names.
          let target = mapping.target + device.path.dropFirst(mapping.source.utf8.count)
          nodes.append(DeviceNode(device, path: String(target.dropFirst("/dev/".count))))
          rules.append(
            DeviceRule(
              device.isBlock ? .block : .character, major: device.major, minor: device.minor,
              access: DeviceRule.Access(mapping.permissions)))
        }
      }
    } catch { throw EngineError(.invalid, "give the container a device: \(error)") }
    for text in template.deviceRules {
      guard let rule = DeviceRule(text) else {
        throw EngineError(
          .invalid,
          "device_cgroup_rules: '\(text)' is no rule; write KIND MAJOR:MINOR ACCESS, such as 'c 1:3 rwm'")
      }
      rules.append(rule)
    }
    access = template.security.isPrivileged ? .all : rules.isEmpty ? .standard : .standard(and: rules)
  }
}

extension DeviceNode {
  fileprivate init(_ device: HostDevice, path: String) {
    self.init(
      path: path, kind: device.isBlock ? .block : .character, major: device.major, minor: device.minor,
      mode: device.permissions, owner: device.owner, group: device.group)
  }
}

extension DeviceRule.Access {
  fileprivate init(_ letters: String) {
    self = []
    if letters.contains("r") { insert(.read) }
    if letters.contains("w") { insert(.write) }
    if letters.contains("m") { insert(.makeNode) }
  }
}
