package import SystemPackage

/// Where suites of an archive can be had: one paragraph of apt's sources (sources.list(5)).
package struct MirrorSource: Hashable, Sendable {
    /// `http://mirror.example/debian`, without a slash at its end.
    package let uri: String
    package let suites: [String]
    package let components: [String]
    /// The file of the keys that may sign it, where the source says so.
    package let keyring: FilePath?
    /// Whether a mirror that does not have it may be used all the same.
    package let isOptional: Bool

    package init(
        uri: String, suites: [String], components: [String], keyring: FilePath? = nil, isOptional: Bool = false
    ) {
        self.uri = uri.hasSuffix("/") ? String(uri.dropLast()) : uri
        self.suites = suites
        self.components = components
        self.keyring = keyring
        self.isOptional = isOptional
    }
}

/// Which mirror serves a distribution: an option, the environment, the recipe or the host's own apt sources.
package struct MirrorConfiguration: Sendable {
    /// URIs parted by spaces or commas. One that ends in `-security` serves the security suite; without one, the
    /// neighbour of `…/debian` named `…/debian-security` is asked and may be missing.
    package var option: String?
    /// The value of `DISTILL_DEBIAN_MIRROR`, in the same form.
    package var environment: String?
    package var recipe: String?
    /// What ``AptSources`` read from the host.
    package var host: [MirrorSource]

    package init(option: String? = nil, environment: String? = nil, recipe: String? = nil, host: [MirrorSource] = []) {
        (self.option, self.environment, self.recipe, self.host) = (option, environment, recipe, host)
    }

    /// The sources for a release such as `bookworm`: the release itself, its updates and its security suite.
    ///
    /// - Throws: ``DebianError/noMirror(suite:)``.
    package func sources(for suite: String, components: [String] = ["main"]) throws(DebianError) -> [MirrorSource] {
        for text in [option, environment, recipe] {
            let uris = text?.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\n" }).map(String.init) ?? []
            if !uris.isEmpty { return Self.sources(uris: uris, suite: suite, components: components) }
        }
        let found = hostSources(for: suite, components: components)
        guard found.contains(where: { $0.suites.contains(suite) }) else { throw .noMirror(suite: suite) }
        return found
    }

    private static func sources(uris: [String], suite: String, components: [String]) -> [MirrorSource] {
        let trimmed = uris.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        var result: [MirrorSource] = []
        for uri in trimmed where !uri.hasSuffix("-security") {
            result.append(MirrorSource(uri: uri, suites: [suite], components: components))
            result.append(
                MirrorSource(uri: uri, suites: [suite + "-updates"], components: components, isOptional: true))
        }
        let security = trimmed.filter { $0.hasSuffix("-security") }
        for uri in security {
            result.append(MirrorSource(uri: uri, suites: [suite + "-security"], components: components))
        }
        if security.isEmpty, let main = result.first?.uri, main.hasSuffix("/debian") {
            result.append(
                MirrorSource(
                    uri: main + "-security", suites: [suite + "-security"], components: components, isOptional: true))
        }
        return result
    }

    /// The host's sources of the Debian archive, asked for another release if need be.
    private func hostSources(for suite: String, components: [String]) -> [MirrorSource] {
        var result: [MirrorSource] = []
        for source in host where source.isArchive {
            let served = components.filter { source.components.contains($0) }
            guard !served.isEmpty else { continue }
            for name in source.suites {
                guard let part = SuitePart(name) else { continue }
                let wanted = MirrorSource(
                    uri: source.uri, suites: [suite + part.suffix], components: served, keyring: source.keyring,
                    isOptional: part != .release)
                if !result.contains(wanted) { result.append(wanted) }
            }
        }
        return result
    }
}

/// The parts in which a Debian release is published.
private enum SuitePart {
    case release, updates, security

    private static let releases: Set = [
        "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid", "oldoldstable", "oldstable", "stable",
        "testing", "unstable",
    ]

    init?(_ suite: String) {
        if Self.releases.contains(suite) {
            self = .release
        } else if suite.hasSuffix("-updates"), Self.releases.contains(String(suite.dropLast(8))) {
            self = .updates
        } else if suite.hasSuffix("-security"), Self.releases.contains(String(suite.dropLast(9))) {
            self = .security
        } else if suite.hasSuffix("/updates"), Self.releases.contains(String(suite.dropLast(8))) {
            self = .security
        } else {
            return nil
        }
    }

    var suffix: String {
        switch self {
        case .release: ""
        case .updates: "-updates"
        case .security: "-security"
        }
    }
}

extension MirrorSource {
    /// Whether the keys are the Debian archive's, as far as the source says: other archives use the same suite names.
    fileprivate var isArchive: Bool {
        keyring?.lastComponent.map { $0.string.hasPrefix("debian-archive") } ?? true
    }
}
