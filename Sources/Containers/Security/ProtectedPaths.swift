internal import Kernel

/// What a container that is not privileged may not read, or not write, in its /proc and /sys (the
/// same as Docker hides). A path that the kernel does not have is passed over.
public enum ProtectedPaths {
  /// Hidden: a directory by an empty read-only one, a file by /dev/null.
  public static let masked: [String] = [
    "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
    "/sys/devices/virtual/powercap", "/sys/firmware",
  ]

  /// Visible and not writable.
  public static let readOnly: [String] = [
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
  ]

  /// Hidden as well, on machines that have them: counters of each CPU that tell how hot it is, and so
  /// what others on the machine do. Looked up on the host.
  public static func maskedOfProcessors() -> [String] {
    let directory = "/sys/devices/system/cpu"
    let names = (try? Files.list(directory)) ?? []
    return names.filter { $0.hasPrefix("cpu") && $0.dropFirst(3).first?.isNumber == true }
      .map { "\(directory)/\($0)/thermal_throttle" }.filter { Files.exists($0) }
  }
}
