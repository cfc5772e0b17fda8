import Kernel
import Stacks

extension VolumeStore {
  /// The directory of a volume that is a file system of its own, which is mounted there at its first use:
  /// it stays until the volume is removed, or the machine ends. nil: the volume is a plain directory.
  ///
  /// Calls for one volume wait for one another.
  public func mounted(_ name: String) throws(ImageError) -> String? {
    guard let fileSystem = try volume(name).definition.fileSystem else { return nil }
    let data = try path(of: name)
    return try translating("mount the volume \(name)") { () throws(SystemError) in
      let lock = try FileLock.wait(on: directory(of: name), .directory)
      defer { withExtendedLifetime(lock) {} }
      if try !HostMount.isMountPoint(data) {
        try HostMount.mount(
          fileSystem.device, on: data, type: fileSystem.type, options: fileSystem.options)
      }
      return data
    }
  }
}
