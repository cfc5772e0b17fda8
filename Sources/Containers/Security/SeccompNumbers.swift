internal import Kernel

/// What the prelude must know, from the rules and from what the installed library knows.
struct SeccompNumbers {
  /// One entry for each instruction set that the kernel tells apart.
  private(set) var calls: [SeccompPrelude.Calls] = []
  /// Names that the prelude says all about: they are allowed whatever their arguments are, everywhere.
  private(set) var settled: Set<String>

  /// `names` are all that the profile knows; what has no rule among `rules` is refused.
  init(_ rules: [SeccompRule], _ names: Set<String>, _ architectures: [SeccompArchitecture]) {
    let ruled = Dictionary(grouping: rules, by: \.name)
    let allowed = Set(
      ruled.filter { $0.value.allSatisfy { $0.answer == .allow && $0.conditions.isEmpty } }.keys)
    settled = allowed
    for architecture in architectures where architecture != .x32 {
      let hasX32 = architecture == .amd64 && architectures.contains(.x32)
      var newest: UInt32 = 0
      var numbers: Set<UInt32> = []
      var disputed: Set<UInt32> = []
      for table in hasX32 ? [architecture, .x32] : [architecture] {
        for name in names.union(ruled.keys) {
          let known = SeccompCompiler.number(of: name, on: table).map { UInt32($0) }
          let besides = table == .x86 ? SeccompPrelude.directNumbers[name] : nil
          guard
            let number = known ?? besides ?? (table == .x32 ? nil : SeccompPrelude.recentNumbers[name])
          else { continue }
          if table != .x32, names.contains(name) { newest = max(newest, number) }
          if allowed.contains(name) {
            numbers.insert(number)
          } else if ruled[name] != nil {
            disputed.insert(number)
          }
        }
        // One number with two names may have two answers: that is for the library.
        settled = settled.filter { name in
          if let number = SeccompCompiler.number(of: name, on: table) {
            return !disputed.contains(UInt32(number))
          }
          // What can be called through another that is allowed whatever its arguments are is allowed.
          return SeccompCompiler.carrier(of: name, on: table).map(allowed.contains) ?? true
        }
      }
      calls.append(
        SeccompPrelude.Calls(
          auditValue: architecture.auditValue, newest: newest, hasX32: hasX32,
          allowed: numbers.subtracting(disputed).sorted()))
    }
  }
}
