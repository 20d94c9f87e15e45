internal import OCI

/// The named contexts of a request, found by what a Dockerfile calls them.
struct NamedContexts: Sendable {
    private var byName: [String: (name: String, context: NamedContext)] = [:]

    /// A name stands for itself and for the image reference that it is: `alpine` for `docker.io/library/alpine:latest`.
    init(_ contexts: [String: NamedContext]) {
        for (name, context) in contexts.sorted(by: { $0.key < $1.key }) {
            byName[name.lowercased()] = (name, context)
            if let reference = Self.normalised(name) { byName[reference] = (name, context) }
        }
    }

    func find(_ name: String) -> (name: String, context: NamedContext)? {
        if ["scratch", "context"].contains(name.lowercased()) { return nil }
        return byName[name.lowercased()] ?? Self.normalised(name).flatMap { byName[$0] }
    }

    private static func normalised(_ name: String) -> String? {
        // A name that is no image reference has no second form.
        (try? ImageReference(name))?.withDefaultTag.description
    }

    /// Names that stand for stages of the same file, in lower case.
    var stageAliases: [String: String] {
        byName.compactMapValues { if case .stage(let name) = $0.context { name.lowercased() } else { nil } }
    }

    /// Names that stand for something outside of the file, in lower case.
    var replacements: Set<String> {
        Set(byName.filter { if case .stage = $0.value.context { false } else { true } }.keys)
    }
}
