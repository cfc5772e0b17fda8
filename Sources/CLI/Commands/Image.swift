import ArgumentParser
import Kernel
import Stacks
import Wire

struct Image: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", _superCommandName: "cairn", abstract: "Work with stored images.",
    subcommands: [ImageImport.self, ImageLs.self, ImageRm.self])
}

struct ImageImport: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", _superCommandName: "cairn",
    abstract: "Make an image from the tar archive of a root file system.")
  @OptionGroup var common: CommonOptions

  @Option(name: .shortAndLong, help: "A Dockerfile instruction to apply, such as 'CMD [\"sh\"]'.")
  var change: [String] = []
  @Argument(help: "The archive, plain or compressed; - is standard input.")
  var archive: String
  @Argument(help: "The image's name, NAME[:TAG].")
  var name: String

  func execute(_ session: Session) throws(CLIError) {
    let reference = try imageReference(name)
    let file: Descriptor
    do throws(SystemError) {
      file = archive == "-" ? Descriptor.standardInput : try Files.openForReading(archive)
    } catch {
      throw CLIError("import an image: \(error)")
    }
    let client = try session.engine()
    let id = try client.importImage(reference, changes: change) { () throws(CLIError) in
      do throws(SystemError) {
        let bytes = try file.read(upTo: 256 * 1024)
        return bytes.isEmpty ? nil : bytes
      } catch {
        throw CLIError("read \(archive): \(error)")
      }
    }
    session.console.write(id + "\n")
  }
}

struct ImageLs: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", _superCommandName: "cairn", abstract: "List images.")
  @OptionGroup var common: CommonOptions

  @Flag(name: .shortAndLong, help: "Only show IDs.")
  var quiet = false
  @Option(help: "table or json, one document a line.")
  var format = ListFormat.table

  func execute(_ session: Session) throws(CLIError) {
    let images = try session.engine().images()
    if quiet {
      session.console.write(images.map { $0.id + "\n" }.joined())
    } else if format == .json {
      for image in images { session.console.write(try JSONText.line(Row(image))) }
    } else {
      session.console.write(Self.table(images, now: session.now))
    }
  }

  static func table(_ images: [DockerImage], now: Moment) -> String {
    var table = Table("IMAGE", "ID", "CREATED", "SIZE")
    for image in images {
      let id = String(image.id.drop { $0 != ":" }.dropFirst().prefix(12))
      let age = image.created <= 0 ? "-" : (now - Moment(seconds: image.created)).roundedForPeople + " ago"
      for name in image.repoTags.isEmpty ? ["<none>"] : image.repoTags {
        table.add(name, id, age, sizeText(image.size))
      }
    }
    return table.text
  }

  struct Row: Encodable {
    var id: String
    var names: [String]
    var created: Int64
    var size: UInt64

    enum CodingKeys: String, CodingKey {
      case id = "ID"
      case names = "Names"
      case created = "Created"
      case size = "Size"
    }

    init(_ image: DockerImage) {
      id = image.id
      names = image.repoTags
      created = image.created
      size = image.size
    }
  }
}

struct ImageRm: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", _superCommandName: "cairn", abstract: "Remove images.")
  @OptionGroup var common: CommonOptions

  @Argument(help: "Their names.")
  var name: [String]

  func execute(_ session: Session) throws(CLIError) {
    let references = try name.map { (name) throws(CLIError) in try imageReference(name) }
    for reference in references {
      try session.engine().removeImage(reference)
      session.console.write("Untagged: \(reference)\n")
    }
  }
}

func imageReference(_ text: String) throws(CLIError) -> ImageReference {
  do throws(ValueError) { return try ImageReference(text) } catch { throw CLIError("\(error)") }
}

/// Bytes as Docker shows them, in units of 1000: `1.24MB`.
func sizeText(_ bytes: UInt64) -> String {
  var unit = 0
  var divisor: UInt64 = 1
  let units = ["B", "kB", "MB", "GB", "TB"]
  while bytes / divisor >= 1000, unit < units.count - 1 {
    divisor *= 1000
    unit += 1
  }
  if unit == 0 { return "\(bytes)B" }
  // Three digits are shown, however many of them stand before the point.
  let whole = bytes / divisor
  let decimals = whole >= 100 ? 0 : whole >= 10 ? 1 : 2
  if decimals == 0 { return "\(whole)\(units[unit])" }
  let scale: UInt64 = decimals == 1 ? 10 : 100
  let fraction = String(bytes % divisor * scale / divisor + scale).dropFirst()
  return "\(whole).\(fraction)\(units[unit])"
}
