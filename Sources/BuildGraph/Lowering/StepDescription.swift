internal import Dockerfile
package import OCI

/// What a step's result depends on, field by field, so that a miss can be told by comparison with an earlier build.
package struct StepDescription: Hashable, Sendable {
    /// In a fixed order.
    package private(set) var fields: [Field] = []

    package struct Field: Hashable, Sendable {
        package let kind: Kind
        /// The variable's name, the option's or the mount's; empty for kinds that stand once.
        package let name: String
        package let value: String
    }

    package enum Kind: String, Sendable {
        /// The instruction's words after expansion.
        case instruction
        /// The identity of the files that the step stands on.
        case parent
        case variable
        /// User, working directory, network, platform and the like.
        case option
        /// The identity of another stage's files, of a mount's or of a heredoc's.
        case source
        /// The identity of what COPY takes.
        case content
    }

    package mutating func add(_ kind: Kind, _ value: String, name: String = "") {
        fields.append(Field(kind: kind, name: name, value: value))
    }

    /// The name of the field that stands for all that ``hidingSecrets(of:)`` leaves out.
    private static let secrets = "a variable that is a secret"

    /// The same for keeping, where the step uses the value of a secret.
    ///
    /// - Parameter text: the instruction as people see it, with ``Dockerfile/SecretName/mask`` for such values.
    package func hidingSecrets(of text: String) -> StepDescription {
        guard text.contains(SecretName.mask) else { return self }
        let isExpanded: (Field) -> Bool = { $0.kind == .instruction || $0.kind == .option }
        let hidden = JSON.array(fields.filter(isExpanded).map { .strings([$0.name, $0.value]) })
        var result = StepDescription()
        result.add(.instruction, text)
        result.add(.variable, Digest(sha256: hidden.bytes).description, name: Self.secrets)
        for (index, field) in fields.enumerated() where !isExpanded(field) {
            result.add(field.kind, field.value, name: field.kind == .source ? "source \(index)" : field.name)
        }
        return result
    }

    private func values(_ kind: Kind) -> [(name: String, value: String)] {
        fields.filter { $0.kind == kind }.map { ($0.name, $0.value) }
    }

    // MARK: Text

    package var json: JSON {
        .array(fields.map { .strings([$0.kind.rawValue, $0.name, $0.value]) })
    }

    /// Reads what ``json`` gives; nil for anything else.
    package init?(_ json: JSON) {
        guard let array = json.array else { return nil }
        for item in array {
            guard let words = item.strings, words.count == 3, let kind = Kind(rawValue: words[0]) else { return nil }
            add(kind, words[2], name: words[1])
        }
    }

    package init() {}
}

/// Why a step was not found in the cache.
package enum CacheMiss: Hashable, Sendable {
    /// `--no-cache` or `--no-cache-filter`.
    case ignored
    /// No earlier build of this step is remembered.
    case first
    case instruction(was: String)
    /// The base image moved: digests of its files.
    case base(was: String, now: String)
    /// The step before this one made other files.
    case previousStep
    /// A variable's value; nil where it was not set, and both nil for a secret.
    case variable(name: String, was: String?, now: String?)
    case option(name: String, was: String?, now: String?)
    /// The files of another stage, of a mount or of a heredoc.
    case source(name: String)
    /// Files of the context; empty where only names, modes or owners can have changed.
    case files([FileChange])
    /// Nothing changed, but what the step made is no longer in the store.
    case removed

    package struct FileChange: Hashable, Sendable {
        package enum Kind: String, Sendable { case changed, added, removed, mode }

        package let kind: Kind
        /// As it stands in the context, without a leading slash.
        package let path: String

        package init(kind: Kind, path: String) { (self.kind, self.path) = (kind, path) }
    }
}

