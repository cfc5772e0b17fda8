import FoundationEssentials
import Kernel
import Stacks
import Testing

@testable import Images

@Suite struct StoreTests {
  @Test func `the store is an OCI image layout, except for the archives of layers`() throws {
    let space = try Workspace()
    let store = try space.store()
    let archive = tar { $0.file("f", "x") }
    let id = try space.image([archive], as: "demo:1", changes: ["ENV A=1", "EXPOSE 80"], in: store)
    let layer = ContentHash.digest(of: archive)
    #expect(try Files.readText(store.root + "/oci-layout") == #"{"imageLayoutVersion":"1.0.0"}"#)
    let config = try Files.readText("\(store.blobs)/\(id.hex)")
    #expect(
      config == """
        {"architecture":"\(ImageConfig.hostArchitecture)","config":{"Env":["A=1"],"ExposedPorts":\
        {"80/tcp":{}}},"created":"2023-11-14T22:13:20Z","history":[{"created":"2023-11-14T22:13:20Z",\
        "created_by":"cairn image import"}],"os":"linux","rootfs":{"diff_ids":["\(layer)"],"type":"layers"}}
        """)
    let manifest = """
      {"config":{"digest":"\(id)","mediaType":"application/vnd.oci.image.config.v1+json",\
      "size":\(config.utf8.count)},"layers":[{"digest":"\(layer)",\
      "mediaType":"application/vnd.oci.image.layer.v1.tar","size":\(archive.count)}],\
      "mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}
      """
    let manifestID = ContentHash.digest(of: Array(manifest.utf8))
    #expect(try Files.readText("\(store.blobs)/\(manifestID.hex)") == manifest)
    #expect(
      try Files.readText(store.root + "/index.json") == """
        {"manifests":[{"annotations":{"org.opencontainers.image.ref.name":"demo:1"},"digest":"\(manifestID)",\
        "mediaType":"application/vnd.oci.image.manifest.v1+json","size":\(manifest.utf8.count)}],\
        "mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}
        """)
    #expect(try TreeDirectory(at: store.root).descriptor.status().permissions == 0o700)
  }

  @Test func `an image is found by name, by ID and by the beginning of its ID`() throws {
    let space = try Workspace()
    let store = try space.store()
    let id = try space.image([tar { $0.file("f", "x") }], as: "docker.io/library/demo", in: store)
    for text in ["demo", "demo:latest", "library/demo", id.description, id.hex, id.short] {
      #expect(try store.find(text).id == id, "\(text)")
    }
    #expect(try store.resolve(ImageReference("demo@\(id)")) == id)
    #expect(try store.resolve(ImageReference("demo@\(store.images()[0].manifest)")) == id)
    #expect(try store.resolve(ImageReference("demo:2")) == nil)
    #expect(throws: ImageError.noSuchImage("demo:2")) { try store.find("demo:2") }
    #expect(throws: ImageError.noSuchImage("../../etc")) { try store.find("../../etc") }
  }

  @Test func `a name that moves leaves the old image without one`() throws {
    let space = try Workspace()
    let store = try space.store()
    let old = try space.image([tar { $0.file("f", "old") }], as: "demo", in: store)
    let new = try space.image([tar { $0.file("f", "new") }], as: "demo", in: store)
    #expect(try store.resolve(ImageReference("demo")) == new)
    #expect(
      try store.images().map { [$0.id: $0.references.count] }
        == [old, new].sorted().map { [$0: $0 == new ? 1 : 0] })
    #expect(try store.prune(used: [old]) == [])
    #expect(try Files.readText(store.layers(of: old)[0] + "/f") == "old")
    #expect(try store.prune(used: []) == [.deleted(old)])
    #expect(throws: ImageError.noSuchImage(old.description)) { try store.layers(of: old) }
    #expect(try Files.list(store.layers).count == 1)
  }

  @Test func `removal takes a name first, then the image, and nothing that is used`() throws {
    let space = try Workspace()
    let store = try space.store()
    let shared = tar { $0.file("base", "x") }
    let id = try space.image([shared, tar { $0.file("top", "a") }], as: "a", in: store)
    let other = try space.image([shared, tar { $0.file("top", "b") }], as: "b", in: store)
    try store.tag(id, as: ImageReference("a:2"))
    #expect(throws: ImageError.self) { try store.remove(id.short, used: []) }
    #expect(try store.remove("a:2", used: [id]) == [.untagged(ImageReference("a:2"))])
    #expect(throws: ImageError.inUse("a", by: "a container")) { try store.remove("a", used: [id]) }
    #expect(try store.remove("a", used: [other]) == [.untagged(ImageReference("a")), .deleted(id)])
    #expect(try Files.list(store.layers).count == 2)
    #expect(try store.layers(of: other).map { try Files.list($0) } == [["top"], ["base"]])
    #expect(try store.remove(other.short, used: []) == [.untagged(ImageReference("b")), .deleted(other)])
    #expect(try space.leftovers() == [])
    #expect(throws: ImageError.noSuchImage("a")) { try store.remove("a", used: []) }
  }

  @Test func `a blob that was changed is not believed`() throws {
    let space = try Workspace()
    let store = try space.store()
    let id = try space.image([tar { $0.file("f", "x") }], as: "demo", in: store)
    let path = "\(store.blobs)/\(id.hex)"
    try Files.replace(path, with: Files.read(path).map { $0 == 0x78 ? 0x79 : $0 } + [32])
    #expect(throws: ImageError.self) { try store.config(of: id) }
    // The store opens, and throws nothing away.
    _ = try space.store()
    #expect(Files.exists(path))
  }

  @Test func `a manifest that is an index as well is refused`() throws {
    let digest = ContentHash.digest(of: [])
    let blob = #"{"mediaType":"x","digest":"\#(digest)","size":0}"#
    let good = #"{"schemaVersion":2,"config":\#(blob),"layers":[]}"#
    #expect(try decoded(Manifest.self, from: Array(good.utf8), path: "m").layers == [])
    for bad in [
      #"{"schemaVersion":2,"config":\#(blob),"layers":[],"manifests":[]}"#,
      #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":\#(blob),"layers":[]}"#,
      #"{"schemaVersion":1,"config":\#(blob),"layers":[]}"#,
    ] {
      #expect(throws: ImageError.self) { try decoded(Manifest.self, from: Array(bad.utf8), path: "m") }
    }
  }
}
