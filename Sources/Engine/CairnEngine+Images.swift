public import EngineInterface
internal import Images
internal import Kernel
public import Stacks
internal import Synchronization

extension CairnEngine {
  public func images() async throws(EngineError) -> [ImageSummary] {
    do throws(ImageError) {
      return try machine.images.images().map(CairnEngine.summary)
        .sorted {
          ($0.references.first?.description ?? "~", $0.id) < ($1.references.first?.description ?? "~", $1.id)
        }
    } catch {
      throw EngineError(.failed, "\(error)")
    }
  }

  private static func summary(_ image: StoredImage) -> ImageSummary {
    ImageSummary(
      id: image.id, references: image.references, size: UInt64(max(0, image.size)), createdAt: image.createdAt
    )
  }

  public func importImage(
    _ reference: ImageReference, changes: [String],
    archive: any AsyncSequence<[UInt8], any Error> & Sendable
  ) async throws(EngineError) -> ImageSummary {
    do {
      let (source, sink) = try Handover.pipe()
      let store = machine.images
      let now = machine.now
      let id = try await withThrowingTaskGroup(of: Digest?.self) { group in
        group.addTask {
          try await DedicatedThread.run { () throws(ImageError) -> Digest in
            // Taken out, so that it closes when the import is over and a refused archive ends the
            // writer too.
            let archive = source.take()
            return try store.importRootFS(from: archive!, as: reference, changes: changes, now: now)
          }
        }
        group.addTask {
          try await pump(archive, into: sink.take()!)
          return nil
        }
        var id: Digest?
        for try await one in group { id = one ?? id }
        return id
      }
      guard let id, let image = try store.images().first(where: { $0.id == id }) else {
        throw EngineError(.failed, "import \(reference): the image is gone again")
      }
      return CairnEngine.summary(image)
    } catch let error as EngineError {
      throw error
    } catch {
      throw EngineError(.invalid, "import \(reference): \(error)")
    }
  }

  public func removeImage(_ reference: ImageReference) async throws(EngineError) {
    let used = Set(machine.records.all().flatMap { [$0.image] + ($0.mountedImages ?? [:]).values })
    do throws(ImageError) {
      _ = try machine.images.remove(reference.description, used: used)
      machine.forgetImages()
    } catch .noSuchImage(let name) {
      throw EngineError(.notFound, "No such image: \(name)")
    } catch .inUse(let name, let users) {
      throw EngineError(.conflict, "the image \(name) is in use by \(users)")
    } catch {
      throw EngineError(.failed, "\(error)")
    }
  }
}

/// Writes all of `archive` into a pipe. Where the reader has gone, the archive was refused, and the
/// reader says why.
private func pump(_ archive: some AsyncSequence<[UInt8], any Error>, into end: Descriptor) async throws {
  for try await bytes in archive {
    do {
      try await end.write(bytes, on: .shared)
    } catch {
      if error.isBrokenPipe { return }
      throw error
    }
  }
}

/// An open end on its way from the one who made it to the one who uses it: who takes it has the only
/// reference, so that it closes when that one is done.
private final class Handover: Sendable {
  private let descriptor: Mutex<Descriptor?>

  init(_ descriptor: Descriptor) { self.descriptor = Mutex(descriptor) }

  func take() -> Descriptor? {
    descriptor.withLock { descriptor in
      defer { descriptor = nil }
      return descriptor
    }
  }

  /// A pipe whose writing end does not block.
  static func pipe() throws(SystemError) -> (source: Handover, sink: Handover) {
    let (read, write) = try Pipe.make()
    try write.setNonblocking()
    return (Handover(read), Handover(write))
  }
}
