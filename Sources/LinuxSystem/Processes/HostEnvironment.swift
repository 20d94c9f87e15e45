package import SystemPackage

/// What surrounds a command: its variables, where it was called, and by whom.
///
/// It is read once, at the entrance, and handed down; nothing else reads the process's environment, so that a test or a
/// server can say for each command what surrounds it.
package struct HostEnvironment: Sendable {
    /// Of a name that stands twice the first counts.
    package var variables: [String: String]
    /// Absolute, without links.
    package var workingDirectory: FilePath
    /// Whether the command is root, here or in a user namespace of its own.
    package var isRoot: Bool

    package init(variables: [String: String] = [:], workingDirectory: FilePath = "/", isRoot: Bool = false) {
        (self.variables, self.workingDirectory, self.isRoot) = (variables, workingDirectory, isRoot)
    }

    /// That of this process. To be read behind the entrance of a user namespace.
    package static func ofProcess() -> HostEnvironment {
        HostEnvironment(
            variables: ProcessFacts.environment, workingDirectory: ProcessFacts.workingDirectory,
            isRoot: ProcessFacts.isRoot)
    }

    package subscript(name: String) -> String? { variables[name] }

    /// A variable that says something; nil for an empty one too.
    package func text(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Where programs are looked for (POSIX, XBD 8.3).
    package var searchPath: String { variables["PATH"] ?? "" }

    /// A program of this machine; the directories of those for root are looked into even if the caller's path lacks them.
    package func program(_ name: String) -> FilePath? {
        let places = (searchPath + ":/usr/sbin:/sbin:/usr/bin:/bin").split(separator: ":")
        return places.map { FilePath(String($0)).appending(name) }.first(where: ProcessFacts.isExecutable)
    }

    /// A path that may be relative to where the command was called.
    package func absolute(_ path: FilePath) -> FilePath {
        path.isAbsolute ? path : workingDirectory.pushing(path).lexicallyNormalized()
    }
}
