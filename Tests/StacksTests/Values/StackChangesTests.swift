import Stacks
import Testing

@Suite struct StackChangesTests {
  func stack() throws -> Stack {
    var scene = try Scene()
    try scene.service("db", image: "db:1")
    try scene.service("web", 2, after: ["db": Dependency()]) { $0.environment["PORT"] = "80" }
    return scene.stack
  }

  @Test func `what differs is named as the file has it`() throws {
    let before = try stack()
    var after = before
    after.services["web"]?.template.environment["PORT"] = "8080"
    after.services["web"]?.replicas = 3
    after.services["web"]?.dependencies["db"] = Dependency(condition: .healthy, restart: true)
    after.services["web"]?.update = UpdatePolicy(order: .startFirst)
    after.services["web"]?.reconciliation = .observe
    after.services["db"] = nil
    after.services["mq"] = Service(template: ContainerTemplate(image: try ImageReference("mq:1")))
    after.networks["default"]?.isInternal = true
    after.volumes["data"] = VolumeDefinition(name: "shop_data")
    #expect(
      before.changes(to: after).map(\.description) == [
        "services.db: image db:1 → none",
        "services.mq: none → image mq:1",
        "services.web.environment.PORT: 80 → 8080",
        "services.web.deploy.replicas: 2 → 3",
        "services.web.depends_on.db: service_started → service_healthy, restart",
        "services.web.deploy.update_config: none → 1 at a time, delay 0s, monitor 5s, start-first, pause over …",
        "services.web.x-reconcile: enforce → observe",
        "networks.default.internal: false → true",
        "volumes.data: none → shop_data",
      ])
  }

  @Test func `what was asked for by hand is no change`() throws {
    let before = try stack()
    var after = try before.asking(at: Moment(seconds: 5), restart: true)
    after.services["web"]?.fallback = before.services["web"]?.template
    after.services["web"]?.isCarriedOut = true
    #expect(before.changes(to: after).isEmpty)
    #expect(after.declaration == before)
  }

  @Test func `no field of a service is forgotten`() throws {
    let names = Set(
      Mirror(reflecting: try #require(stack().services["web"])).children.compactMap(\.label))
    // Some say what was asked for and where an update stands. The template is behind a reference.
    #expect(
      names == [
        "replicas", "_template", "dependencies", "isStopped", "profiles", "isAttached", "update", "rollback",
        "reconciliation", "asked", "fallback", "isRollingBack", "isCarriedOut", "autoscale",
        "scaledBecause", "preparesFor",
      ])
  }

  @Test func `going back keeps what was asked for and marks what goes back`() throws {
    let before = try stack()
    var after = try before.asking(at: Moment(seconds: 5))
    after.services["web"]?.template.user = "7"
    let back = after.goingBack(to: before)
    #expect(after.changes(to: back).map(\.description) == ["services.web.user: 7 → the image's"])
    #expect(back.services["web"]?.isRollingBack == true)
    #expect(back.services["db"]?.isRollingBack == false)
    #expect(back.services["web"]?.asked.up == Moment(seconds: 5))
  }
}
