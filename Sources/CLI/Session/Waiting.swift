import Kernel

/// Waiting, with the command line's own errors.
enum Waiting {
  static func readable(
    _ readable: [Int32], writable: [Int32] = [], milliseconds: Int? = nil
  ) throws(CLIError) -> Set<Int32> {
    do throws(SystemError) {
      return try Poll.wait(readable: readable, writable: writable, milliseconds: milliseconds)
    } catch {
      throw CLIError("\(error)")
    }
  }

  static func signals(_ signals: [Int32]) throws(CLIError) -> SignalDescriptor {
    do throws(SystemError) { return try SignalDescriptor(signals) } catch { throw CLIError("\(error)") }
  }
}
