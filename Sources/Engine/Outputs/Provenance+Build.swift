package import Attestation
package import BuildGraph
import Dockerfile
import LinuxSystem
import OCI

extension Provenance {
    /// How the image of a build came about, as far as the graph and what was fetched tell it.
    ///
    /// - Parameters:
    ///   - context: of the build; a local one is told by its name only.
    ///   - request: its options.
    package init(
        _ result: Build.Result, _ dockerfile: DockerfileSource, _ request: BuildRequest, _ context: OpenedContext,
        _ fetched: FetchedSources
    ) {
        let name = dockerfile.file.name.split(separator: "/").last.map(String.init) ?? dockerfile.file.name
        self.init(kind: .dockerfile, path: name)
        source = context.origin
        arguments = Self.arguments(request)
        if context.origin == nil { locals.append("dockerfile") }
        text = PublicURL.text(within: String(decoding: dockerfile.file.bytes, as: UTF8.self))
        var local: Set<ContextName> = []
        for vertex in result.graph.vertices {
            steps.append(Step(stage: vertex.origin.stage, text: vertex.origin.text, inputs: vertex.inputs.map(\.index)))
            switch vertex.operation {
            case .base(let wanted, let image): materials.append(Material(wanted.reference, wanted.platform, image))
            case .run(let run): read(run, &local)
            case .copy(let copy): read(copy, fetched, &local)
            case .makeDirectory: break
            }
        }
        for context in local {
            switch context {
            case .main where source != nil: break
            case .main: locals.append("context")
            case .named(let name): locals.append(name)
            }
        }
        if let source { materials.append(source) }
    }

    private mutating func read(_ run: RunOperation, _ local: inout Set<ContextName>) {
        if run.network != .none { isHermetic = false }
        for mount in run.mounts {
            switch mount.kind {
            case .bind(.context(let name), _, _), .cache(_, _, .context(let name), _, _, _, _, _): local.insert(name)
            case .secret(let id, _, let isRequired, _, _, _): secrets.append(Grant(id: id, isRequired: isRequired))
            case .ssh(let id, let isRequired, _, _, _): agents.append(Grant(id: id, isRequired: isRequired))
            case .bind, .cache, .tmpfs: break
            }
        }
    }

    private mutating func read(_ copy: CopyOperation, _ fetched: FetchedSources, _ local: inout Set<ContextName>) {
        for source in copy.sources {
            switch source {
            case .context(let name, _): local.insert(name)
            case .url(let url):
                let expected = copy.checksum.flatMap { try? Digest($0) }  // it was checked when the file came
                materials.append(Material(uri: PublicURL.text(of: url), fetched.digest(of: url) ?? expected))
            case .git(let repository):
                let uri = PublicURL.text(of: repository.text)
                materials.append(Material(repository: uri, commit: fetched.commit(of: repository.text)))
            case .vertex, .inline: break
            }
        }
    }

    /// The options as BuildKit names them. Proxies are left out: they may have passwords in them.
    private static func arguments(_ request: BuildRequest) -> [String: String] {
        var result: [String: String] = ["platform": request.platform.description]
        if let target = request.target { result["target"] = target }
        if request.network != .default { result["force-network-mode"] = request.network.rawValue }
        for (name, value) in request.buildArguments where !BuildRequest.isProxy(name) {
            result["build-arg:\(name)"] = SecretName.shown(PublicURL.text(within: value), of: name)
        }
        for (name, value) in request.labels { result["label:\(name)"] = PublicURL.text(within: value) }
        for (name, context) in request.namedContexts {
            switch context {
            case .image(let reference) where reference.isOfLayout: result["context:\(name)"] = "oci-layout"
            case .image(let reference): result["context:\(name)"] = "docker-image://\(reference)"
            case .directory: result["context:\(name)"] = "local:\(name)"
            case .stage(let stage): result["context:\(name)"] = "target:\(stage)"
            }
        }
        return result
    }
}

extension Provenance.Run {
    /// A run that ends now, under a name that no other has.
    ///
    /// - Parameter started: seconds since 1970.
    package static func new(started: Int64) -> Provenance.Run {
        let id = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
        return Provenance.Run(id: id, started: started, finished: FileTime.now.seconds)
    }
}
