import Attestation
import BuildGraph
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Solver
import Storage
import SystemPackage

/// What a client of BuildKit asks for, as a specification: its files are fetched through its session.
struct SessionBuild: Sendable {
    let served: ServedEngine
    let engine: Engine
    let session: ClientSession
    let frontend: FrontendRequest
    let log: StatusLog
    /// Names this build's steps.
    let job: String
    let entitlements: [String]
    /// What is wanted of the client's directories.
    var need = Need.files

    enum Need {
        case files
        /// The Dockerfile is only looked at: the files that it copies need not come.
        case dockerfile
    }

    private static let documentLimit = 16 << 20

    func specification() async throws -> BuildSpecification {
        guard ["", "dockerfile.v0"].contains(frontend.name) else { throw APIError.unsupportedFrontend(frontend.name) }
        let ownFile = try await dockerfile()
        // For a file with mistakes no directory is sent, which may be large.
        if need == .files, let file = ownFile?.file {
            do { _ = try DockerfileSyntax.parse(file) } catch { throw SourcedError(error: error, source: file) }
        }
        let (context, name, ignore) = try await context(ignoring: ownFile?.ignore)
        var specification = BuildSpecification(context: context, contextName: name)
        if let ownFile {
            specification.dockerfile = .received(ownFile.file, ignoreFile: ignore)
            specification.secrets = try await secrets(in: ownFile.file)
        } else {
            specification.dockerfile = DockerfilePlace(option: frontend.options["filename"])
        }
        try await addNamedContexts(&specification)
        try addOptions(&specification)
        return specification
    }

    // MARK: The Dockerfile

    private typealias Received = (file: SourceFile, ignore: SourceFile?)

    /// The Dockerfile and what the context leaves out; nil where the Dockerfile is in a context that is elsewhere.
    private func dockerfile() async throws -> Received? {
        let options = frontend.options
        if options["context"] != nil, options["dockerfilekey"] == nil { return nil }
        let name = options["filename"] ?? "Dockerfile"
        let folder = options["dockerfilekey"] ?? "dockerfile"
        return try await log.step("[internal] load build definition from \(name)", job) { vertex in
            let lowered = name.hasSuffix("Dockerfile") ? [String(name.dropLast("Dockerfile".count)) + "dockerfile"] : []
            let directory = try await receive(
                FileReceiver.Wish(name: folder, paths: [name, "\(name).dockerignore"] + lowered), "dockerfile", vertex)
            let root = try Directory(opening: directory.path)
            guard
                let bytes = try [name, lowered.first].compactMap({ $0 }).lazy.compactMap({ try Self.read($0, root) })
                    .first
            else {
                throw EngineError.missingDockerfile(path: name)
            }
            let ignore = try Self.read("\(name).dockerignore", root)
            return (
                SourceFile(name: name, bytes: bytes), ignore.map { SourceFile(name: "\(name).dockerignore", bytes: $0) }
            )
        }
    }

    private static func read(_ path: String, _ root: Directory) throws -> [UInt8]? {
        do { return try root.openFile(inRoot: Array(path.utf8)).readAll(limit: documentLimit) } catch
            where error.errno == .noSuchFileOrDirectory
        {
            return nil
        }
    }

    // MARK: Files

    /// - Returns: also the file of what is left out, which may leave itself out.
    private func context(ignoring own: SourceFile?) async throws -> (ContextSource, name: String, SourceFile?) {
        if let text = frontend.options["context"] {
            if text.hasPrefix("http://buildkit-session/") {
                return (try await uploaded(String(text.dropFirst("http://buildkit-session".count))), "client", own)
            }
            return (try ServedEngine.remoteContext(text), text, own)
        }
        let folder = frontend.options["contextkey"] ?? "context"
        let file: SourceFile?
        if let own { file = own } else { file = try await ignoreFile(of: folder) }
        let ignore = try file.map(Self.patterns) ?? []
        if need == .dockerfile {
            let directory = try engine.store.makeTemporaryDirectory()
            return (.opened(OpenedContext(directory)), "client \(session.sharedKey)", file)
        }
        let context = try await log.step("[internal] load build context", job) { vertex in
            try await receive(FileReceiver.Wish(name: folder, excludes: ignore), "context", vertex)
        }
        return (.opened(context), "client \(session.sharedKey)", file)
    }

