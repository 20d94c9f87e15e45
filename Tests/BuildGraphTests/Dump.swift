import BuildGraph
import Dockerfile
import OCI

/// What becomes of a Dockerfile, as text: a line a vertex, then each stage's config and history.
func lowered(
    _ text: String, bases: [String: ContainerConfig] = [:], _ change: (inout BuildRequest) -> Void = { _ in }
) -> String {
    var request = BuildRequest(platform: Platform(os: "linux", architecture: "amd64"))
    request.entitlements = Set(Entitlement.allCases)
    request.buildPlatform = Platform(os: "linux", architecture: "amd64")
    change(&request)
    do throws(DockerfileError) {
        let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: text))
        let plan = try StagePlan(syntax, request)
        return dump(try graph(plan, bases))
    } catch {
        return error.diagnostics.map {
            "error \($0.range) \($0.code): \($0.message)" + ($0.hint.map { " (\($0))" } ?? "")
        }.joined(separator: "\n")
    }
}

/// Gives every image that is asked for; one that the table does not know has an empty config.
private func graph(_ plan: StagePlan, _ configs: [String: ContainerConfig]) throws(DockerfileError) -> BuildGraph {
    var bases: [ImageRequest: Image] = [:]
    var wanted = plan.references
    while true {
        for request in wanted {
            var config = ImageConfig(platform: request.platform)
            config.container = configs[request.reference.familiar] ?? ContainerConfig()
            config.history = [HistoryEntry(created: nil, createdBy: "base", comment: nil, emptyLayer: true)]
            bases[request] = Image(config: config, layers: [])
        }
        switch try plan.lower(bases: bases) {
        case .graph(let graph): return graph
        case .needs(let more): wanted = more
        }
    }
}

private func dump(_ graph: BuildGraph) -> String {
    var lines = graph.vertices.map(dump)
    for stage in graph.stages {
        lines.append("stage \(stage.name) = \(stage.vertex.map { "v\($0.index)" } ?? "empty") \(stage.config.platform)")
        lines += dump(stage.config)
        lines += stage.history.map { "  | \($0.createdBy.escaped)" + ($0.vertex.map { " [v\($0.index)]" } ?? "") }
    }
    return lines.joined(separator: "\n")
}

private func dump(_ vertex: Vertex) -> String {
    let parent = vertex.parent.map { " on v\($0.index)" } ?? ""
    let origin = vertex.origin
    let place = "[\(origin.stage) \(origin.step)/\(origin.stepCount)]"
    return "v\(vertex.id.index)\(parent) \(place) \(origin.text.escaped) => \(dump(vertex.operation))"
}

private func dump(_ operation: Operation) -> String {
    switch operation {
    case .base(let request, _): return "base \(request.reference) \(request.platform)"
    case .makeDirectory(let path, let owner): return "mkdir \(path)" + (owner.isEmpty ? "" : " owner=\(owner)")
    case .copy(let copy):
        var parts = ["copy"] + copy.sources.map(dump)
        parts.append("-> \(copy.destination)" + (copy.destinationIsDirectory ? "/" : ""))
        if let owner = copy.owner { parts.append("owner=\(owner)") }
        if let mode = copy.mode { parts.append("mode=\(mode)") }
        if !copy.excludes.isEmpty { parts.append("excludes=\(copy.excludes)") }
        if copy.keepsParents { parts.append("parents") }
        if copy.isLink { parts.append("link") }
        if copy.sources.contains(where: copy.unpacks) { parts.append("unpack") }
        if let checksum = copy.checksum { parts.append("checksum=\(checksum)") }
        if copy.keepsGitDirectory { parts.append("git-dir") }
        return parts.joined(separator: " ")
    case .run(let run):
        var parts = ["run \(run.arguments.map(\.escaped))", "env=\(run.environment.filter { !$0.hasPrefix("PATH=") })"]
        if !run.unkeyedEnvironment.isEmpty { parts.append("unkeyed=\(run.unkeyedEnvironment)") }
        if !run.user.isEmpty { parts.append("user=\(run.user)") }
        parts.append("in \(run.workingDirectory)")
        if run.network != .default { parts.append("network=\(run.network.rawValue)") }
        if run.hostname != "distill" { parts.append("hostname=\(run.hostname)") }
        if run.isInsecure { parts.append("insecure") }
        parts += run.mounts.map(dump)
        parts += run.files.map { "file(\($0.name): \(String(decoding: $0.content, as: UTF8.self).escaped))" }
        if run.platform != Platform(os: "linux", architecture: "amd64") { parts.append("for \(run.platform)") }
        return parts.joined(separator: " ")
    }
}

