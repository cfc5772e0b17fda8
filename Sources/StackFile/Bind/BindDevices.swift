internal import Stacks

extension Binder {
  mutating func devices(_ node: Node?) -> [DeviceMapping] {
    var devices: [DeviceMapping] = []
    for item in node?.items ?? [] {
      let source = item["source"]?.string ?? ""
      let target = item["target"]?.string ?? ""
      let permissions = item["permissions"]?.string ?? "rwm"
      guard source.hasPrefix("/") else {
        let fix =
          source.contains("=")
          ? "name the devices themselves: there are no device interfaces (CDI) here"
          : "begin it with '/'"
        findings.error(item.at, "\(quoted(source)) is not the path of a device", fix: fix)
        continue
      }
      guard target.hasPrefix("/dev/"), Paths.clean(target) == target, target.utf8.count < 250 else {
        findings.error(
          item.at, "a device must lie below /dev in the container, not at \(quoted(target))",
          fix: "write such as \(shortened(source)):/dev/NAME")
        continue
      }
      guard !permissions.isEmpty, permissions.allSatisfy("rwm".contains),
        Set(permissions).count == permissions.count
      else {
        findings.error(
          item.at, "\(quoted(permissions)) is not what may be done with a device",
          fix: "use letters of 'rwm': read, write, make a node")
        continue
      }
      devices.append(
        DeviceMapping(source: Paths.clean(source), target: target, permissions: permissions))
    }
    return devices
  }

  /// `device_cgroup_rules`: `KIND MAJOR:MINOR ACCESS`.
  mutating func deviceRules(_ node: Node?) -> [String] {
    var rules: [String] = []
    for item in node?.items ?? [] {
      let text = item.string ?? ""
      let fields = text.split(separator: " ", omittingEmptySubsequences: false)
      let numbers = fields.count == 3 ? fields[1].split(separator: ":", omittingEmptySubsequences: false) : []
      func isNumber(_ field: Substring) -> Bool { field == "*" || UInt32(field) != nil }
      if fields.count == 3, ["a", "b", "c"].contains(fields[0]), numbers.count == 2,
        numbers.allSatisfy(isNumber), !fields[2].isEmpty, fields[2].allSatisfy("rwm".contains),
        Set(fields[2]).count == fields[2].count
      {
        rules.append(text)
      } else {
        findings.error(
          item.at, "\(quoted(text)) is not a rule for devices",
          fix: "write KIND MAJOR:MINOR ACCESS, such as 'c 10:200 rwm'")
      }
    }
    return rules
  }

  /// `sysctls`, as far as they are the container's own.
  mutating func sysctls(_ node: Node?) -> [String: String] {
    var sysctls: [String: String] = [:]
    for pair in node?.pairs ?? [] {
      let value = pair.value.string ?? ""
      if let problem = Sysctl.problem(pair.key, value) {
        findings.error(
          pair.keyAt, "the sysctl \(quoted(pair.key)): \(problem)", fix: "remove it, or correct it")
      } else {
        sysctls[pair.key] = value
      }
    }
    return sysctls
  }

  mutating func logging(_ node: Node?) -> LogSettings {
    var settings = LogSettings()
    guard let node else { return settings }
    switch node["driver"]?.string {
    // Docker's defaults of this driver.
    case "local": settings = LogSettings(maximumSize: 20 << 20, maximumFiles: 5)
    case "none": settings.isKept = false
    // Other drivers than `json-file` are refused by the table.
    default: break
    }
    for option in node["options"]?.pairs ?? [] {
      let text = option.value.string ?? ""
      switch option.key {
      case "max-size":
        if let size = ByteSize.parse(text), size > 0 {
          settings.maximumSize = size
        } else if text != "-1" {
          findings.error(option.value.at, "\(quoted(text)) is not a size of a log", fix: "write such as 10m")
        }
      case "max-file":
        if let count = Int(text), (1...1000).contains(count) {
          settings.maximumFiles = count
        } else {
          findings.error(
            option.value.at, "\(quoted(text)) is not a number of log files", fix: "write such as \"3\"")
        }
      default:
        findings.error(
          option.keyAt, "the log option \(quoted(option.key)) is not supported yet",
          fix: "use 'max-size' and 'max-file'")
      }
    }
    if settings.maximumFiles > 1, settings.maximumSize == nil, settings.isKept {
      findings.error(
        node.at, "'max-file' without 'max-size' keeps one file", fix: "add such as 'max-size: 10m'")
    }
    return settings
  }
}
