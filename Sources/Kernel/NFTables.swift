internal import CLinux
internal import CNFTables
internal import Glibc

/// nftables through libnftables(3): commands as nft(8) reads them, without running a program.
public enum NFTables {
  /// Carries out the commands as one transaction in the network namespace of the calling thread
  /// and gives what they print. Either all of them happen or none.
  @discardableResult
  public static func run(_ commands: String) throws(SystemError) -> String {
    let library = try cl_nftables.loaded()
    guard let context = library.nft_ctx_new(0) else {
      throw SystemError("open", on: "nftables", code: ENOMEM)
    }
    defer { unsafe release(context, library) }
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

  /// Closes the socket. After a change that takes as long as the kernel needs to be sure that nobody uses
  /// what was replaced (10 ms and more), and nobody has to wait for it.
  private static func release(_ context: OpaquePointer, _ library: cl_nftables) {
    let address = UInt(bitPattern: context)
    let free = unsafe library.nft_ctx_free
    let body: @Sendable () -> Void = { unsafe free?(OpaquePointer(bitPattern: address)) }
    do { _ = try DedicatedThread(body) } catch { body() }
  }
}
