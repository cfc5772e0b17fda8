internal import Stacks

/// What to write into one file of a cgroup.
struct CgroupSetting: Hashable, CustomStringConvertible {
  var file: String
  /// One after the other, each in a call of its own.
  var values: [String]
  /// A file that some kernels lack; without it nothing that was asked for is lost.
  var isOptional = false

  init(_ file: String, _ value: String, isOptional: Bool = false) {
    self.init(file, each: [value], isOptional: isOptional)
  }

  init(_ file: String, each values: [String], isOptional: Bool = false) {
    self.file = file
    self.values = values
    self.isOptional = isOptional
  }

  var description: String { "\(file) = \(values.joined(separator: ", "))" }
}

/// A controller that has limits: what to write for given resources. Pure.
protocol ResourceController: SendableMetatype {
  static var controller: CgroupHierarchy.Controller { get }
  /// The limits of this controller that `resources` asks for, by their names in a stack file.
  static func asked(of resources: Resources) -> [String]
  /// A limit in `resources` that the kernel cannot enforce with this version of cgroups, and why.
  static func unsupported(in resources: Resources, isVersion2: Bool) -> (limit: String, reason: String)?
  /// What to write, in this order, for version 2. `resetting`: also what takes limits away that are
  /// nil, for a group that may have some.
  static func version2(_ resources: Resources, resetting: Bool) -> [CgroupSetting]
  /// The same for version 1.
  static func version1(_ resources: Resources, resetting: Bool) -> [CgroupSetting]
}

extension ResourceController {
  static func unsupported(in resources: Resources, isVersion2: Bool) -> (limit: String, reason: String)? {
    nil
  }
}

/// All that have limits that can be written without a look at the machine.
let resourceControllers: [any ResourceController.Type] = [
  MemoryController.self, CPUController.self, CpusetController.self, PidsController.self, IOController.self,
]

/// The lines `name value` of a statistics file.
func keyedNumbers(_ text: String) -> [Substring: UInt64] {
  var numbers: [Substring: UInt64] = [:]
  for line in text.split(separator: "\n") {
    let fields = line.split(separator: " ")
    if fields.count == 2, let number = UInt64(fields[1]) { numbers[fields[0]] = number }
  }
  return numbers
}

/// A file of one number; nil for `max`.
func singleNumber(_ text: String) -> UInt64? {
  text.split(separator: "\n").first.flatMap { UInt64($0) }
}