extension StepDescription {
    /// The one reason that a person needs: what comes first in the order of the build.
    ///
    /// - Parameters:
    ///   - earlier: the same step in the last build; nil if there was none.
    ///   - standsOnBase: whether the step before this one is a base image.
    package func miss(since earlier: StepDescription?, standsOnBase: Bool) -> CacheMiss {
        guard let earlier else { return .first }
        if let was = earlier.values(.instruction).first?.value, was != values(.instruction).first?.value {
            return .instruction(was: was)
        }
        let (parent, parentBefore) = (values(.parent).first?.value ?? "", earlier.values(.parent).first?.value ?? "")
        if parent != parentBefore { return standsOnBase ? .base(was: parentBefore, now: parent) : .previousStep }
        if let (name, was, now) = Self.difference(earlier.values(.variable), values(.variable)) {
            return SecretName.matches(name) || name == Self.secrets
                ? .variable(name: name, was: nil, now: nil) : .variable(name: name, was: was, now: now)
        }
        if let (name, was, now) = Self.difference(earlier.values(.option), values(.option)) {
            return .option(name: name, was: was, now: now)
        }
        if let (name, _, _) = Self.difference(earlier.values(.source), values(.source)) { return .source(name: name) }
        if earlier.values(.content).first?.value != values(.content).first?.value { return .files([]) }
        return .removed
    }

    /// The first name whose values differ.
    private static func difference(
        _ old: [(name: String, value: String)], _ new: [(name: String, value: String)]
    ) -> (name: String, was: String?, now: String?)? {
        for (name, value) in new {
            let was = old.first { $0.name == name }?.value
            if was != value { return (name, was, value) }
        }
        for (name, value) in old where !new.contains(where: { $0.name == name }) { return (name, value, nil) }
        return nil
    }
}

extension RunOperation {
    /// - Parameters: as those of ``cacheKey(parent:sources:)``.
    package func description(parent: Digest?, sources: [Digest?]) -> StepDescription {
        var result = StepDescription()
        result.add(.instruction, PublicURL.text(within: arguments.joined(separator: " ")))
        result.add(.parent, parent?.description ?? "")
        for entry in environment {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : ""
            // What is kept is read by people.
            result.add(
                .variable,
                SecretName.matches(parts[0]) ? Digest(sha256: value.utf8).description : PublicURL.text(within: value),
                name: String(parts[0]))
        }
        result.add(.option, user, name: "USER")
        result.add(.option, workingDirectory.description, name: "WORKDIR")
        result.add(.option, network.rawValue, name: "--network")
        result.add(.option, isInsecure ? "insecure" : "sandbox", name: "--security")
        result.add(.option, platform.description, name: "--platform")
        result.add(
            .option, surroundings.joined(separator: " "), name: "--add-host, --ulimit, --shm-size and --security-opt")
        for file in files {
            result.add(.source, Digest(sha256: file.content).description, name: "heredoc \(file.name)")
        }
        for (index, mount) in mounts.enumerated() {
            let name = "--mount \(mount.target?.description ?? String(index))"
            result.add(.option, mount.kind.keyFields.joined(separator: ","), name: name)
            if index < sources.count, let source = sources[index] {
                result.add(.source, source.description, name: name)
            }
        }
        return result
    }
}

extension CopyOperation {
    /// - Parameters:
    ///   - parent: the content identity of the file system that is copied into.
    ///   - sources: the content identities of other stages' files, in the order of the sources.
    ///   - content: the identity of what is copied, where it is not known by that of a stage.
    package func description(parent: Digest?, sources identities: [Digest?], content: Digest?) -> StepDescription {
        var result = StepDescription()
        let words = sources.map { source in
            switch source {
            case .context(_, let pattern), .vertex(_, let pattern): pattern
            case .inline(let file): file.name
            case .url(let url): PublicURL.text(of: url)
            case .git(let repository): PublicURL.text(of: repository.text)
            }
        }
        result.add(.instruction, (words + [destination.description]).joined(separator: " "))
        result.add(.parent, dependsOnParent ? parent?.description ?? "" : "")
        result.add(.option, owner ?? "", name: "--chown")
        result.add(.option, mode ?? "", name: "--chmod")
        result.add(.option, excludes.joined(separator: " "), name: "--exclude")
        result.add(.option, String(keepsParents), name: "--parents")
        result.add(.option, unpacking.rawValue, name: "--unpack")
        result.add(.option, String(isLink), name: "--link")
        for (word, identity) in zip(words, identities) {
            if let identity { result.add(.source, identity.description, name: word) }
        }
        for case .inline(let file) in sources {
            result.add(.source, Digest(sha256: file.content).description, name: "heredoc \(file.name)")
        }
        if let content { result.add(.content, content.description) }
        return result
    }
}
