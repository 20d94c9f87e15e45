import Attestation
package import BuildGraph
package import Dockerfile
import LinuxSystem
package import OCI
package import Solver
import Storage
package import SystemPackage

/// The directories that a build reads, by name.
package struct BuildContexts {
    package let main: OpenedContext
    /// What names mean to the graph.
    package private(set) var named: [String: NamedContext] = [:]
    private var directories: [String: OpenedContext] = [:]
    /// Images of layouts, and of the store by their IDs, by references that nothing else has.
    package private(set) var layouts: [ImageReference: GivenImage] = [:]

    /// Finds an image for a platform.
    package typealias GivenImage = @Sendable (Platform) throws -> Image

    /// - Parameters:
    ///   - specification: what names the contexts.
    ///   - engine: where their files go.
    ///   - git: how repositories are fetched.
    ///   - keepsHistory: whether `.git` of the main context stays where that is a repository.
    package init(_ specification: BuildSpecification, engine: Engine, git: GitAccess, keepsHistory: Bool) async throws {
        main = try await specification.context.open(in: engine, git: git, keepsHistory: keepsHistory)
        for (name, source) in specification.namedContexts {
            switch source {
            case .image(let reference): named[name] = .image(reference)
            case .stage(let stage): named[name] = .stage(stage)
            case .layout(let path, let selection):
                named[name] = .image(try give(Self.layout(path, selection, engine.store)))
            case .stored(let id):
                let store = engine.store
                named[name] = .image(try give { try store.images.image(id, for: $0) })
            case .results(let images):
                named[name] = .image(
                    try give { platform in
                        guard let image = images.first(where: { $0.config.platform == platform }) ?? images.first else {
                            throw EngineError.unusableFile(path: name, .noLayout)
                        }
                        return image
                    })
            case .files(let source):
                directories[name] = try await source.open(in: engine, git: git)
                named[name] = .directory
            }
        }
    }

    /// What was fetched with a file that stands for one kept elsewhere.
    package var placeholders: [(repository: String, file: String)] {
        ([main] + directories.sorted { $0.key < $1.key }.map(\.value)).compactMap { context in
            context.placeholder.map { (context.origin?.uri ?? "", $0) }
        }
    }

    private mutating func give(_ image: @escaping GivenImage) throws -> ImageReference {
        let reference = try ImageReference("\(ImageReference.layoutDomain)/context-\(layouts.count)").withDefaultTag
        layouts[reference] = image
        return reference
    }

    private static func layout(_ path: String, _ selection: ImageLayout.Selection, _ store: Store) throws -> GivenImage
    {
        // A path that is none is told here.
        guard let real = ProcessFacts.realPath(FilePath(path)), let layout = try? ImageLayout(opening: real, store)
        else {
            throw EngineError.unusableFile(path: path, .noLayout)
        }
        return { try layout.image(selection, for: $0) }
    }

    /// Opens the directories and reads their ignore files.
    package func opened(dockerfile: DockerfileSource) throws -> [ContextName: SolveContext.BuildContext] {
        var result: [ContextName: SolveContext.BuildContext] = [:]
        result[.main] = try Self.open(main, ignoreFile: dockerfile.ignoreFile)
        for (name, context) in directories {
            let ignoreFile = try DockerfileSource.ignoreFile(in: NamedFiles(context), dockerfile: nil)
            result[.named(name)] = try Self.open(context, ignoreFile: ignoreFile)
        }
        return result
    }

    private static func open(_ context: OpenedContext, ignoreFile: SourceFile?) throws -> SolveContext.BuildContext {
        let files = FileTree(layers: [try Directory(opening: context.path)])
        let path = context.remembers ? context.path.string : nil
        let memory = context.digests.map { ContextMemory.kept($0) }
        let patterns = try ignoreFile.map(DockerfileSource.patterns) ?? .none
        guard !patterns.patterns.isEmpty else {
            return .init(files: files, filter: .everything, path: path, memory: memory)
        }
        let filter = FileFilter { path, isDirectory in
            guard patterns.decision(for: path).isIgnored else { return .include }
            return isDirectory && !patterns.canSkip(path) ? .descend : .exclude
        }
        let name = ignoreFile?.name ?? ".dockerignore"
        var result = SolveContext.BuildContext(files: files, filter: filter, path: path, memory: memory) { path in
            // A path below an excluded directory is excluded by the directory's line.
            let decision = patterns.decision(for: path)
            return decision.isIgnored ? decision.pattern.map { "\(name):\($0.line): \($0.text)" } : nil
        }
        result.isFiltered = context.isFiltered
        return result
    }
}

