import BuildGraph
import Dockerfile
import LinuxSystem
import OCI
import Solver
import Storage
import SystemPackage

/// The directories that a build reads, by name.
struct BuildContexts {
    let main: OpenedContext
    /// What names mean to the graph.
    private(set) var named: [String: NamedContext] = [:]
    private var directories: [String: OpenedContext] = [:]
    /// Images of layouts, by references that nothing else has.
    private(set) var layouts: [ImageReference: LayoutImage] = [:]

    struct LayoutImage {
        let layout: ImageLayout
        let selection: ImageLayout.Selection
    }

    /// - Parameters:
    ///   - options: the values of `--build-context`.
    ///   - keepsHistory: whether `.git` of the main context stays where that is a repository.
    init(main: String, named options: [String], store: Store, keepsHistory: Bool) async throws {
        self.main = try await ContextSource(main).open(store, keepsHistory: keepsHistory)
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw UsageError.invalidOption(name: "--build-context", value: option, reason: "the form is NAME=VALUE")
            }
            let (name, value) = (parts[0].lowercased(), parts[1])
            if value.hasPrefix("docker-image://") {
                let reference = try ImageReference(String(value.dropFirst("docker-image://".count)))
                named[name] = .image(reference.withDefaultTag)
            } else if value.hasPrefix("target:") {
                named[name] = .stage(String(value.dropFirst("target:".count)))
            } else if value.hasPrefix("oci-layout://") {
                let reference = try ImageReference("\(ImageReference.layoutDomain)/context-\(layouts.count)").withDefaultTag
                layouts[reference] = try Self.layout(String(value.dropFirst("oci-layout://".count)), store)
                named[name] = .image(reference)
            } else {
                directories[name] = try await ContextSource(value).open(store)
                named[name] = .directory
            }
        }
    }

    /// Reads `path[:tag][@digest]` (buildx, `--build-context`).
    private static func layout(_ text: String, _ store: Store) throws -> LayoutImage {
        var path = text
        var selection = ImageLayout.Selection.unnamed
        if let at = path.lastIndex(of: "@") {
            selection = .digest(try Digest(String(path[path.index(after: at)...])))
            path = String(path[..<at])
        }
        if let colon = path.lastIndex(of: ":"), !path[colon...].contains("/") {
            if selection == .unnamed { selection = .tag(String(path[path.index(after: colon)...])) }
            path = String(path[..<colon])
        }
        guard let real = ProcessFacts.realPath(FilePath(path)), let layout = try? ImageLayout(opening: real, store) else {  // told here
            throw UsageError.unreadableFile(path: path, reason: "it is no OCI image layout")
        }
        return LayoutImage(layout: layout, selection: selection)
    }

    /// Opens the directories and reads their ignore files.
    func opened(dockerfile: DockerfileSource) throws -> [ContextName: SolveContext.BuildContext] {
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
        let patterns = try ignoreFile.map(DockerfileSource.patterns) ?? .none
        guard !patterns.patterns.isEmpty else {
            return .init(files: files, filter: .everything, path: path)
        }
        let filter = FileFilter { path, isDirectory in
            guard patterns.decision(for: path).isIgnored else { return .include }
            return isDirectory && !patterns.canSkip(path) ? .descend : .exclude
        }
        let name = ignoreFile?.name ?? ".dockerignore"
        return .init(files: files, filter: filter, path: path) { path in
            // A path below an excluded directory is excluded by the directory's line.
            patterns.decision(for: path).pattern.map { "\(name):\($0.line): \($0.text)" }
        }
    }
}

/// A Dockerfile and the ignore file that goes with it.
struct DockerfileSource {
    let file: SourceFile
    let ignoreFile: SourceFile?

    private static let sizeLimit = 16 << 20

    /// What the ignore file leaves out; nil without one.
    func ignorePatterns() throws -> IgnorePatterns? { try ignoreFile.map(Self.patterns) }

    static func patterns(of file: SourceFile) throws -> IgnorePatterns {
        do { return try IgnorePatterns(file) } catch { throw SourcedError(error: error, source: file) }
    }

    /// A Dockerfile without a context.
    static func readAlone(_ name: String) throws -> SourceFile {
        if name == "-" { return SourceFile(name: "-", bytes: try StandardStream.input.readAll(limit: sizeLimit)) }
        guard let bytes = try NamedFiles.ofPerson(".").read(FilePath(name), limit: sizeLimit) else { throw UsageError.missingDockerfile(path: name) }
        return SourceFile(name: name, bytes: bytes)
    }

    /// What an ignore file leaves out of the context that a Dockerfile most likely has: the directory that it is in.
    static func ignorePatterns(beside name: String) throws -> IgnorePatterns? {
        let path = FilePath(name)
        guard name != "-", let last = path.lastComponent else { return nil }
        let folder: FilePath = path.removingLastComponent().isEmpty ? "." : path.removingLastComponent()
        return try ignoreFile(in: .ofPerson(folder), dockerfile: (.ofPerson(folder), FilePath(last.string))).map(patterns)
    }

    /// - Parameter option: the value of `--file`: relative to the working directory as in docker, or to a context that
    ///   was fetched.
    static func read(_ option: String?, context opened: OpenedContext) throws -> DockerfileSource {
        let context = try NamedFiles(opened)
        if let bytes = opened.dockerfile { return DockerfileSource(file: SourceFile(name: "Dockerfile", bytes: bytes), ignoreFile: nil) }
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
            throw UsageError.missingDockerfile(path: isOwn ? name : opened.path.appending(name).string)
        }
        return DockerfileSource(
            file: SourceFile(name: name, bytes: bytes), ignoreFile: try ignoreFile(in: context, dockerfile: (files, FilePath(name))))
    }

    /// What the file is called where no option says it: docker takes `dockerfile` too, podman and buildah `Containerfile`.
    private static func usualName(in context: FilePath) -> String {
        let names = ["Dockerfile", "Containerfile", "dockerfile"]
        guard let directory = try? Directory(opening: context) else { return names[0] }  // whoever reads it tells
        return names.first { (try? directory.status(Array($0.utf8))) != nil } ?? names[0]  // as above
    }

    /// `<Dockerfile name>.dockerignore` beside the Dockerfile, else the context's own.
    static func ignoreFile(in context: NamedFiles, dockerfile: (files: NamedFiles, path: FilePath)?) throws -> SourceFile? {
        // What a descriptor stands for has nothing beside it.
        if let dockerfile, let last = dockerfile.path.lastComponent, OwnedDescriptor.descriptorNumber(dockerfile.path) == nil {
            let name = last.string + ".dockerignore"
            let path = dockerfile.path.removingLastComponent().appending(name)
            if let bytes = try dockerfile.files.read(path, limit: sizeLimit) { return SourceFile(name: name, bytes: bytes) }
        }
        for name in [".containerignore", ".dockerignore"] {
            if let bytes = try context.read(FilePath(name), limit: sizeLimit) { return SourceFile(name: name, bytes: bytes) }
        }
        return nil
    }
}
