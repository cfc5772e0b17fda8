import ArgumentParser
import Stacks
import Wire

struct Ps: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", _superCommandName: "cairn", abstract: "List containers.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Flag(name: .shortAndLong, help: "Show containers that do not run too.")
  var all = false
  @Flag(name: .shortAndLong, help: "Only show IDs.")
  var quiet = false
  @Flag(help: "Only show services.")
  var services = false
  @Flag(help: "Do not shorten anything.")
  var noTrunc = false
  @Option(help: "table or json, one document a line.")
  var format = ListFormat.table
  @Argument(help: "Only these services.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    let containers = try session.containers(service, all: all, withOneOffs: all)
    if services {
      session.console.write(Set(containers.map(\.service)).sorted().map { $0 + "\n" }.joined())
    } else if quiet {
      session.console.write(containers.map { $0.id + "\n" }.joined())
    } else if format == .json {
      let name = try session.stackName()
      for container in containers {
        session.console.write(try JSONText.line(Row(container, project: name)))
      }
    } else {
      session.console.write(Self.table(containers, now: session.now, shortens: !noTrunc))
      for drift in try session.engine().drift(try session.stackName())
      where service.isEmpty || drift.service.map(service.contains) ?? false {
        session.console.complain("drift \(drift)")
      }
    }
  }

  static func table(_ containers: [ListedContainer], now: Moment, shortens: Bool) -> String {
    var table = Table("NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS")
    for container in containers {
      let command = shortens ? shortened(container.command, to: 20) : container.command
      let age = (now - Moment(seconds: container.created)).roundedForPeople
      table.add(
        container.name, container.image, "\"\(command)\"", container.service, age + " ago", container.status,
        ports(container))
    }
    return table.text
  }

  /// `0.0.0.0:8080->80/tcp, 0.0.0.0:8443->443/tcp`.
  static func ports(_ container: ListedContainer) -> String {
    container.ports.map { port in
      let address = port.ip.contains(":") ? "[\(port.ip)]" : port.ip
      return "\(address):\(port.publicPort)->\(port.privatePort)/\(port.type)"
    }.joined(separator: ", ")
  }

  /// A container as `docker compose ps --format json` gives it.
  struct Row: Encodable {
    struct Publisher: Encodable {
      var url: String
      var targetPort: UInt16
      var publishedPort: UInt16
      var `protocol`: String

      enum CodingKeys: String, CodingKey {
        case url = "URL"
        case targetPort = "TargetPort"
        case publishedPort = "PublishedPort"
        case `protocol` = "Protocol"
      }
    }
    var id: String
    var name: String
    var project: String
    var service: String
    var image: String
    var command: String
    var created: Int64
    var state: String
    var status: String
    var health: String
    var exitCode: Int
    var ports: String
    var publishers: [Publisher]

    enum CodingKeys: String, CodingKey {
      case id = "ID"
      case name = "Name"
      case project = "Project"
      case service = "Service"
      case image = "Image"
      case command = "Command"
      case created = "Created"
      case state = "State"
      case status = "Status"
      case health = "Health"
      case exitCode = "ExitCode"
      case ports = "Ports"
      case publishers = "Publishers"
    }

    init(_ container: ListedContainer, project: String) {
      id = container.id
      name = container.name
      self.project = project
      service = container.service
      image = container.image
      command = container.command
      created = container.created
      state = container.state
      status = container.status
      health = container.health
      exitCode = container.exitCode
      ports = Ps.ports(container)
      publishers = container.ports.map {
        Publisher(url: $0.ip, targetPort: $0.privatePort, publishedPort: $0.publicPort, protocol: $0.type)
      }
    }
  }
}
