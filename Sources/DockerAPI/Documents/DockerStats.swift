/// `GET /containers/{id}/stats` (Docker Engine API 1.44, ContainerStats), on Linux.
///
/// It is written with small letters and underscores, unlike the rest of Docker's documents:
/// `WireCoding.snakeEncode`.
package struct DockerStats: Codable, Hashable, Sendable {
  package var id: String
  package var name: String
  package var read: String
  /// When the sample before was taken; `0001-01-01T00:00:00Z`: there was none.
  package var preread: String
  package var pidsStats: Pids
  package var cpuStats: CPU
  package var precpuStats: CPU
  package var memoryStats: Memory
  package var blkioStats: BlockIO
  package var networks: [String: Network]
  package var numProcs: Int

  package struct Pids: Codable, Hashable, Sendable {
    package var current: UInt64
    package var limit: UInt64?
  }

  package struct CPU: Codable, Hashable, Sendable {
    package var cpuUsage: Usage
    package var systemCpuUsage: UInt64
    package var onlineCpus: Int
    package var throttlingData: Throttling

    package struct Usage: Codable, Hashable, Sendable {
      package var totalUsage: UInt64
      package var usageInUsermode: UInt64
      package var usageInKernelmode: UInt64
    }
    package struct Throttling: Codable, Hashable, Sendable {
      package var periods: UInt64
      package var throttledPeriods: UInt64
      package var throttledTime: UInt64
    }
  }

  package struct Memory: Codable, Hashable, Sendable {
    package var usage: UInt64
    package var limit: UInt64
    /// `inactive_file` alone: what clients subtract from the usage.
    package var stats: [String: UInt64]
  }

  package struct BlockIO: Codable, Hashable, Sendable {
    package var ioServiceBytesRecursive: [Entry]
    package struct Entry: Codable, Hashable, Sendable {
      package var major: UInt64
      package var minor: UInt64
      package var op: String
      package var value: UInt64
    }
  }

  package struct Network: Codable, Hashable, Sendable {
    package var rxBytes: UInt64
    package var rxPackets: UInt64
    package var rxErrors: UInt64
    package var rxDropped: UInt64
    package var txBytes: UInt64
    package var txPackets: UInt64
    package var txErrors: UInt64
    package var txDropped: UInt64
  }
}
