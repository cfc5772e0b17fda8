internal import CLinux
internal import CNFTables
internal import Dispatch
internal import Glibc
internal import Synchronization

/// nftables through libnftables(3): commands as nft(8) reads them, without running a program.
public enum NFTables {
  /// Carries out the commands as one transaction in the network namespace of the calling thread
  /// and gives what they print. Either all of them happen or none.
  ///
  /// The library runs on a thread of its own, for two reasons. It waits with select(2), which ends the
  /// whole process where its socket has a number above 1023: that thread has no descriptors but its own
  /// (close_range(2) with CLOSE_RANGE_UNSHARE). And after a change its socket is closed only when the
  /// kernel is sure that nobody uses what was replaced, 10 ms and more: nobody waits for that here.
  @discardableResult
  public static func run(_ commands: String) throws(SystemError) -> String {
    try run(transactions: [commands])
  }

  /// The same with several transactions, one after the other, up to the first that fails; gives what the
  /// last one prints. They share a socket, so that none waits until the kernel has done with the one before.
  @discardableResult
  public static func run(transactions: [String]) throws(SystemError) -> String {
    let library = try cl_nftables.loaded()
    let answer = Answer()
    _ = try DedicatedThread {
      cl_forget_descriptors()
      guard let context = library.nft_ctx_new(0) else {
        return answer.give(.failure(SystemError("open", on: "nftables", code: ENOMEM)))
      }
      let result: Result<String, SystemError>
      do throws(SystemError) {
        var output = ""
        for commands in transactions { output = try unsafe run(commands, library, context) }
        result = .success(output)
      } catch {
        result = .failure(error)
      }
      answer.give(result)
      unsafe library.nft_ctx_free(context)
    }
    return try answer.wait().get()
  }

  private static func run(_ commands: String, _ library: cl_nftables, _ context: OpaquePointer)
    throws(SystemError) -> String
  {
    unsafe library.nft_ctx_output_set_flags(context, UInt32(NFT_CTX_OUTPUT_NUMERIC_ALL))
    guard unsafe library.nft_ctx_buffer_output(context) == 0,
      unsafe library.nft_ctx_buffer_error(context) == 0
    else {
      throw SystemError("open", on: "nftables", code: ENOMEM)
    }
    guard unsafe library.nft_run_cmd_from_buffer(context, commands) == 0 else {
      let text = unsafe library.nft_ctx_get_error_buffer(context).map { unsafe String(cString: $0) } ?? ""
      throw SystemError("apply", on: "nftables rules", code: 0, hint: String(text.prefix(2000)))
    }
    return unsafe library.nft_ctx_get_output_buffer(context).map { unsafe String(cString: $0) } ?? ""
  }

  /// What one thread finds and another waits for.
  private final class Answer: Sendable {
    private let result = Mutex<Result<String, SystemError>?>(nil)
    private let isGiven = DispatchSemaphore(value: 0)

    func give(_ found: Result<String, SystemError>) {
      result.withLock { $0 = found }
      isGiven.signal()
    }

    func wait() -> Result<String, SystemError> {
      isGiven.wait()
      guard let found = result.withLock({ $0 }) else { preconditionFailure("signalled without an answer") }
      return found
    }
  }
}