    private func ignoreFile(of folder: String) async throws -> SourceFile? {
        try await log.step("[internal] load .dockerignore", job) { vertex in
            let directory = try await receive(
                FileReceiver.Wish(name: folder, paths: [".dockerignore"]), "context", vertex)
            let bytes = try Self.read(".dockerignore", Directory(opening: directory.path))
            return bytes.map { SourceFile(name: ".dockerignore", bytes: $0) }
        }
    }

    /// What a client is to leave out.
    private static func patterns(_ file: SourceFile) throws -> [String] {
        do { return try IgnorePatterns(file).patterns.map(\.cleaned) } catch {
            throw SourcedError(error: error, source: file)
        }
    }

    /// - Returns: the directory, which others may read as well.
    private func receive(_ wish: FileReceiver.Wish, _ label: String, _ vertex: StatusVertex) async throws
        -> OpenedContext
    {
        let start = FileTime.now
        let owner = try await session(of: wish.name)
        let directory = try engine.store.makeTemporaryDirectory()
        // A few files of a directory are no directory that is worth keeping.
        let key =
            wish.paths.isEmpty ? KeptTrees.Key(peer: owner.peer, place: owner.sharedKey, name: wish.name) : nil
        let kept = key.flatMap(served.trees.tree)
        let (log, title) = (log, "transferring \(label):")
        let step = ProgressStep()
        var receiver = FileReceiver(into: try Directory(opening: directory.path), kept: kept) { count in
            guard step.isDue(count) else { return }
            log.tell(isDispensable: true) {
                vertex.writeLine(title, current: count, total: 0, isDone: false, since: start, &$0)
            }
        }
        try await receiver.receive(wish, from: owner)
        let count = receiver.receivedBytes
        log.tell { vertex.writeLine(title, current: count, total: 0, isDone: true, since: start, &$0) }
        if receiver.isUnchanged, let kept { return OpenedContext(kept.directory, kept.digests) }
        guard let key else { return OpenedContext(directory) }
        let tree = KeptTree(directory, receiver.announced, KeptDigests(since: kept?.digests))
        served.trees.keep(tree, as: key)
        return OpenedContext(directory, tree.digests)
    }

    /// The session that has a directory: another build's, where targets share one.
    private func session(of folder: String) async throws -> ClientSession {
        guard let id = frontend.options["local-sessionid:\(folder)"] else { return session }
        return try await served.session(id)
    }

    private func uploaded(_ path: String) async throws -> ContextSource {
        let archive = ContextArchive(engine.store)
        try await session.client.call(ClientSession.upload, [("urlpath", path), ("urlhost", "buildkit-session")]) {
            stream in
            await stream.finishSending()
            while let message = try await stream.next() {
                try ProtobufReader.forEachField(message) { field, value in
                    if field == 1 { try value.data.withUnsafeBytes { try archive.consume($0) } }
                }
            }
        }
        return .opened(try OpenedContext(archive.finish(), engine.store))
    }

    private func addNamedContexts(_ specification: inout BuildSpecification) async throws {
        for (key, value) in frontend.family("context:") {
            // `::PLATFORM` narrows one; of several the first is taken.
            let name = key.firstRange(of: "::").map { String(key[..<$0.lowerBound]) } ?? key
            if specification.namedContexts.contains(where: { $0.name == name }) { continue }
            specification.namedContexts.append((name, try await namedContext(name, value)))
        }
    }

