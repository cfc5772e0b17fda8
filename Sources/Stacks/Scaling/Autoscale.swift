/// `x-autoscale`: how many replicas a service has follows what they use.
public struct Autoscale: Codable, Hashable, Sendable {
  /// What is looked at, each with the value that a replica should have on average.
  public enum Target: Codable, Hashable, Sendable {
    /// CPU time: 100 is one CPU.
    case cpu(percent: Double)
    /// Bytes in use, without page cache that could be given back.
    case memory(UInt64)
    /// The number that a command prints, which is run in one replica and tells of all together: so many are
    /// a replica's share.
    case command([String], share: Double)
    /// A number that every replica tells of itself.
    case http(HTTPMetric, share: Double)
  }

  /// At least 1.
  public var minimum: Int
  public var maximum: Int
  /// Never empty; the one that asks for most replicas counts.
  public var targets: [Target]
  /// How far apart looks are.
  public var interval: Span
  /// There are more replicas only when every look of this time has asked for more.
  public var upAfter: Span
  /// There are fewer replicas only when every look of this time has asked for fewer.
  public var downAfter: Span

  public init(
    minimum: Int = 1, maximum: Int, targets: [Target], interval: Span = .seconds(15), upAfter: Span = .zero,
    downAfter: Span = .seconds(300)
  ) {
    self.minimum = minimum
    self.maximum = maximum
    self.targets = targets
    self.interval = interval
    self.upAfter = upAfter
    self.downAfter = downAfter
  }

  /// The number between the least and the most.
  func clamped(_ count: Int) -> Int { min(max(count, minimum), maximum) }
}

/// What one look has found; each value is that of all replicas together.
public struct ScalingSample: Hashable, Sendable {
  public var at: Moment
  /// How many replicas were looked at; those that do not run, or not long enough, are none.
  public var replicas: Int
  /// By the target's place in `Autoscale.targets`; one that is absent could not be had.
  public var values: [Int: Double]

  public init(at: Moment, replicas: Int, values: [Int: Double]) {
    self.at = at
    self.replicas = replicas
    self.values = values
  }
}

/// What the looks of a service's recent past have asked for.
public struct ScalingHistory: Hashable, Sendable {
  /// What one look asks for.
  private struct Wish: Hashable, Sendable {
    var at: Moment
    var count: Int
    var reason: String
  }
  private var wishes: [Wish] = []
  private var begin: Moment?

  public init() {}

  /// A number of replicas, and why.
  public struct Decision: Hashable, Sendable {
    public var replicas: Int
    public var reason: String

    public init(replicas: Int, reason: String) {
      self.replicas = replicas
      self.reason = reason
    }
  }

  /// Adds a look at a service that is to have `current` replicas; nil: that is how many it should have.
  ///
  /// A value within a tenth of its target asks for no change. Between what is asked for in the time that a
  /// change up takes and in the time that a change down takes, the number stays.
  public mutating func decide(_ sample: ScalingSample, _ policy: Autoscale, current: Int) -> Decision? {
    begin = begin ?? sample.at
    guard let wish = policy.wish(sample, current: current) else { return nil }
    wishes.append(Wish(at: sample.at, count: wish.replicas, reason: wish.reason))
    let longest = max(policy.upAfter, policy.downAfter)
    wishes.removeAll { sample.at - $0.at > longest }
    func recent(_ span: Span) -> [Wish] { wishes.filter { sample.at - $0.at <= span } }
    // What is not known yet may have asked for the opposite.
    let known = sample.at - (begin ?? sample.at)
    if let least = recent(policy.upAfter).min(by: { $0.count < $1.count }), least.count > current,
      known >= policy.upAfter
    {
      return Decision(replicas: least.count, reason: least.reason)
    }
    if let most = recent(policy.downAfter).max(by: { $0.count < $1.count }), most.count < current,
      known >= policy.downAfter
    {
      return Decision(replicas: most.count, reason: most.reason)
    }
    return nil
  }
}

extension Autoscale {
  /// What one look asks for; nil: nothing could be found out.
  fileprivate func wish(_ sample: ScalingSample, current: Int) -> ScalingHistory.Decision? {
    if clamped(current) != current {
      return .init(replicas: clamped(current), reason: "there are to be \(minimum) to \(maximum)")
    }
    guard sample.replicas > 0 else { return nil }
    var most: ScalingHistory.Decision?
    for (index, target) in targets.enumerated() {
      guard let value = sample.values[index], value.isFinite, value >= 0 else { continue }
      let average = value / Double(sample.replicas)
      var count = current
      if abs(average / target.value - 1) > 0.1 {
        count = clamped(Int(min((value / target.value).rounded(.up), 1_000_000)))
      }
      if count > most?.replicas ?? 0 {
        most = .init(replicas: count, reason: target.words(average))
      }
    }
    return most
  }
}

extension Autoscale.Target {
  /// What a replica should have.
  fileprivate var value: Double {
    switch self {
    case .cpu(let percent): percent
    case .memory(let bytes): Double(bytes)
    case .command(_, let share), .http(_, let share): share
    }
  }

  /// `cpu is at 83% of one CPU in each replica, and 50% is wanted`.
  fileprivate func words(_ average: Double) -> String {
    switch self {
    case .cpu(let percent):
      "each replica uses \(Int(average.rounded()))% of a CPU, wanted is \(Int(percent.rounded()))%"
    case .memory(let bytes):
      "each replica uses \(Int(average) >> 20) MiB, wanted is \(bytes >> 20) MiB"
    case .command(let command, let share):
      "\(command.first ?? "") tells \(Self.short(average)) for each replica, wanted is \(Self.short(share))"
    case .http(let metric, let share):
      "\(metric) is \(Self.short(average)) in each replica, wanted is \(Self.short(share))"
    }
  }

  /// With two decimals at most.
  private static func short(_ number: Double) -> String {
    let hundredths = (number * 100).rounded() / 100
    return hundredths == hundredths.rounded() && abs(hundredths) < 1e15
      ? "\(Int(hundredths))" : "\(hundredths)"
  }
}

extension Autoscale: CustomStringConvertible {
  public var description: String { "\(minimum) to \(maximum)" }
}

extension Service {
  /// What its use has made of the number of replicas is kept where the new one is scaled by its use too.
  mutating func keepScale(of before: Service) {
    guard let policy = autoscale, before.autoscale != nil else { return }
    replicas = policy.clamped(before.replicas)
    scaledBecause = before.scaledBecause
  }
}

extension Stack {
  /// The stack in which a service has as many replicas as its use asks for; nil: it is not scaled by its use,
  /// or is stopped.
  public func autoscaled(_ name: String, to decision: ScalingHistory.Decision) -> Stack? {
    guard let service = services[name], let policy = service.autoscale, !service.isStopped else { return nil }
    var stack = self
    stack.services[name]?.replicas = policy.clamped(decision.replicas)
    stack.services[name]?.scaledBecause = decision.reason
    stack.services[name]?.isCarriedOut = false
    return stack
  }
}
