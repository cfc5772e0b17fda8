/// A published port, or one that could be.
package struct DockerPort: Codable, Hashable, Sendable {
  package var ip: String
  package var privatePort: UInt16
  package var publicPort: UInt16
  package var type: String

  package init(ip: String, privatePort: UInt16, publicPort: UInt16, type: String) {
    self.ip = ip
    self.privatePort = privatePort
    self.publicPort = publicPort
    self.type = type
  }
}

/// `POST /containers/{id}/wait`.
package struct DockerWaited: Codable, Hashable, Sendable {
  package var statusCode: Int32

  package init(statusCode: Int32) {
    self.statusCode = statusCode
  }
}

/// `GET /containers/{id}/top`.
package struct DockerTop: Codable, Hashable, Sendable {
  package var titles: [String]
  package var processes: [[String]]

  package init(titles: [String], processes: [[String]]) {
    self.titles = titles
    self.processes = processes
  }
}
