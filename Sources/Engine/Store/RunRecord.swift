package import Stacks

/// What the engine writes down about the last start of a container, and about its end where the engine
/// had a part in it.
package struct RunRecord: Codable, Hashable, Sendable {
  /// Starts since it last ran long enough to count as settled.
  package var recentStarts = 0
  /// nil: it was never started.
  package var lastStart: Moment?
  /// How long it ran before it first failed by itself; nil: it has not, or not before its last start.
  package var firstRun: Span?
  /// The engine was told to stop it, and it has not been started since; nil: it was not.
  package var stop: ContainerState.Stopping?
  /// It was told to end, and hooks run before the stop signal, which it has not been sent yet; nil: no.
  package var awaitsSignal: Bool?
  /// Why the last start failed; nil where it did not.
  package var startFailure: StartFailure?

  package struct StartFailure: Codable, Hashable, Sendable {
    package var at: Moment
    package var message: String
    /// 127: no such program, 126: it cannot be run, 128: something else.
    package var code: Int32
  }
}
