extension StackDocument {
  /// What the containers of a service are made from, as JSON: the text changes where they must change.
  /// nil where there is no such service.
  public func hashedText(of service: String) -> String? {
    guard var node = root["services"]?[service] else { return nil }
    for key in ["build", "pull_policy", "scale", "depends_on", "profiles"] { node[key] = nil }
    node["deploy"]?["replicas"] = nil
    if node["deploy"]?.pairs.isEmpty == true { node["deploy"] = nil }
    return JSONWriter.text(JSONModel.value(of: node))
  }
}