/// A Dockerfile and the ignore file that goes with it.
package struct DockerfileSource {
    package let file: SourceFile
    package let ignoreFile: SourceFile?

    private static let sizeLimit = 16 << 20

    /// What the ignore file leaves out; nil without one.
    package func ignorePatterns() throws -> IgnorePatterns? { try ignoreFile.map(Self.patterns) }

    package static func patterns(of file: SourceFile) throws -> IgnorePatterns {
        do { return try IgnorePatterns(file) } catch { throw SourcedError(error: error, source: file) }
    }

    /// A Dockerfile without a context.
    ///
    /// - Parameter name: a file, or a directory that has one of the usual name.
    package static func readAlone(_ name: String) throws -> SourceFile {
        let name = usual(name)
        if name == "-" { return SourceFile(name: "-", bytes: try StandardStream.input.readAll(limit: sizeLimit)) }
        guard let bytes = try NamedFiles.ofPerson(".").read(FilePath(name), limit: sizeLimit) else {
            throw EngineError.missingDockerfile(path: name)
        }
        return SourceFile(name: name, bytes: bytes)
    }

    /// What an ignore file leaves out of the context that a Dockerfile most likely has: the directory that it is in.
    package static func ignorePatterns(beside name: String) throws -> IgnorePatterns? {
        let path = FilePath(usual(name))
        guard name != "-", let last = path.lastComponent else { return nil }
        let folder: FilePath = path.removingLastComponent().isEmpty ? "." : path.removingLastComponent()
        return try ignoreFile(in: .ofPerson(folder), dockerfile: (.ofPerson(folder), FilePath(last.string))).map(
            patterns)
    }

    private static func usual(_ name: String) -> String {
        // What cannot be opened as a directory is taken for a file, and said to be none where it is read.
        guard name != "-", (try? Directory(opening: FilePath(name))) != nil else { return name }
        let folder = FilePath(name == "." ? "" : name)
        let places = ["Dockerfile", "dockerfile", "Containerfile"].map { folder.appending($0) }
        return (places.first { ProcessFacts.realPath($0) != nil } ?? places[0]).string
    }

    /// A file is relative to the working directory as in docker, or to a context that was fetched.
    package static func read(_ place: DockerfilePlace, context opened: OpenedContext) throws -> DockerfileSource {
        let context = try NamedFiles(opened)
        let option: String?
        switch place {
        case .usual: option = nil
        case .file(let path): option = path
        case .received(let file, let ignoreFile):
            return DockerfileSource(
                file: file, ignoreFile: try ignoreFile ?? Self.ignoreFile(in: context, dockerfile: nil))
        case .inline(let bytes):
            return DockerfileSource(
                file: SourceFile(name: "Dockerfile", bytes: bytes),
                ignoreFile: try ignoreFile(in: context, dockerfile: nil))
        }
        if let bytes = opened.dockerfile {
            return DockerfileSource(file: SourceFile(name: "Dockerfile", bytes: bytes), ignoreFile: nil)
        }
        if option == "-" {
            let bytes = try StandardStream.input.readAll(limit: sizeLimit)
            return DockerfileSource(
                file: SourceFile(name: "-", bytes: bytes), ignoreFile: try ignoreFile(in: context, dockerfile: nil))
        }
        let name = option ?? usualName(in: opened.path)
        // A person's own option is relative to the working directory.
        let isOwn = option != nil && opened.directory == nil
        let files = isOwn ? .ofPerson(".") : context
        guard let bytes = try files.read(FilePath(name), limit: sizeLimit) else {
            throw EngineError.missingDockerfile(path: isOwn ? name : opened.path.appending(name).string)
        }
        return DockerfileSource(
            file: SourceFile(name: name, bytes: bytes),
            ignoreFile: try ignoreFile(in: context, dockerfile: (files, FilePath(name))))
    }

    /// What the file is called where no option says it: docker takes `dockerfile` too, podman and buildah `Containerfile`.
    private static func usualName(in context: FilePath) -> String {
        let names = ["Dockerfile", "Containerfile", "dockerfile"]
        guard let directory = try? Directory(opening: context) else { return names[0] }  // whoever reads it tells
        return names.first { (try? directory.status(Array($0.utf8))) != nil } ?? names[0]  // as above
    }

    /// `<Dockerfile name>.dockerignore` beside the Dockerfile, else the context's own.
    package static func ignoreFile(in context: NamedFiles, dockerfile: (files: NamedFiles, path: FilePath)?) throws
        -> SourceFile?
    {
        // What a descriptor stands for has nothing beside it.
        if let dockerfile, let last = dockerfile.path.lastComponent,
            OwnedDescriptor.descriptorNumber(dockerfile.path) == nil
        {
            let name = last.string + ".dockerignore"
            let path = dockerfile.path.removingLastComponent().appending(name)
            if let bytes = try dockerfile.files.read(path, limit: sizeLimit) {
                return SourceFile(name: name, bytes: bytes)
            }
        }
        for name in [".containerignore", ".dockerignore"] {
            if let bytes = try context.read(FilePath(name), limit: sizeLimit) {
                return SourceFile(name: name, bytes: bytes)
            }
        }
        return nil
    }
}
