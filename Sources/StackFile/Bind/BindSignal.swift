internal import Stacks

extension Binder {
  /// `SIGTERM`, `TERM`, `term` or `15`; real-time signals as `SIGRTMIN+3`.
  mutating func signal(_ node: Node) -> String? {
    let written = node.string ?? ""
    let upper = written.uppercased()
    let name = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
    if let number = Int(name), let known = Binder.signals.first(where: { $0.value == number }) {
      return "SIG" + known.key
    }
    if Binder.signals[name] != nil { return "SIG" + name }
    for (base, sign) in [("RTMIN", "+"), ("RTMAX", "-")] where name.hasPrefix(base) {
      let rest = name.dropFirst(base.count)
      if rest.isEmpty || (rest.hasPrefix(sign) && Int(rest.dropFirst()).map { (0...30).contains($0) } == true)
      {
        return "SIG" + name
      }
    }
    let near = nearest(to: name, among: Binder.signals.keys).map { "did you mean 'SIG\($0)'?" }
    findings.error(
      node.at, "there is no signal \(quoted(written))", fix: near ?? "write such as SIGTERM or SIGINT")
    return nil
  }

  /// signal(7), the numbers of x86 and ARM.
  private static let signals: [String: Int] = [
    "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9,
    "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17,
    "CONT": 18, "STOP": 19, "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25,
    "VTALRM": 26, "PROF": 27, "WINCH": 28, "IO": 29, "PWR": 30, "SYS": 31,
  ]
}
