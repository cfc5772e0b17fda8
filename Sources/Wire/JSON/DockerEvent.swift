/// One line of `GET /events`. Its older names are small, its newer ones capital, as Docker has them.
package struct DockerEvent: Codable, Hashable, Sendable {
  package var status: String?
  package var id: String?
  package var from: String?
  package var type: String
  package var action: String
  package var actor: Subject
  package var scope: String
  package var time: Int64
  package var timeNano: Int64

  enum CodingKeys: String, CodingKey {
    case status, id, from, scope, time, timeNano
    case type = "Type"
    case action = "Action"
    case actor = "Actor"
  }

  package struct Subject: Codable, Hashable, Sendable {
    package var id: String
    package var attributes: [String: String]

    enum CodingKeys: String, CodingKey {
      case id = "ID"
      case attributes = "Attributes"
    }

    package init(id: String, attributes: [String: String]) {
      self.id = id
      self.attributes = attributes
    }
  }

  package init(
    status: String? = nil, id: String? = nil, from: String? = nil, type: String, action: String,
    actor: Subject, scope: String, time: Int64, timeNano: Int64
  ) {
    self.status = status
    self.id = id
    self.from = from
    self.type = type
    self.action = action
    self.actor = actor
    self.scope = scope
    self.time = time
    self.timeNano = timeNano
  }
}
