package import Bake
import Compose
import Dockerfile
package import LinuxSystem
import SystemPackage

/// The files of a definition of builds.
package enum BakeFiles {
    /// Those that are read where none is named, in their order (bake's "File format"): what a later one says counts.
    static let usualNames = [
        "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "docker-bake.json",
        "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl",
    ]

    /// - Parameters:
    ///   - names: files of this machine; `-` is standard input.
    ///   - now: seconds since 1970.
    /// - Throws: ``BakeError``, and what a Compose file is wrong by.
    package static func load(_ names: [String], _ environment: HostEnvironment, now: Int64) throws -> BakeDefinition {
        let files = try read(names, environment)
        let surroundings = BakeSurroundings(
            environment: environment.variables, composeEnvironment: try composeEnvironment(environment), now: now)
        return try BakeDefinition(files, surroundings)
    }

    private static func read(_ names: [String], _ environment: HostEnvironment) throws -> [SourceFile] {
        var names = names
        if names.isEmpty, let given = environment.text("BUILDX_BAKE_FILE") {
            names = given.split(separator: environment.text("BUILDX_BAKE_FILE_SEPARATOR")?.first ?? ":").map(
                String.init)
        }
        if names.isEmpty {
            let files = usualNames.compactMap { name in
                HostFiles.read(environment.workingDirectory.appending(name)).map { SourceFile(name: name, bytes: $0) }
            }
            guard !files.isEmpty else {
                throw BakeFilesError.noFile(directory: environment.workingDirectory.string)
            }
            return files
        }
        return try names.map { name in
            if name == "-" {
                return SourceFile(name: "-", bytes: try StandardStream.input.readAll(limit: 16 << 20))
            }
            guard let bytes = HostFiles.read(environment.absolute(FilePath(name))) else {
                throw BakeFilesError.unreadableFile(path: name)
            }
            return SourceFile(name: name, bytes: bytes)
        }
    }

    /// The caller's variables, and those of `.env` that it does not have.
    private static func composeEnvironment(_ environment: HostEnvironment) throws -> [String: String] {
        guard let bytes = HostFiles.read(environment.workingDirectory.appending(".env")) else {
            return environment.variables
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let file: DotEnvironment
        do { file = try DotEnvironment(parsing: text, file: ".env", known: environment.variables) } catch {
            throw SourcedError(error: error, source: SourceFile(name: ".env", bytes: bytes))
        }
        var result: [String: String] = [:]
        for variable in file.variables { result[variable.name] = variable.value }
        return result.merging(environment.variables) { $1 }
    }
}

/// Why there is no definition.
package enum BakeFilesError: Error {
    case noFile(directory: String)
    case unreadableFile(path: String)
    /// A target asks for a right over this machine that nobody gave.
    case missingRight(String, target: String)
    /// A target is pushed, and has no name.
    case noName(target: String)
}
