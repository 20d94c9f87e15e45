package import Dockerfile
package import LinuxSystem
import SystemPackage

/// The names that a Dockerfile has for its stages and arguments, each once and in the order of the file.
package struct DockerfileNames {
    package private(set) var stages: [String] = []
    package private(set) var arguments: [String] = []

    package init(_ syntax: DockerfileSyntax) {
        stages = syntax.stages.compactMap(\.name)
        var seen: Set<String> = []
        for instruction in syntax.globalArguments + syntax.stages.flatMap(\.instructions) {
            guard case .arg(let definitions) = instruction.kind else { continue }
            arguments += definitions.map(\.name.text).filter { seen.insert($0).inserted }
        }
    }

    /// Those of a file, as far as it can be read; nil where it is not there.
    ///
    /// - Parameters:
    ///   - file: the value of `--file`; nil for the usual name.
    ///   - context: a directory; nil for the working one.
    package static func read(file: String?, context: String?, _ environment: HostEnvironment) -> DockerfileNames? {
        let directory = environment.absolute(FilePath(context ?? "."))
        let paths =
            file.map { [environment.absolute(FilePath($0))] }
            ?? ["Dockerfile", "dockerfile", "Containerfile"].map { directory.appending($0) }
        guard let bytes = paths.lazy.compactMap({ HostFiles.read($0) }).first else { return nil }
        return DockerfileSyntax.read(SourceFile(name: "Dockerfile", bytes: bytes)).syntax.map(DockerfileNames.init)
    }

    /// Names that a build knows without any ARG, or that tell the builder something (Dockerfile reference, "Predefined ARGs").
    private static let known: Set = [
        "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "SOURCE_DATE_EPOCH", "TARGETSTAGE",
    ]

    /// Given arguments that no ARG takes, sorted, each with the declared one that may be meant.
    package func unused(of given: some Sequence<String>) -> [UnusedArgument] {
        given.filter { name in
            !arguments.contains(name) && !Self.known.contains(name.uppercased()) && !name.hasPrefix("BUILDKIT_")
                && !name.hasPrefix("TARGET") && !name.hasPrefix("BUILD")
        }.sorted().map { UnusedArgument(name: $0, nearest: Suggestion.nearest(to: $0, among: arguments)) }
    }
}

/// A build argument that was given for nothing.
package struct UnusedArgument: Hashable, Sendable {
    package let name: String
    package let nearest: String?
}
