/// One image in `GET /images/json`.
package struct DockerImage: Codable, Hashable, Sendable {
  package var id: String
  package var parentId: String
  package var repoTags: [String]
  package var repoDigests: [String]
  /// Seconds since the epoch.
  package var created: Int64
  package var size: UInt64
  package var sharedSize: Int64
  package var containers: Int64
  package var labels: [String: String]

  package init(
    id: String, parentId: String, repoTags: [String], repoDigests: [String], created: Int64, size: UInt64,
    sharedSize: Int64, containers: Int64, labels: [String: String]
  ) {
    self.id = id
    self.parentId = parentId
    self.repoTags = repoTags
    self.repoDigests = repoDigests
    self.created = created
    self.size = size
    self.sharedSize = sharedSize
    self.containers = containers
    self.labels = labels
  }
}

/// One line of what an import reports.
package struct DockerStatusLine: Codable, Hashable, Sendable {
  package var status: String

  package init(status: String) {
    self.status = status
  }
}
