import EngineInterface
import Stacks
import Wire

/// Containers as Docker shows them.
extension ContainerSummary {
  /// The container's own labels and those by which clients of Docker Compose know it. `docker compose` passes
  /// over containers without the hash of a configuration (hasConfigHashLabel).
  var labels: [String: String] {
    let slot = container.instance.slot
    return container.spec.template.labels.merging([
      "com.docker.compose.project": slot.stack, "com.docker.compose.service": container.spec.serviceName,
      "com.docker.compose.container-number": "\(slot.number)",
      "com.docker.compose.oneoff": container.spec.oneOffOf == nil ? "False" : "True",
      "com.docker.compose.config-hash": String(templateHash, radix: 16),
    ]) { $1 }
  }

  var endpoints: [String: DockerEndpoint] {
    var endpoints: [String: DockerEndpoint] = [:]
    let template = container.spec.template
    for (network, address) in container.addresses {
      let aliases = template.networks[network]?.aliases ?? []
      endpoints[network] = DockerEndpoint(
        networkID: network, endpointID: "", gateway: "", ipAddress: "\(address)",
        globalIPv6Address: container.addresses6[network].map { "\($0)" } ?? "",
        aliases: (container.spec.oneOffOf == nil ? [container.instance.slot.service, name] : [name]) + aliases
      )
    }
    return endpoints
  }

  var mounts: [DockerMount] {
    container.spec.template.mounts.map { mount in
      var type = "volume"
      var name: String?
      var source = ""
      switch mount.source {
      case .bind(let path, _): (type, source) = ("bind", path)
      case .volume(let key): name = key
      case .anonymous: name = ""
      case .tmpfs: type = "tmpfs"
      case .image(let image): (type, source) = ("image", image.description)
      }
      return DockerMount(
        type: type, name: name, source: source, destination: mount.target,
        mode: mount.isReadOnly ? "ro" : "", rW: !mount.isReadOnly && type != "image",
        propagation: type == "bind" ? mount.propagation.rawValue : "")
    }
  }

  var networkMode: String { container.addresses.keys.min() ?? "none" }

  func listed(now: Moment) -> DockerContainer {
    DockerContainer(
      id: container.id.description, names: ["/" + name], image: container.spec.template.image.description,
      imageID: container.image.description, command: command.joined(separator: " "),
      created: container.createdAt.nanoseconds / 1_000_000_000,
      ports: container.ports.sorted().map { port in
        DockerPort(
          ip: port.hostText, privatePort: port.containerPort, publicPort: port.hostPort,
          type: port.transport.rawValue)
      },
      labels: labels, state: container.state.word, status: container.state.status(now: now),
      hostConfig: .init(networkMode: networkMode), networkSettings: .init(networks: endpoints), mounts: mounts
    )
  }

  var inspected: DockerContainerDetail {
    let template = container.spec.template
    var bindings: [String: [DockerContainerDetail.Binding]] = [:]
    for port in container.ports.sorted() {
      bindings["\(port.containerPort)/\(port.transport.rawValue)", default: []].append(
        .init(hostIp: port.hostText, hostPort: "\(port.hostPort)"))
    }
    return DockerContainerDetail(
      id: container.id.description, created: container.createdAt.rfc3339, path: command.first ?? "",
      args: Array(command.dropFirst()), state: state, image: container.image.description, name: "/" + name,
      restartCount: max(0, container.recentStarts - 1), driver: "overlay2", platform: "linux", mounts: mounts,
      config: .init(
        hostname: template.hostname ?? container.id.short, user: template.user ?? "", tty: template.tty,
        openStdin: template.stdinOpen,
        env: template.environment.compactMap { key, value in value.map { "\(key)=\($0)" } }.sorted(),
        cmd: template.command ?? [], image: template.image.description,
        workingDir: template.workingDirectory ?? "", entrypoint: template.entrypoint ?? [], labels: labels),
      hostConfig: .init(
        networkMode: networkMode, portBindings: bindings, restartPolicy: restartPolicy,
        privileged: template.security.isPrivileged, readonlyRootfs: template.security.hasReadOnlyRoot,
        capAdd: template.security.addedCapabilities, capDrop: template.security.droppedCapabilities,
        memory: template.resources.memoryLimit ?? 0, nanoCpus: (template.resources.cpuLimit ?? 0) * 1_000_000,
        pidsLimit: template.resources.pidsLimit ?? 0, annotations: template.annotations),
      networkSettings: .init(ports: bindings, networks: endpoints))
  }

  private var restartPolicy: DockerContainerDetail.RestartPolicy {
    switch container.spec.template.restart {
    case .no: .init(name: "no", maximumRetryCount: 0)
    case .always: .init(name: "always", maximumRetryCount: 0)
    case .unlessStopped: .init(name: "unless-stopped", maximumRetryCount: 0)
    case .onFailure(let maximum): .init(name: "on-failure", maximumRetryCount: maximum ?? 0)
    }
  }

  private var state: DockerContainerDetail.State {
    let never = "0001-01-01T00:00:00Z"
    var state = DockerContainerDetail.State(
      status: container.state.word, running: false, paused: false, restarting: false, oOMKilled: false,
      dead: false, pid: 0, exitCode: 0, error: "", startedAt: never, finishedAt: never, health: nil)
    switch container.state {
    case .created: break
    case .broken(let reason): (state.dead, state.error) = (true, reason)
    case .running(let running):
      (state.running, state.pid, state.startedAt) = (true, running.pid, running.startedAt.rfc3339)
      if running.health != .none { state.health = .init(status: running.health.rawValue) }
    case .exited(let exited):
      (state.exitCode, state.oOMKilled) = (exited.code, exited.wasOutOfMemory)
      (state.startedAt, state.finishedAt) = (exited.startedAt.rfc3339, exited.finishedAt.rfc3339)
      state.error = exited.startFailure ?? ""
    }
    return state
  }
}
