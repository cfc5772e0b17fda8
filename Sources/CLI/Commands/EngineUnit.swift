import ArgumentParser
import Kernel

/// A unit for systemd, so that the engine begins with the machine: systemd.service(5), systemd.kill(5).
struct EngineUnit: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "unit", _superCommandName: "cairn",
    abstract: "Print a systemd unit that runs the engine from the boot on.")

  @Option(help: "As of 'engine run'.")
  var dataRoot = Autostart.defaultDataRoot
  @Option(help: "As of 'engine run'.")
  var execRoot = Autostart.defaultExecRoot
  @OptionGroup var common: CommonOptions

  func execute(_ session: Session) throws(CLIError) {
    let program: String
    do throws(SystemError) { program = try Files.readLink("/proc/self/exe") } catch {
      throw CLIError("find the path of this program: \(error)")
    }
    var words = [program, "engine", "run", "--data-root", dataRoot, "--exec-root", execRoot]
    if let host = session.settings.host { words += ["--host", host] }
    session.console.write(Self.text(words))
  }

  /// The unit that runs these words.
  static func text(_ words: [String]) -> String {
    """
    # cairn engine unit > /etc/systemd/system/cairn.service && systemctl enable --now cairn
    [Unit]
    Description=Cairn, a container orchestrator
    Wants=network-online.target
    After=network-online.target nftables.service firewalld.service

    [Service]
    ExecStart=\(words.map(quoted).joined(separator: " "))
    Restart=always
    # Containers outlive the engine, and the next one finds them.
    KillMode=process
    # Their cgroups are the engine's own matter.
    Delegate=yes
    LimitNOFILE=1048576
    TasksMax=infinity

    [Install]
    WantedBy=multi-user.target

    """
  }

  /// A word of a command line of systemd, which splits at spaces and replaces `%` and `$`.
  private static func quoted(_ word: String) -> String {
    let text = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
      .replacing("$", with: "$$")
    return text.contains(" ") || text.contains("\"") ? "\"\(text)\"" : text
  }
}
