import ArgumentParser
import EngineInterface
import Stacks
import Wire

struct PlanCommand: SessionCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(
    commandName: "plan", _superCommandName: "cairn",
    abstract: "Show what 'up' would do and why, and change nothing.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Option(help: "text, one line a step, or json.")
  var format = Format.text
  @Flag(help: "End with status 2 where there is something to do, and 0 where not.")
  var detailedExitcode = false
  @Option(
    help: ArgumentHelp(
      "Run so many containers of a service, whatever the file says.", valueName: "SERVICE=NUMBER"))
  var scale: [ScaleArgument] = []
  @Flag(help: "As if containers were to be replaced although nothing has changed.")
  var forceRecreate = false
  @Flag(name: [.customShort("V"), .long], help: "As if volumes without a name were to be replaced.")
  var renewAnonVolumes = false
  @Flag(help: "As if containers of services that are not in the stack file were to be removed.")
  var removeOrphans = false
  @Argument(help: "Only these services and what they depend on.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    let stack = try Up.scaled(try session.load(services: service), scale)
    let options = ApplyOptions(
      removesOrphans: removeOrphans, forcesRecreation: forceRecreate,
      renewsVolumes: renewAnonVolumes ? true : nil, services: service)
    let plan = try session.engine().plan(ApplyRequest(stack: stack, options: options))
    switch format {
    case .text: session.console.write(Self.text(plan))
    case .json: session.console.write(try JSONText.line(Report(plan)))
    }
    if detailedExitcode, !plan.isEmpty { throw .silent(status: 2) }
  }

  static func text(_ plan: Plan) -> String {
    if plan.isEmpty, plan.text.isEmpty { return "nothing to do: everything is as the stack file says\n" }
    let count = plan.steps.count
    let summary = count == 0 ? "nothing to do now" : count == 1 ? "1 step" : "\(count) steps"
    return plan.text + summary + "\n"
  }

  /// A plan for scripts.
  struct Report: Encodable {
    struct Step: Encodable {
      var number: Int
      var after: [Int]
      var action: String
      var subject: String
      var reason: String
      var changes: [Difference]
    }
    var steps: [Step]
    var waiting: [String: String]
    var blocked: [String: String]
    var notes: [String]
    /// When each job with a schedule is run next, in UTC.
    var nextRuns: [String: String]
    /// What is only reported at present.
    var drift: [Drift]
    /// Where updates stand, by service.
    var updates: [String: String]

    init(_ plan: Plan) {
      steps = plan.steps.map {
        Step(
          number: $0.number, after: $0.after, action: $0.action.verb, subject: $0.action.subject,
          reason: $0.reason, changes: $0.changes)
      }
      func named(_ reasons: [Slot: String]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: reasons.map { ($0.key.description, $0.value) })
      }
      waiting = named(plan.waiting)
      blocked = named(plan.blocked)
      notes = plan.notes
      drift = plan.drift
      nextRuns = plan.nextRuns.mapValues(\.utc)
      updates = plan.updates.mapValues(\.description)
    }
  }
}
