import EngineInterface
import Stacks
import Wire

/// Stored images.
struct ImageRoutes: Sendable {
  let engine: any EngineService

  var all: [Route] {
    [
      Route("GET", "/images/json", "images") { _ throws(APIError) in try await list() },
      Route("POST", "/images/create", "makes an image from an archive") { request throws(APIError) in
        try await create(request)
      },
      Route("DELETE", "/images/{name*}", "forgets an image") { request throws(APIError) in
        try await remove(request)
      },
    ]
  }

  private func list() async throws(APIError) -> Answer {
    let images = try await asking { () throws(EngineError) in try await engine.images() }
    let listed = images.map { image in
      DockerImage(
        id: image.id.description, parentId: "", repoTags: image.references.map(\.description),
        repoDigests: [],
        created: image.createdAt.nanoseconds / 1_000_000_000, size: image.size, sharedSize: -1,
        containers: -1, labels: [:])
    }
    return .whole(
      status: 200, fields: ["Content-Type": "application/json"], body: try WireCoding.dockerEncode(listed))
  }

  private func create(_ request: Request) async throws(APIError) -> Answer {
    let query = request.query
    guard query["fromSrc"] == "-" else {
      throw APIError(
        501,
        "pulling images is not supported yet by Cairn; import a root file system with 'cairn image import' (fromSrc=-)"
      )
    }
    guard let repository = query["repo"], !repository.isEmpty else {
      throw APIError(400, "the parameter repo is missing: it is the new image's name")
    }
    let tag = query["tag"].flatMap { $0.isEmpty ? nil : ":" + $0 } ?? ""
    let reference = try reference(repository + tag)
    let image = try await asking { () throws(EngineError) in
      try await engine.importImage(reference, changes: query.all("changes"), archive: request.body)
    }
    return .whole(
      status: 200, fields: ["Content-Type": "application/json"],
      body: try WireCoding.encode(DockerStatusLine(status: image.id.description)) + [13, 10])
  }

  private func remove(_ request: Request) async throws(APIError) -> Answer {
    let reference = try reference(request.name)
    try await asking { () throws(EngineError) in try await engine.removeImage(reference) }
    return .whole(
      status: 200, fields: ["Content-Type": "application/json"],
      body: try WireCoding.encode([["Untagged": reference.description]]))
  }

  private func reference(_ text: String) throws(APIError) -> ImageReference {
    do throws(ValueError) { return try ImageReference(text) } catch {
      throw APIError(400, error.description)
    }
  }
}
