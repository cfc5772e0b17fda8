internal import Containers
internal import EngineInterface
internal import FoundationEssentials
internal import Kernel
internal import Stacks

extension LocalMachine {
  func makeMonitor() -> HealthMonitor {
    HealthMonitor(
      now: { Moment(nanoseconds: WallClock.nanoseconds) },
      probe: { [weak self] id, check in
        await self?.probe(id, check) ?? .failed(output: "the engine has ended")
      },
      keep: { [records] id, record in
        // Only a restarted engine misses it, and that one checks anew.
        let path = records.directory(of: id) + "/health.json"
        if let bytes = try? JSONEncoder().encode(record) { try? Files.replace(path, with: bytes) }
      },
      changed: { [weak self] id in
        self?.noteHealth(of: id)
        self?.tell(id)
      })
  }

  func watchHealth(of record: ContainerRecord, _ settings: ProcessSettings) {
    guard let check = settings.healthcheck, case .running(_, let startedAt) = status(of: record.id) else {
      return
    }
    let path = records.directory(of: record.id) + "/health.json"
    let known = (try? Files.read(path, limit: 1 << 20)).flatMap {
      try? JSONDecoder().decode(HealthRecord.self, from: Data($0))
    }
    health.watch(record.id, check, startedAt: startedAt, known: known)
  }

  /// Runs the check's command in the container; what it prints is kept, cut off at 4 KiB.
  private func probe(_ id: ContainerID, _ check: Healthcheck) async -> HealthRecord.Result {
    let command: [String]
    switch check.test {
    case .exec(let words): command = words
    case .shell(let line): command = ["/bin/sh", "-c", line]
    case nil: return .passed(output: "")
    }
    guard let (code, output) = await output(of: command, in: id, within: check.timeout) else {
      return .failed(output: "no answer within \(check.timeout)")
    }
    return code == 0 ? .passed(output: output) : .failed(output: output)
  }

  /// Runs a command in a container: how it ended, and at most 4 KiB of what it printed; where it cannot be
  /// run, -1 and why. nil: it did not end within `span` and was killed.
  func output(of command: [String], in id: ContainerID, within span: Span) async -> (
    code: Int32, text: String
  )? {
    do {
      let session = try await exec(id, options: ExecOptions(command: command))
      let result = await withTaskGroup(of: (Int32, [UInt8])?.self) { group in
        group.addTask {
          var output: [UInt8] = []
          for await chunk in session.output where output.count < 4096 {
            output += chunk.bytes.prefix(4096 - output.count)
          }
          return (await session.wait(), output)
        }
        group.addTask {
          try? await Task.sleep(for: .nanoseconds(span.nanoseconds))
          return nil
        }
        let first = await group.next() ?? nil
        if first == nil { session.kill() }
        group.cancelAll()
        return first
      }
      return result.map { ($0, String(decoding: $1, as: UTF8.self)) }
    } catch {
      return (-1, "\(error)")
    }
  }
}
