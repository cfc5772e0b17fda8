import FoundationEssentials
import Stacks
import Testing

/// Seeded lives of stacks. `CAIRN_SEEDS` says how many; `make simulate` runs many, optimised.
@Suite struct SimulationTests {
  static let count = ProcessInfo.processInfo.environment["CAIRN_SEEDS"].flatMap { UInt64($0) } ?? 150
  /// Seeds that have found a fault of the planner, with what it was.
  static let found: [UInt64: String] = Dictionary(
    uniqueKeysWithValues: [401, 1664, 3114, 3235].map {
      ($0, "a command was done for an observed service before it was for what the service depends on")
    })

  @Test(arguments: Simulation.Weather.allCases)
  func `a stack is kept as it is wanted, whatever happens`(_ weather: Simulation.Weather) async {
    let failures = await withTaskGroup(of: String?.self) { group in
      let lanes = Self.count < 1000 ? UInt64(1) : 4
      for lane in 0..<lanes {
        group.addTask {
          for seed in stride(from: lane + 1, through: Self.count, by: Int(lanes)) {
            if let failure = Self.failure(seed, weather) { return failure }
          }
          return nil
        }
      }
      var found: [String] = []
      for await failure in group { if let failure { found.append(failure) } }
      return found
    }
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test(arguments: Self.found.keys.sorted(), Simulation.Weather.allCases)
  func `what was found once stays found`(_ seed: UInt64, _ weather: Simulation.Weather) {
    let failure = Self.failure(seed, weather)
    #expect(failure == nil, "\(failure ?? "") (\(Self.found[seed] ?? ""))")
  }

  private static func failure(_ seed: UInt64, _ weather: Simulation.Weather) -> String? {
    do {
      var simulation = try Simulation(seed: seed, weather: weather)
      try simulation.run()
      return simulation.violations.first
    } catch {
      return "seed \(seed), \(weather): \(error)"
    }
  }
}
