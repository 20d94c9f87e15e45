import BuildGraph
import Dockerfile
import LinuxSystem
import OCI
import Solver
import Storage
import SystemPackage

/// The directories that a build reads, by name.
struct BuildContexts {
    let mainPath: FilePath
    /// What names mean to the graph.
    private(set) var named: [String: NamedContext] = [:]
    private var directories: [String: FilePath] = [:]

    /// - Parameter options: the values of `--build-context`.
    init(main: String, named options: [String]) throws {
        mainPath = try Self.directory(main)
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
            } else if value.contains("://") || value.hasPrefix("git@") {
                throw UsageError.unsupported("a context of the kind '\(value)'", instead: "give a directory or docker-image://REFERENCE")
            } else {
                directories[name] = try Self.directory(value)
                named[name] = .directory
            }
        }
    }

    private static func directory(_ text: String) throws -> FilePath {
        guard text != "-" else {
            throw UsageError.unsupported("a context on standard input", instead: "give a directory")
        }
        guard !text.contains("://") else {
            throw UsageError.unsupported("a context from a URL", instead: "give a directory")
        }
        guard let path = ProcessFacts.realPath(FilePath(text)), (try? Directory(opening: path)) != nil else {  // not a directory
            throw UsageError.missingContext(path: text)
        }
        return path
    }

    /// Opens the directories and reads their ignore files.
    func opened(dockerfile: DockerfileSource) throws -> [ContextName: SolveContext.BuildContext] {
        var result: [ContextName: SolveContext.BuildContext] = [:]
        result[.main] = try Self.open(mainPath, ignoreFile: dockerfile.ignoreFile)
        for (name, path) in directories {
            result[.named(name)] = try Self.open(path, ignoreFile: try DockerfileSource.ignoreFile(in: path, dockerfile: nil))
        }
        return result
    }

    private static func open(_ path: FilePath, ignoreFile: SourceFile?) throws -> SolveContext.BuildContext {
        let files = FileTree(layers: [try Directory(opening: path)])
        let patterns = try ignoreFile.map { try IgnorePatterns($0) } ?? .none
        guard !patterns.patterns.isEmpty else {
            return .init(files: files, filter: .everything, path: path.string)
        }
        let filter = FileFilter { path, isDirectory in
            guard patterns.decision(for: path).isIgnored else { return .include }
            return isDirectory && !patterns.canSkip(path) ? .descend : .exclude
        }
        return .init(files: files, filter: filter, path: path.string)
    }
}

/// A Dockerfile and the ignore file that goes with it.
struct DockerfileSource {
    let file: SourceFile
    let ignoreFile: SourceFile?

    private static let sizeLimit = 16 << 20

    /// - Parameter option: the value of `--file`; relative to the working directory as in docker.
    static func read(_ option: String?, context: FilePath) throws -> DockerfileSource {
        if option == "-" {
            let bytes = try StandardStream.input.readAll(limit: sizeLimit)
            return DockerfileSource(
                file: SourceFile(name: "-", bytes: bytes), ignoreFile: try ignoreFile(in: context, dockerfile: nil))
        }
        let path = option.map { FilePath($0) } ?? context.appending("Dockerfile")
        let name = option ?? "Dockerfile"
        guard let fileName = path.lastComponent,
            let directory = try? Directory(opening: path.removingLastComponent().isEmpty ? "." : path.removingLastComponent()),  // told below
            let bytes = try? directory.openFile(inRoot: Array(fileName.string.utf8)).readAll(limit: sizeLimit)  // told below
        else { throw UsageError.missingDockerfile(path: path.string) }
        return DockerfileSource(
            file: SourceFile(name: name, bytes: bytes),
            ignoreFile: try ignoreFile(in: context, dockerfile: (directory, fileName.string)))
    }

    /// `<Dockerfile name>.dockerignore` beside the Dockerfile, else the context's own.
    static func ignoreFile(in context: FilePath, dockerfile: (directory: Directory, name: String)?) throws -> SourceFile? {
        if let dockerfile {
            let name = dockerfile.name + ".dockerignore"
            if let bytes = try dockerfile.directory.read(Array(name.utf8)) { return SourceFile(name: name, bytes: bytes) }
        }
        let directory = try Directory(opening: context)
        for name in [".containerignore", ".dockerignore"] {
            if let bytes = try directory.read(Array(name.utf8)) { return SourceFile(name: name, bytes: bytes) }
        }
        return nil
    }
}
