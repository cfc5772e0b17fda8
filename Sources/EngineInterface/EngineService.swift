public import Stacks

/// Everything that can be asked of the engine: what the HTTP interface is a view of.
///
/// It is a protocol so that routes are tested against one made of values.
public protocol EngineService: Sendable {
  var information: EngineInformation { get }

  /// Every stack that is kept, sorted by name.
  func stacks() async throws(EngineError) -> [StackSummary]
  /// The stack as it was last applied.
  func stack(_ name: String) async throws(EngineError) -> Stack
  /// What of a kept stack is not as it is wanted and is only reported, as its last pass found it.
  func drift(_ name: String) async throws(EngineError) -> [Drift]
  /// What `apply` would do now, and what is only reported meanwhile. Changes nothing.
  func plan(_ stack: Stack, options: ApplyOptions) async throws(EngineError) -> Plan
  /// Keeps the stack as what is wanted and works until it is so, until nothing more can be done
  /// without the user, or until `options.timeout` has passed. The last element is `.finished`.
  /// Ending the stream early does not undo anything: the loop goes on.
  func apply(_ stack: Stack, options: ApplyOptions) -> AsyncStream<Progress>
  /// Stops and removes the containers and networks of the stack, and forgets it.
  func takeDown(_ name: String, options: DownOptions) -> AsyncStream<Progress>
  /// What was declared of a kept stack over time, oldest first.
  func history(_ name: String) async throws(EngineError) -> [Revision]
  /// Goes back to what was declared in a revision; nil: in the one before the last.
  func rollBack(_ name: String, to number: Int?) -> AsyncStream<Progress>
  /// Changes the number of replicas of services of a kept stack.
  func scale(_ name: String, to replicas: [String: Int]) -> AsyncStream<Progress>
  /// Stops services (all where `services` is empty) and keeps their containers; or, with
  /// `stopped` false, starts them again. `timeout` replaces the services' own grace periods.
  func setStopped(_ stopped: Bool, stack: String, services: [String], timeout: Span?) -> AsyncStream<Progress>
  /// Stops and starts the containers of services (all where `services` is empty).
  func restart(stack: String, services: [String], timeout: Span?) -> AsyncStream<Progress>

  /// Asks for one container beside the replicas of a service, and works until it is started or cannot be.
  /// `stack` is the whole file, for what the container depends on, its networks and volumes.
  func run(_ request: RunRequest, of stack: Stack) -> AsyncStream<Progress>
  /// Removes the container that `run` was asked for under this key, ended or not.
  func discard(_ key: String, of stack: String) -> AsyncStream<Progress>
  /// Attaches to the process of a running container: its output from now on, or, the first time after a
  /// `run` that asked for it, from its beginning.
  func attach(_ container: ContainerID, givesInput: Bool) async throws(EngineError) -> any ExecSession
  /// Sets the size of a container's terminal.
  func resize(_ container: ContainerID, rows: UInt16, columns: UInt16) async throws(EngineError)

  /// The containers of a stack, or of all stacks and none where `stack` is nil; sorted by name.
  func containers(stack: String?) async throws(EngineError) -> [ContainerSummary]
  /// Finds one container by name, by ID, or by a beginning of its ID that is unique.
  func container(_ nameOrID: String) async throws(EngineError) -> ContainerSummary
  /// Sends a signal, such as `SIGKILL` or `9`, to process 1 of a running container.
  func kill(_ container: ContainerID, signal: String) async throws(EngineError)
  /// The container's output, oldest first.
  func logs(_ container: ContainerID, options: LogOptions) async throws(EngineError)
    -> AsyncThrowingStream<LogLine, any Error>
  /// Runs one more process in a running container.
  func exec(_ container: ContainerID, options: ExecOptions) async throws(EngineError) -> any ExecSession
  /// Ends when the container is not running any more, with its exit code.
  func wait(_ container: ContainerID) async throws(EngineError) -> Int32

  /// What each running container of a stack (of all stacks where `stack` is nil) uses now.
  func usage(stack: String?) async throws(EngineError) -> [UsageSample]
  /// The processes of a running container, by number.
  func processes(_ container: ContainerID) async throws(EngineError) -> [ContainerProcess]
  /// What the engine itself uses.
  func ownUsage() async throws(EngineError) -> EngineUsage
  /// How the services and jobs of each kept stack stand, by the stack's name.
  func listings() async throws(EngineError) -> [String: StackListing]
  /// What happens from now on, as it happens; with `since` also what happened at that time or later, as
  /// far as it is kept. It ends with the engine, or at `until`.
  func events(since: Moment?, until: Moment?) -> AsyncStream<EngineEvent>

  /// Every stored image, sorted by name.
  func images() async throws(EngineError) -> [ImageSummary]
  /// Makes an image from the tar archive (plain or compressed) of a root file system. `changes`
  /// are Dockerfile instructions as `docker import --change` takes them.
  func importImage(
    _ reference: ImageReference, changes: [String],
    archive: any AsyncSequence<[UInt8], any Error> & Sendable
  ) async throws(EngineError) -> ImageSummary
  func removeImage(_ reference: ImageReference) async throws(EngineError)
}

/// A process that `exec` started.
public protocol ExecSession: Sendable {
  /// What it writes, until it has closed both streams.
  var output: AsyncStream<OutputChunk> { get }
  /// Writes to its standard input. Throws where it has been closed.
  func write(_ bytes: [UInt8]) async throws(EngineError)
  /// Closes its standard input.
  func closeInput() async
  /// Sets the size of its terminal; does nothing where it has none.
  func resize(rows: UInt16, columns: UInt16) async
  /// Waits for its end: the exit status, or 128 and the number of the signal that ended it.
  func wait() async -> Int32
}
