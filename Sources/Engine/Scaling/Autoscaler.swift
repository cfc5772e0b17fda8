internal import EngineInterface
internal import Kernel
internal import Logging
internal import Stacks
internal import Synchronization

/// Looks at the services with `x-autoscale`, each at its own interval, and says how many replicas they are
/// to have. Where there is none it sleeps.
final class Autoscaler: Sendable {
  private struct Service: Hashable { var stack, name: String }

  /// What is known of a service since this engine looks at it.
  private struct Watch {
    var history = ScalingHistory()
    var dueAt: Moment
    /// CPU time of each running container at the last look.
    var cpuTimes: [ContainerID: (at: Moment, nanoseconds: UInt64)] = [:]
  }

  private let machine: LocalMachine
  private let store: DesiredStore
  private let logger: Logger
  private let bell: AsyncStream<Void>
  private let rope: AsyncStream<Void>.Continuation

  init(_ machine: LocalMachine, _ store: DesiredStore, _ logger: Logger) {
    self.machine = machine
    self.store = store
    self.logger = logger
    (bell, rope) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Services may have come or gone.
  func ring() { rope.yield() }

  /// Runs until the task is cancelled. `scale` is told of each service that is to have another number of
  /// replicas than it had.
  func run(
    scale: (_ stack: String, _ service: String, _ from: Int, ScalingHistory.Decision) -> Void
  ) async {
    var watches: [Service: Watch] = [:]
    var iterator = bell.makeAsyncIterator()
    while !Task.isCancelled {
      let policies = self.policies()
      watches = watches.filter { policies[$0.key] != nil }
      let sorted = policies.sorted { ($0.key.stack, $0.key.name) < ($1.key.stack, $1.key.name) }
      for (service, (policy, replicas)) in sorted {
        var watch = watches[service] ?? Watch(dueAt: machine.now)
        if watch.dueAt <= machine.now {
          if let decision = await look(service, policy, replicas: replicas, &watch) {
            scale(service.stack, service.name, replicas, decision)
          }
          watch.dueAt = machine.now + policy.interval
        }
        watches[service] = watch
      }
      await rope.wait(for: watches.values.map(\.dueAt).min().map { $0 - machine.now }, &iterator)
    }
  }

  private func policies() -> [Service: (policy: Autoscale, replicas: Int)] {
    do throws(EngineError) {
      var found: [Service: (policy: Autoscale, replicas: Int)] = [:]
      for entry in try store.all() where entry.leaving == nil {
        for (name, service) in entry.stack.services where !service.isStopped {
          guard let policy = service.autoscale else { continue }
          found[Service(stack: entry.stack.name, name: name)] = (policy, service.replicas)
        }
      }
      return found
    } catch {
      logger.error("look for services that are scaled by their use: \(error)")
      return [:]
    }
  }
}

extension Autoscaler {
  /// One look at a service.
  private func look(
    _ service: Service, _ policy: Autoscale, replicas: Int, _ watch: inout Watch
  ) async -> ScalingHistory.Decision? {
    let samples: [UsageSample]
    do throws(EngineError) {
      samples = try machine.usage(stack: service.stack).filter { $0.instance.slot.service == service.name }
    } catch {
      logger.error("look at what \(service.name) uses: \(error)", metadata: ["stack": "\(service.stack)"])
      return nil
    }
    var sample = ScalingSample(at: machine.now, replicas: samples.count, values: [:])
    for (index, target) in policy.targets.enumerated() {
      switch target {
      case .cpu: sample.values[index] = cpu(samples, watch)
      case .memory:
        sample.values[index] = samples.reduce(0) { $0 + Double($1.usage.workingMemory ?? 0) }
      case .command(let command, _): sample.values[index] = await number(command, samples, service)
      case .http(let metric, _): sample.values[index] = await sum(metric, samples, service)
      }
    }
    watch.cpuTimes = [:]
    for one in samples {
      if let time = one.usage.cpuTime { watch.cpuTimes[one.id] = (one.usage.takenAt, time) }
    }
    return watch.history.decide(sample, policy, current: replicas)
  }

  /// CPU time of all replicas since the last look, 100 for one CPU. Those that were not there then count as
  /// the others do; nil: none was.
  private func cpu(_ samples: [UsageSample], _ watch: Watch) -> Double? {
    let shares = samples.compactMap { sample -> Double? in
      guard let before = watch.cpuTimes[sample.id], let time = sample.usage.cpuTime,
        time >= before.nanoseconds
      else { return nil }
      let span = (sample.usage.takenAt - before.at).inSeconds
      return span > 0 ? Double(time - before.nanoseconds) / 1e7 / span : nil
    }
    return Self.total(shares, of: samples)
  }

  /// What all replicas have together where only some were found out: the others count as those do. nil:
  /// none was.
  private static func total(_ found: [Double], of samples: [UsageSample]) -> Double? {
    if found.isEmpty { return nil }
    return found.reduce(0, +) / Double(found.count) * Double(samples.count)
  }

  private func complain(_ service: Service, by subject: String, _ why: String) {
    logger.warning("scale \(service.name) by \(subject): \(why)", metadata: ["stack": "\(service.stack)"])
  }

  /// The number that a command prints in the first replica; nil: it could not be had, which is logged.
  private func number(_ command: [String], _ samples: [UsageSample], _ service: Service) async -> Double? {
    guard let first = samples.first else { return nil }
    func complain(_ why: String) { self.complain(service, by: command.joined(separator: " "), why) }
    guard let (code, output) = await machine.output(of: command, in: first.id, within: .seconds(10)) else {
      complain("no answer within 10s")
      return nil
    }
    let text =
      output.split { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r" }.first.map(String.init) ?? ""
    guard code == 0, let number = Double(text) else {
      complain(
        code == 0
          ? "it printed no number: \(output.prefix(200))" : "it exited with \(code): \(output.prefix(200))")
      return nil
    }
    return number
  }

  /// What all replicas tell together; one that does not answer, which is logged, counts as the others do.
  /// nil: none answers.
  private func sum(_ metric: HTTPMetric, _ samples: [UsageSample], _ service: Service) async -> Double? {
    let found = await withTaskGroup(of: Double?.self) { group in
      for sample in samples {
        group.addTask { await self.ask(sample, metric, service) }
      }
      return await group.reduce(into: [Double]()) { if let number = $1 { $0.append(number) } }
    }
    return Self.total(found, of: samples)
  }

  private func ask(_ sample: UsageSample, _ metric: HTTPMetric, _ service: Service) async -> Double? {
    func complain(_ why: String) { self.complain(service, by: "\(metric)", "\(sample.instance): \(why)") }
    guard let record = machine.records.record(sample.id) else { return nil }
    let isOnHost = record.spec.template.sharing.network == .host
    guard let address = isOnHost ? .loopback : Interface.all(of: record).first?.address else {
      complain("it has no address of its own; attach it to a network")
      return nil
    }
    do throws(HTTPGet.Failure) {
      let body = try await HTTPGet.body(
        from: InetAddress(address: address.number, port: metric.port), path: metric.path, within: .seconds(5))
      guard let number = metric.value(in: body), number.isFinite, number >= 0 else {
        complain("it answered without the number: \(body.prefix(200))")
        return nil
      }
      return number
    } catch {
      complain(error.words)
      return nil
    }
  }
}
