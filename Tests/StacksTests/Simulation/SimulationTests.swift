import FoundationEssentials
import Stacks
import Testing

/// Seeded lives of stacks, in each weather. `CAIRN_SEEDS` says how many, `CAIRN_SEED` which one alone;
/// `make simulate` runs many, optimised.
@Suite struct SimulationTests {
  static let seeds: ClosedRange<UInt64> = {
    let environment = ProcessInfo.processInfo.environment
    if let only = environment["CAIRN_SEED"].flatMap({ UInt64($0) }) { return only...only }
    return 1...(environment["CAIRN_SEEDS"].flatMap { UInt64($0) } ?? 150)
  }()
  /// Seeds that have found a fault of the planner, with what it was.
  static let found: [UInt64: String] = Dictionary(
    uniqueKeysWithValues: [401, 1664, 3114, 3235].map {
      ($0, "a command was done for an observed service before it was for what the service depends on")
    })

  @Test(arguments: Simulation.Weather.allCases)
  func `a stack is kept as it is wanted, whatever happens`(_ weather: Simulation.Weather) async {
    let seeds = Self.seeds
    // A few take no processor from the tests that run beside them.
    let lanes = seeds.count < 1000 ? 1 : max(2, ProcessInfo.processInfo.activeProcessorCount)
    let failures = await withTaskGroup(of: String?.self) { group in
      for lane in 0..<lanes {
        group.addTask {
          for seed in stride(from: seeds.lowerBound + UInt64(lane), through: seeds.upperBound, by: lanes) {
            if Task.isCancelled { return nil }
            if let failure = Self.failure(seed, weather) { return failure }
          }
          return nil
        }
      }
      var found: [String] = []
      for await case let failure? in group {
        found.append(failure)
        group.cancelAll()
      }
      return found
    }
    if failures.isEmpty, seeds.count > 1 { print("\(seeds.count) seeds lived in \(weather) weather") }
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test(arguments: Self.found.keys.sorted(), Simulation.Weather.allCases)
  func `what was found once stays found`(_ seed: UInt64, _ weather: Simulation.Weather) {
    let failure = Self.failure(seed, weather)
    #expect(failure == nil, "\(failure ?? "") (\(Self.found[seed] ?? ""))")
  }

  /// What went wrong, and how to see it again; nil: nothing.
  private static func failure(_ seed: UInt64, _ weather: Simulation.Weather) -> String? {
    let again = "this one alone: make simulate CAIRN_SEED=\(seed)"
    do {
      var simulation = try Simulation(seed: seed, weather: weather)
      try simulation.run()
      guard let violation = simulation.violations.first else { return nil }
      // Once more, in words.
      simulation = try Simulation(seed: seed, weather: weather, keepsTrail: true)
      try simulation.run()
      return "\(simulation.violations.first ?? violation)\(again)"
    } catch {
      return "seed \(seed), \(weather): \(error)\n\(again)"
    }
  }
}
