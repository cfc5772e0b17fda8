internal import Kernel
internal import Stacks

/// Block devices: counted, weighed against each other, and limited in bytes and operations a second.
///
/// Limits are for devices by number, and are written once: to change them is another container.
enum IOController: ResourceController {
  static let controller = CgroupHierarchy.Controller.io

  static func asked(of resources: Resources) -> [String] {
    resources.blockIO.map { $0 == BlockIO() } == false ? ["blkio_config"] : []
  }

  static func version2(_ resources: Resources, resetting: Bool) -> [CgroupSetting] { [] }
  static func version1(_ resources: Resources, resetting: Bool) -> [CgroupSetting] { [] }

  /// `has`: whether the group has a file; `number`: `MAJOR:MINOR` of a device's path.
  static func version2(
    _ limits: BlockIO, has: (String) -> Bool, number: (String) throws(SystemError) -> String
  ) throws(SystemError) -> [CgroupSetting] {
    // The scheduler's own scale is 1 to 1000; the kernel's is 1 to 10000 with 100 in the middle.
    let isOfScheduler = has("io.bfq.weight")
    func scaled(_ weight: UInt64) -> UInt64 {
      isOfScheduler ? weight : 1 + (max(weight, 10) - 10) * 9999 / 990
    }
    let weight = isOfScheduler ? "io.bfq.weight" : "io.weight"
    var settings: [CgroupSetting] = []
    if let all = limits.weight { settings.append(CgroupSetting(weight, "default \(scaled(all))")) }
    for entry in limits.deviceWeights {
      settings.append(CgroupSetting(weight, "\(try number(entry.path)) \(scaled(entry.value))"))
    }
    for (entries, key) in [
      (limits.readRates, "rbps"), (limits.writeRates, "wbps"), (limits.readOperations, "riops"),
      (limits.writeOperations, "wiops"),
    ] {
      for entry in entries {
        settings.append(CgroupSetting("io.max", "\(try number(entry.path)) \(key)=\(entry.value)"))
      }
    }
    return settings
  }

  /// The same for version 1.
  static func version1(
    _ limits: BlockIO, has: (String) -> Bool, number: (String) throws(SystemError) -> String
  ) throws(SystemError) -> [CgroupSetting] {
    let prefix = has("blkio.bfq.weight") ? "blkio.bfq.weight" : "blkio.weight"
    var settings: [CgroupSetting] = []
    if let all = limits.weight { settings.append(CgroupSetting(prefix, "\(all)")) }
    for (entries, file) in [
      (limits.deviceWeights, prefix + "_device"), (limits.readRates, "blkio.throttle.read_bps_device"),
      (limits.writeRates, "blkio.throttle.write_bps_device"),
      (limits.readOperations, "blkio.throttle.read_iops_device"),
      (limits.writeOperations, "blkio.throttle.write_iops_device"),
    ] {
      for entry in entries {
        settings.append(CgroupSetting(file, "\(try number(entry.path)) \(entry.value)"))
      }
    }
    return settings
  }

  /// `io.stat`: a line for each device, `8:0 rbytes=1 wbytes=2 rios=…`.
  static func version2(_ text: String) -> (read: UInt64, written: UInt64) {
    var sums: (read: UInt64, written: UInt64) = (0, 0)
    for field in text.split(whereSeparator: \.isWhitespace) {
      if field.hasPrefix("rbytes=") { sums.read += UInt64(field.dropFirst(7)) ?? 0 }
      if field.hasPrefix("wbytes=") { sums.written += UInt64(field.dropFirst(7)) ?? 0 }
    }
    return sums
  }

  /// `blkio.throttle.io_service_bytes`: `8:0 Read 1`, `8:0 Write 2`, …, `Total 3`.
  static func version1(_ text: String) -> (read: UInt64, written: UInt64) {
    var sums: (read: UInt64, written: UInt64) = (0, 0)
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count == 3, let bytes = UInt64(fields[2]) else { continue }
      if fields[1] == "Read" { sums.read += bytes }
      if fields[1] == "Write" { sums.written += bytes }
    }
    return sums
  }
}
