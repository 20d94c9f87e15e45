package import Dockerfile

/// What a target of a Dockerfile asks its caller for.
package struct DockerfileOutline: Sendable {
    package struct Argument: Sendable {
        package let name: String
        /// What the comment above says of it.
        package let details: String?
        /// The default, as it is written.
        package let value: String?
        package let range: SourceRange
    }

    /// The stage; nil for one without a name.
    package let name: String?
    package let details: String?
    package private(set) var arguments: [Argument] = []
    /// IDs of the secrets and of the SSH agents that the file's steps mount.
    package let secrets: [String]
    package let agents: [String]

    /// - Parameter target: the stage; nil for the last.
    /// - Throws: ``SourcedError``
    package init(_ file: SourceFile, target: String?) throws {
        let syntax = try DockerfileTarget.parsed(file)
        let stage = syntax.stages.last { $0.name == target?.lowercased() } ?? syntax.stages.last
        (name, details) = (stage?.name, stage?.from.description)
        secrets = MountedNames.ids(of: "secret", in: file)
        agents = MountedNames.ids(of: "ssh", in: file)
        var seen: Set<String> = []
        for instruction in syntax.globalArguments + (stage?.instructions ?? []) {
            guard case .arg(let definitions) = instruction.kind else { continue }
            for definition in definitions where seen.insert(definition.name.text).inserted {
                arguments.append(
                    Argument(
                        name: definition.name.text,
                        details: Self.comment(of: instruction, naming: definition.name.text),
                        value: definition.value?.text, range: instruction.range))
            }
        }
    }

    /// A comment above an instruction that begins with the name that it defines.
    private static func comment(of instruction: Instruction, naming name: String) -> String? {
        guard let line = instruction.comments.last else { return nil }
        let words = line.drop { $0 == " " }
        guard words.lowercased().hasPrefix(name.lowercased() + " ") else { return nil }
        return String(words.dropFirst(name.count + 1))
    }
}

/// A stage of a Dockerfile, as something to build.
package struct DockerfileTarget: Sendable {
    package let name: String?
    package let base: String
    package let details: String?
    /// Whether it is what is built where none is named.
    package let isDefault: Bool
    package let range: SourceRange

    /// All stages, in their order.
    ///
    /// - Throws: ``SourcedError``
    package static func list(_ file: SourceFile) throws -> [DockerfileTarget] {
        let stages = try parsed(file).stages
        return stages.enumerated().map { index, stage in
            DockerfileTarget(
                name: stage.name, base: stage.from.base.text, details: stage.from.description,
                isDefault: index == stages.count - 1, range: stage.opening.range)
        }
    }

    static func parsed(_ file: SourceFile) throws -> DockerfileSyntax {
        do { return try DockerfileSyntax.parse(file) } catch { throw SourcedError(error: error, source: file) }
    }
}

/// The IDs of what a Dockerfile's steps ask their caller for.
package enum MountedNames {
    /// - Parameter type: `secret` or `ssh`.
    package static func ids(of type: String, in file: SourceFile) -> [String] {
        guard let syntax = DockerfileSyntax.read(file).syntax else { return [] }
        var ids: [String] = []
        for case .run(let run) in syntax.stages.flatMap(\.instructions).map(\.kind) {
            for mount in run.mounts {
                var values: [String: String] = [:]
                for option in mount.options { values[option.key.text] = option.value?.text ?? "" }
                guard values["type"] == type else { continue }
                let target = values["target"] ?? values["dst"] ?? values["destination"]
                let id =
                    values["id"] ?? (type == "ssh" ? "default" : target?.split(separator: "/").last.map(String.init))
                    ?? ""
                if !id.isEmpty, !ids.contains(id) { ids.append(id) }
            }
        }
        return ids
    }
}
