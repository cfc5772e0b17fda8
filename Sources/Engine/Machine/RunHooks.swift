internal import EngineInterface
internal import Logging
internal import Stacks

extension LocalMachine {
  /// Runs commands in a container that runs, one after the other; the first that fails is an error.
  func run(_ hooks: [Hook], _ key: String, in record: ContainerRecord) async throws(EngineError) {
    for hook in hooks {
      let options = ExecOptions(
        command: hook.command, environment: hook.environment.map { "\($0.key)=\($0.value)" }.sorted(),
        user: hook.user, workingDirectory: hook.workingDirectory, isPrivileged: hook.isPrivileged)
      let session = try await exec(record.id, options: options)
      let (code, output) = await withTaskCancellationHandler {
        var output: [UInt8] = []
        for await chunk in session.output { output += chunk.bytes.prefix(max(0, 1024 - output.count)) }
        return (await session.wait(), output)
      } onCancel: {
        session.kill()
      }
      guard code == 0 else {
        let text = String(decoding: output, as: UTF8.self)
        throw EngineError(
          .failed,
          "\(key) of \(record.spec.name): '\(hook)' ended with status \(code)\(text.isEmpty ? "" : ": \(text)")"
        )
      }
    }
  }

  /// Runs what is to be done before a stop, for at most the grace period. What fails is noted: the stop goes on.
  func runBeforeStop(_ record: ContainerRecord, within grace: Span) async {
    let hooks = record.spec.template.preStop
    if hooks.isEmpty || grace <= .zero { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [self] in
        do throws(EngineError) {
          try await run(hooks, "pre_stop", in: record)
        } catch {
          logger.warning("\(error)")
        }
      }
      group.addTask { try? await Task.sleep(for: .nanoseconds(grace.nanoseconds)) }
      await group.next()
      group.cancelAll()
    }
  }
}
