import Kernel

extension VolumeStore {
  /// At the first use of a volume, copies into it what the image has at the path where the volume
  /// will be mounted, as Docker does; the volume's own directory gets owner and mode from there.
  ///
  /// `layers` are lower directories, the top one first; `path` is the absolute path in the
  /// container. Links in it are resolved inside the layers (rule R1, CVE-2022-23648). The volume is
  /// filled aside and put in place in one step: after a crash it is empty or complete. To be called
  /// before every mount of a volume into a container, with no layers where nothing shall be copied:
  /// the call marks the volume as used, and from the second on it does nothing. Calls for one volume
  /// wait for one another. True: it was the first use.
  public func populate(_ name: String, fromLayers layers: [String], path: String) throws(ImageError) -> Bool {
    let data = try self.path(of: name)
    let directory = directory(of: name)
    return try translating("fill the volume \(name) from the image's \(path)") { () throws(SystemError) in
      let lock = try FileLock.wait(on: directory, .directory)
      defer { withExtendedLifetime(lock) {} }
      guard Files.exists(directory + "/unused") else { return false }
      if try TreeDirectory(at: data).names().isEmpty, !layers.isEmpty,
        let source = try MergedTree(layers: layers).directory(at: path)
      {
        let place = try staging.place()
        let fresh = place.path + "/data"
        try Files.makeDirectory(fresh)
        var copy = TreeCopy()
        try copy.copy(source, into: try TreeDirectory(at: fresh))
        // rename(2) replaces an empty directory only.
        try Files.rename(fresh, to: data)
      }
      try Files.remove(directory + "/unused")
      return true
    }
  }
}
