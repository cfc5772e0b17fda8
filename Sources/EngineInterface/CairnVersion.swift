/// Which Cairn this is; an engine says the same of itself to its clients.
public let cairnVersion = "0.1.0"
