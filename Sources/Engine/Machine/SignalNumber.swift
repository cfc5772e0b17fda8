internal import EngineInterface

/// Names and numbers of signals (signal(7), x86-64 and arm64).
enum SignalNumber {
  private static let names =
    [
      "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "IOT": 6, "BUS": 7, "FPE": 8, "KILL": 9,
      "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17,
      "CONT": 18, "STOP": 19, "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25,
      "VTALRM": 26, "PROF": 27, "WINCH": 28, "IO": 29, "PWR": 30, "SYS": 31, "RTMIN": 34, "RTMAX": 64,
    ] as [String: Int32]

  /// The number of `SIGTERM`, `term`, `15`, `SIGRTMIN+3`.
  static func parse(_ text: String) throws(EngineError) -> Int32 {
    if let number = Int32(text), (1...64).contains(number) { return number }
    var name = text.uppercased()
    if name.hasPrefix("SIG") { name.removeFirst(3) }
    if let number = names[name] { return number }
    if name.hasPrefix("RTMIN+"), let offset = Int32(name.dropFirst(6)), (0...30).contains(offset) {
      return 34 + offset
    }
    throw EngineError(
      .invalid, "\"\(text)\" is not a signal; write a name such as SIGTERM or a number from 1 to 64")
  }
}