    private func namedContext(_ name: String, _ value: String) async throws -> NamedContextSource {
        if value.hasPrefix("docker-image://") {
            return .image(try ImageReference(String(value.dropFirst(15))).withDefaultTag)
        }
        if value.hasPrefix("input:") {
            guard let definition = frontend.inputs[String(value.dropFirst(6))],
                let id = try ServedEngine.result(of: definition),
                let prepared = served.results.withLock({ $0[id] })
            else { throw APIError.lowLevelBuild }
            return .stored(try await served.image(of: prepared))
        }
        if value.hasPrefix("oci-layout://") { return try await layout(String(value.dropFirst(13))) }
        guard value.hasPrefix("local:") else { return .files(try ServedEngine.remoteContext(value)) }
        let folder = String(value.dropFirst(6))
        let ignore = try await ignoreFile(of: folder).map(Self.patterns) ?? []
        let context = try await log.step("[context \(name)] load from client", job) { vertex in
            try await receive(FileReceiver.Wish(name: folder, excludes: ignore), name, vertex)
        }
        return .files(.opened(context))
    }

    /// `NAME[:TAG]@DIGEST`: an image of a layout that the client has, with the blobs that the platforms need.
    private func layout(_ text: String) async throws -> NamedContextSource {
        guard let at = text.lastIndex(of: "@") else { throw APIError.badParameter("context", value: text) }
        let digest = try Digest(String(text[text.index(after: at)...]))
        let name = text[..<at].prefix { $0 != ":" }
        let layout = ClientLayout(try ClientContent(session, "oci:\(name)"), engine.store)
        let platforms = try BuildWords.platforms([frontend.options["platform"] ?? ""])
        return .results(try await layout.images(digest, for: platforms))
    }

    // MARK: The rest

    /// What the client has of the secrets that a Dockerfile names.
    private func secrets(in file: SourceFile) async throws -> [String: SecretSource] {
        var result: [String: SecretSource] = [:]
        for id in MountedNames.ids(of: "secret", in: file) + ["GIT_AUTH_TOKEN", "GIT_AUTH_HEADER"]
        where result[id] == nil {
            if let bytes = try await session.secret(id) { result[id] = .bytes(bytes) }
        }
        return result
    }

    private func addOptions(_ specification: inout BuildSpecification) throws {
        let options = frontend.options
        var request = BuildRequest()
        request.target = options["target"].flatMap { $0.isEmpty ? nil : $0 }
        request.buildArguments = Dictionary(frontend.family("build-arg:").map { ($0.name, $0.value) }) { _, last in last
        }
        request.labels = Dictionary(frontend.family("label:").map { ($0.name, $0.value) }) { _, last in last }
        request.network =
            try options["force-network-mode"].map { try BuildWords.network($0 == "sandbox" ? "default" : $0) }
            ?? .default
        request.entitlements = try BuildWords.entitlements(entitlements.filter { $0 != "device" })
        var words = ContainerWords(
            addHost: (options["add-hosts"] ?? "").split(separator: ",").map(String.init), shmSize: options["shm-size"],
            ulimit: (options["ulimit"] ?? "").split(separator: ",").map(String.init))
        words.limits.memory = options["memory"]
        words.limits.cpusetCpus = options["cpusetcpus"]
        words.limits.cpuShares = options["cpushares"]
        request.surroundings = try words.surroundings()
        specification.request = request
        specification.processes = try words.processes()
        specification.platforms = try BuildWords.platforms([options["platform"] ?? ""])
        specification.renewsBases = options["image-resolve-mode"] == "pull"
        specification.check = .off
        // What is meant to be inside an image that others fetch, and nowhere else, is left out: buildx asks for it by itself.
        let attested = frontend.family("attest:").filter { !$0.value.contains("inline-only=true") }
        specification.attestations = try AttestationRequest(
            attest: try attested.map { name, value in
                // The value may say its type again.
                let fields = try CommaSeparated.fields(value, of: "--attest").filter {
                    !$0.isEmpty && !$0.hasPrefix("type=")
                }
                return (["type=\(name)"] + fields).joined(separator: ",")
            }, sbom: nil, provenance: nil)
        if let stages = options["no-cache"] {
            specification.cache.ignored =
                stages.isEmpty ? .all : .stages(Set(stages.split(separator: ",").map(String.init)))
        }
        let places = CachePlaces(session)
        for place in frontend.cacheImports + frontend.namedImports {
            specification.cache.sources.append(try places.place(place))
        }
    }
}
