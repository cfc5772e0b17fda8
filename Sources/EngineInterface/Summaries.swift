public import Stacks

/// What the engine is and where it runs.
public struct EngineInformation: Codable, Hashable, Sendable {
  public var version: String
  public var dataRoot: String
  public var execRoot: String
  /// The engine's process ID.
  public var pid: Int32
  public var kernelVersion: String
  /// `v2`, `v1` or `hybrid`.
  public var cgroups: String

  public init(
    version: String, dataRoot: String, execRoot: String, pid: Int32, kernelVersion: String, cgroups: String
  ) {
    self.version = version
    self.dataRoot = dataRoot
    self.execRoot = execRoot
    self.pid = pid
    self.kernelVersion = kernelVersion
    self.cgroups = cgroups
  }
}

/// One stack in a listing.
public struct StackSummary: Codable, Hashable, Sendable {
  public var name: String
  /// Containers that run, and that should exist.
  public var running: Int
  public var desired: Int
  public var files: [String]

  public init(name: String, running: Int, desired: Int, files: [String]) {
    self.name = name
    self.running = running
    self.desired = desired
    self.files = files
  }
}

/// How what a stack holds stands.
public struct StackListing: Hashable, Sendable {
  /// Sorted by name.
  public var services: [ServiceSummary]
  /// Sorted by name.
  public var jobs: [JobSummary]

  public init(services: [ServiceSummary], jobs: [JobSummary] = []) {
    self.services = services
    self.jobs = jobs
  }
}

/// One container in a listing.
public struct ContainerSummary: Codable, Hashable, Sendable {
  public var name: String
  public var container: ObservedContainer
  /// The command with its arguments as it is run, the image's defaults filled in.
  public var command: [String]
  /// Equal for containers that are made from equal templates.
  public var templateHash: UInt64

  public init(name: String, container: ObservedContainer, command: [String], templateHash: UInt64) {
    self.name = name
    self.container = container
    self.command = command
    self.templateHash = templateHash
  }
}

/// One image in a listing.
public struct ImageSummary: Codable, Hashable, Sendable {
  public var id: Digest
  /// Every name that stands for it, sorted.
  public var references: [ImageReference]
  /// Bytes on disk, its layers unpacked.
  public var size: UInt64
  public var createdAt: Moment

  public init(id: Digest, references: [ImageReference], size: UInt64, createdAt: Moment) {
    self.id = id
    self.references = references
    self.size = size
    self.createdAt = createdAt
  }
}

/// One line, or the 16 KiB part of a longer one, of a container's output.
public struct LogLine: Codable, Hashable, Sendable {
  public var stream: OutputStream
  public var time: Moment
  /// With its line feed, where there was one.
  public var bytes: [UInt8]

  public init(stream: OutputStream, time: Moment, bytes: [UInt8]) {
    self.stream = stream
    self.time = time
    self.bytes = bytes
  }
}

public enum OutputStream: String, Codable, Hashable, Sendable { case stdout, stderr }

/// A piece of a process's output as it comes.
public struct OutputChunk: Hashable, Sendable {
  public var stream: OutputStream
  public var bytes: [UInt8]

  public init(stream: OutputStream, bytes: [UInt8]) {
    self.stream = stream
    self.bytes = bytes
  }
}
