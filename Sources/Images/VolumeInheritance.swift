import Kernel
public import Stacks

/// Anonymous volumes outlive their container where another takes its place: the old one leaves them, the
/// next one of the slot inherits them. In between they are volumes of the stack that nobody wants.
extension VolumeStore {
  /// Leaves a container's anonymous volume to the next one of its slot. One that is left already, or is not
  /// there, is no error.
  public func leave(_ name: String, to heir: VolumeHeir) throws(ImageError) {
    do throws(ImageError) {
      try change(name) {
        $0.container = nil
        $0.stack = heir.slot.stack
        $0.heir = heir
      }
    } catch .noSuchVolume {}
  }

  /// Gives a container the volume that was left to it, with all that is in it; the result is its name.
  /// nil: none was left.
  public func inherit(_ heir: VolumeHeir, by container: ContainerID) throws(ImageError) -> String? {
    let left = try volumes().filter { $0.heir == heir && $0.container == nil }
    // The newest, should there be several.
    guard let volume = left.max(by: { $0.createdAt < $1.createdAt }) else { return nil }
    try change(volume.name) {
      $0.container = container
      $0.stack = nil
    }
    return volume.name
  }

  private func change(_ name: String, _ body: (inout StoredVolume) -> Void) throws(ImageError) {
    var volume = try volume(name)
    body(&volume)
    let record = try encoded(volume)
    try translating("record the volume \(name)") { () throws(SystemError) in
      try Files.replace(directory(of: name) + "/volume.json", with: record)
    }
  }
}
