internal import CLinux
internal import Glibc

/// bpf(2), as far as cgroup v2 needs it: programs that decide which devices a group may use.
public enum BPF {
  /// Loads a program of type BPF_PROG_TYPE_CGROUP_DEVICE; each number is one eBPF instruction as the
  /// kernel lays it out (8 bytes, native order).
  public static func loadDeviceProgram(_ instructions: [UInt64]) throws(SystemError) -> Descriptor {
    var log = [CChar](repeating: 0, count: 4096)
    let number = unsafe instructions.withUnsafeBufferPointer { program in
      unsafe log.withUnsafeMutableBufferPointer { log in
        unsafe cl_bpf_load_device(
          program.baseAddress, UInt32(program.count), log.baseAddress, UInt32(log.count))
      }
    }
    guard number >= 0 else {
      let code = errno
      let complaint = String(
        decoding: log.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw SystemError(
        "load a BPF program", on: "of \(instructions.count) instructions for devices", code: code,
        hint: complaint.isEmpty
          ? (code == EPERM ? "this takes CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN" : "") : complaint)
    }
    return Descriptor(owning: number)
  }

  /// Attaches a device program to a cgroup v2 directory. It goes when the directory goes.
  public static func attachDeviceProgram(_ program: Descriptor, to directory: Descriptor)
    throws(SystemError)
  {
    guard cl_bpf_attach_device(program.number, directory.number) == 0 else {
      throw .last("attach a BPF program to", on: "the cgroup")
    }
  }
}
