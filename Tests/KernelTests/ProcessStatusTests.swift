import Testing

@testable import Kernel

@Suite struct ProcessStatusTests {
  private let stat =
    "4211 (odd) name (x) S 1 4211 4211 34816 4211 4194560 1 0 0 0 250 50 0 0 20 0 1 0 900 1 2 3\n"

  @Test func `a process is read from the texts of proc`() throws {
    let process = try #require(
      ProcessStatus(
        stat: stat, status: "Name:\tx\nUid:\t1000\t33\t1000\t1000\n",
        commandLine: Array("sleep\0100\0".utf8), ticksPerSecond: 100))
    #expect(process.process == 4211 && process.parent == 1 && process.user == 33)
    #expect(process.cpuTime == 3_000_000_000 && process.startedAfterBoot == 9_000_000_000)
    #expect(process.terminal == 34816 && process.command == "sleep 100")
  }

  @Test func `without arguments its name stands in brackets`() {
    let process = ProcessStatus(stat: stat, status: "", commandLine: [], ticksPerSecond: 100)
    #expect(process?.command == "[odd) name (x]")
  }

  @Test(arguments: ["", "4211", "4211 (x)", "4211 (x) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"])
  func `what is no living process is none`(_ stat: String) {
    #expect(ProcessStatus(stat: stat, status: "", commandLine: [], ticksPerSecond: 100) == nil)
  }

  @Test func `this process is found`() throws {
    let process = try #require(ProcessStatus(of: ProcessLimits.processID))
    #expect(process.parent > 0 && !process.command.isEmpty)
    #expect(ProcessStatus(of: 1 << 30) == nil)
  }

  @Test func `counters of interfaces leave the loopback out`() {
    let text = """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls
          lo:     10       1    0    0    0     0          0         0       10       1    0    0    0     0
        eth0:   1234      12    0    0    0     0          0         0     5678      34    0    0    0     0
      """
    #expect(
      InterfaceCounters.parse(text) == [
        "eth0": InterfaceCounters(
          bytesReceived: 1234, packetsReceived: 12, bytesSent: 5678, packetsSent: 34)
      ])
  }

  @Test func `the machine's counters are summed without guest time`() {
    let counters = HostCounters(
      stat: "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4\ncpu1 0 0 0 0\nbtime 1700000000\n",
      memory: "MemTotal:       2048 kB\nMemFree: 1 kB\n", ticksPerSecond: 100)
    #expect(counters.cpuTime == 360_000_000 && counters.cpus == 2)
    #expect(counters.bootTime == 1_700_000_000 && counters.memory == 2_097_152)
  }
}
