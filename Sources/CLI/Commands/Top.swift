import ArgumentParser
import Wire

struct Top: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", _superCommandName: "cairn", abstract: "Show the processes of running containers.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Argument(help: "Only these services.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    let client = try session.engine()
    let containers = try session.containers(service, all: false)
    var table: Table?
    for container in containers {
      let top = try client.top(container.id)
      var rows = table ?? Table(headings: ["SERVICE", "#"] + top.titles)
      for process in top.processes { rows.add(cells: [container.service, "\(container.number)"] + process) }
      table = rows
    }
    if let table { session.console.write(table.text) }
  }
}
