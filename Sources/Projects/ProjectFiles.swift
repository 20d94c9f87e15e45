package import Compose
import Dockerfile
package import LinuxSystem
import Rendering
package import SystemPackage

/// An application's files, read and merged.
package struct ProjectFiles {
    package let project: Project
    /// The merged file with its variables in place.
    package let root: ComposeNode
    /// What relative paths begin at.
    package let directory: FilePath
    /// The caller's variables, and those of the `.env` file that it does not have.
    package let environment: [String: String]
    /// What surrounds the caller.
    package let host: HostEnvironment
    package let profiles: Set<String>
    /// Variables that the files use and nobody sets, which are taken as empty.
    package let unset: [String]
    private let sources: [String: SourceFile]

    package static func load(_ selection: ProjectSelection, _ environment: HostEnvironment) throws -> ProjectFiles {
        var loader = Loader(options: selection, host: environment)
        do { return try loader.load() } catch let error as ComposeError {
            throw Self.explained(error, error.place, loader.sources)
        }
    }

    /// An error with the file that it speaks of.
    package func explained(_ error: any Error) -> any Error {
        switch error {
        case let error as ComposeError: Self.explained(error, error.place, sources)
        case let error as ProjectError: Self.explained(error, error.place, sources)
        default: error
        }
    }

    private static func explained(_ error: any Error, _ place: Place?, _ sources: [String: SourceFile]) -> any Error {
        guard let place, let source = sources[place.file] else { return error }
        return SourcedError(error: error, source: source)
    }

    /// A path of the file as one of this machine.
    package func path(_ text: String) -> FilePath {
        if text == "~" || text.hasPrefix("~/"), let home = environment["HOME"] {
            return FilePath(home).appending(String(text.dropFirst(2)))
        }
        return directory.pushing(FilePath(text)).lexicallyNormalized()
    }

    /// The services that are asked for, and all that they need.
    package func selecting(_ services: [String]) throws -> Project {
        let unknown = services.filter { project.service($0) == nil }
        guard unknown.isEmpty else { throw ProjectError.unknownServices(unknown, known: project.services.map(\.name)) }
        do { return try project.selecting(services, profiles: profiles) } catch { throw explained(error) }
    }

    private struct Loader {
        let options: ProjectSelection
        let host: HostEnvironment
        var sources: [String: SourceFile] = [:]

        /// The caller's variables.
        private var own: [String: String] { host.variables }

        mutating func load() throws -> ProjectFiles {
            let names = try fileNames(own)
            let first = FilePath(names[0])
            let parent = first.removingLastComponent()
            let given = options.directory.map { FilePath($0) } ?? (parent.isEmpty ? "." : parent)
            guard let directory = ProcessFacts.realPath(given) else {
                throw ProjectError.unreadableFile(path: given.string)
            }
            let environment = try variables(directory)
            var interpolation = Interpolation(variables: environment)
            var merged: ComposeNode?
            for name in names {
                let node = try interpolation.expand(ComposeNode(parsing: try bytes(name), file: name))
                merged = try merged?.merged(with: node) ?? node.settled
            }
            guard let root = merged else { throw ProjectError.noFile(directory: directory.string) }
            let name = options.name ?? environment["COMPOSE_PROJECT_NAME"].flatMap { $0.isEmpty ? nil : $0 }
            let project = try Project(root, name: name, usualName: directory.lastComponent?.string ?? "")
            let profiles = (environment["COMPOSE_PROFILES"] ?? "").split(separator: ",").map(String.init)
            return ProjectFiles(
                project: project, root: root, directory: directory, environment: environment, host: host,
                profiles: Set(options.profiles + profiles), unset: interpolation.unset, sources: sources)
        }

        private func fileNames(_ environment: [String: String]) throws -> [String] {
            if !options.files.isEmpty { return options.files }
            let listed = (environment["COMPOSE_FILE"] ?? "").split(separator: ":").map(String.init)
            if !listed.isEmpty { return listed }
            let start = options.directory.map { FilePath($0) } ?? host.workingDirectory
            var directory = start
            while true {
                for name in ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"] {
                    let path = directory.appending(name)
                    guard ProcessFacts.realPath(path) != nil else { continue }
                    let stem = name.split(separator: ".").first.map(String.init) ?? ""
                    let overrides = ["yaml", "yml"].map { directory.appending("\(stem).override.\($0)") }
                    let override = overrides.first { ProcessFacts.realPath($0) != nil }
                    return ([path] + (override.map { [$0] } ?? [])).map { shown($0) }
                }
                guard !directory.removingLastComponent().isEmpty, directory.lastComponent != nil else { break }
                directory = directory.removingLastComponent()
            }
            throw ProjectError.noFile(directory: start.string)
        }

        /// A file of the working directory is shown by its name alone.
        private func shown(_ path: FilePath) -> String {
            path.removingLastComponent() == host.workingDirectory
                ? path.lastComponent?.string ?? path.string : path.string
        }

        private mutating func bytes(_ name: String) throws -> [UInt8] {
            guard let bytes = HostFiles.read(FilePath(name)) else { throw ProjectError.unreadableFile(path: name) }
            sources[name] = SourceFile(name: name, yaml: bytes)
            return bytes
        }

        /// This process's variables come before those of files (Compose specification, "Interpolation").
        private mutating func variables(_ directory: FilePath) throws -> [String: String] {
            var names = options.environmentFiles
            if names.isEmpty {
                let usual = directory.appending(".env")
                guard ProcessFacts.realPath(usual) != nil else { return own }
                names = [shown(usual)]
            }
            var result: [String: String] = [:]
            for name in names {
                let file = try DotEnvironment(
                    parsing: String(decoding: try bytes(name), as: UTF8.self), file: name,
                    known: result.merging(own) { _, own in own })
                for variable in file.variables { result[variable.name] = variable.value ?? own[variable.name] }
            }
            return result.merging(own) { _, own in own }
        }
    }
}