private func dump(_ source: CopyOperation.Source) -> String {
    switch source {
    case .context(.main, let pattern): pattern
    case .context(.named(let name), let pattern): "\(name):\(pattern)"
    case .vertex(let id, let pattern): "\(id.map { "v\($0.index)" } ?? "empty"):\(pattern)"
    case .inline(let file): "<<\(file.name) \(String(decoding: file.content, as: UTF8.self).escaped)>>"
    case .url(let url): "url(\(url))"
    case .git(let repository): "git(\(repository.text))"
    }
}

private func dump(_ source: RunOperation.Mount.Source) -> String {
    switch source {
    case .context(.main): "context"
    case .context(.named(let name)): name
    case .vertex(let id): id.map { "v\($0.index)" } ?? "empty"
    }
}

private func dump(_ mount: RunOperation.Mount) -> String {
    let target = mount.target.map { " at \($0)" } ?? ""
    func octal(_ mode: UInt32) -> String { String(mode, radix: 8) }
    switch mount.kind {
    case .bind(let source, let path, let isWritable):
        return "bind(\(dump(source)):\(path)\(target)\(isWritable ? " rw" : ""))"
    case .cache(let id, let sharing, let source, let path, let mode, let user, let group, let isReadOnly):
        return
            "cache(\(id) \(sharing.rawValue) \(source.map(dump) ?? "-"):\(path)\(target) \(octal(mode)) \(user):\(group)"
            + "\(isReadOnly ? " ro" : ""))"
    case .tmpfs(let size): return "tmpfs(\(size.map(String.init) ?? "-")\(target))"
    case .secret(let id, let variable, let isRequired, let mode, let user, let group):
        return "secret(\(id)\(variable.map { " $\($0)" } ?? "")\(target) \(octal(mode)) \(user):\(group)"
            + "\(isRequired ? " required" : ""))"
    case .ssh(let id, let isRequired, let mode, let user, let group):
        return "ssh(\(id)\(target) \(octal(mode)) \(user):\(group)\(isRequired ? " required" : ""))"
    }
}

/// The config's members that are set; the default search path and working directory are left out.
private func dump(_ config: ImageConfig) -> [String] {
    let container = config.container
    var lines: [String] = []
    if let author = config.author { lines.append("author \(author)") }
    if !container.user.isEmpty { lines.append("user \(container.user)") }
    if !["", "/"].contains(container.workingDirectory) { lines.append("workdir \(container.workingDirectory)") }
    let environment = container.environment.filter {
        $0 != "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    }
    if !environment.isEmpty { lines.append("env \(environment)") }
    if !container.labels.isEmpty {
        lines.append("labels \(container.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })")
    }
    if !container.exposedPorts.isEmpty { lines.append("ports \(container.exposedPorts.sorted())") }
    if !container.volumes.isEmpty { lines.append("volumes \(container.volumes.sorted())") }
    if let entrypoint = container.entrypoint { lines.append("entrypoint \(entrypoint)") }
    if let command = container.command { lines.append("cmd \(command)") }
    if let shell = container.shell { lines.append("shell \(shell)") }
    if let signal = container.stopSignal { lines.append("stopsignal \(signal)") }
    if let check = container.healthcheck { lines.append("health \(String(decoding: check.json.bytes, as: UTF8.self))") }
    if !container.onBuild.isEmpty { lines.append("onbuild \(container.onBuild)") }
    return lines.map { "  " + $0 }
}

extension String {
    fileprivate var escaped: String { replacing("\n", with: "\\n").replacing("\t", with: "\\t") }
}
