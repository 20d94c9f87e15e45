internal import BuildGraph
internal import OCI
internal import Storage
internal import Synchronization

/// What the steps of this build and of the last one stand on, and what is known of its contexts' files.
final class BuildMemory: Sendable {
    private let store: Store
    /// nil: nothing is remembered.
    private let name: String?
    private let state = Mutex(State())

    private struct State {
        var earlier: JSONObject?
        var steps: [(key: String, description: StepDescription)] = []
        var contexts: [ContextKey: Context] = [:]
    }

    private enum ContextKey: Hashable {
        case path(String)
        case kept(ObjectIdentifier)

        init(_ place: ContextMemory) {
            switch place {
            case .store(let path): self = .path(path)
            case .kept(let digests): self = .kept(ObjectIdentifier(digests))
            }
        }
    }

    private struct Context {
        /// What was known when the build began.
        let earlier: ContextDigests
        var current: ContextDigests
    }

    init(store: Store, name: String?) { (self.store, self.name) = (store, name) }

    private static func key(_ vertex: Vertex) -> String { "\(vertex.origin.stage) \(vertex.origin.step)" }

    /// Notes what a step stands on.
    func note(_ description: StepDescription, of vertex: Vertex) {
        guard name != nil else { return }
        state.withLock { $0.steps.append((Self.key(vertex), description.hidingSecrets(of: vertex.origin.text))) }
    }

    /// What a step stood on in the last build; nil if that is not known.
    func earlier(_ vertex: Vertex) throws -> StepDescription? {
        guard let name else { return nil }
        return try state.withLock { state in
            let earlier = try state.earlier ?? store.steps.load(name)?.object ?? JSONObject()
            state.earlier = earlier
            return earlier[Self.key(vertex)].flatMap { StepDescription($0) }
        }
    }

    /// Keeps what this build's steps stood on; those that it did not reach are kept as they were.
    func save() throws {
        guard let name else { return }
        try state.withLock { state in
            guard !state.steps.isEmpty else { return }
            var all = try state.earlier ?? store.steps.load(name)?.object ?? JSONObject()
            for (key, description) in state.steps.sorted(by: { $0.key < $1.key }) { all[key] = description.json }
            try store.steps.save(.object(all), of: name)
        }
    }

    // MARK: Files of contexts

    /// What is known of a context's files: before this build, and now.
    ///
    /// - Parameter place: where it is remembered.
    func digests(of place: ContextMemory) throws -> (earlier: ContextDigests, current: ContextDigests) {
        let key = ContextKey(place)
        return try state.withLock { state in
            if let context = state.contexts[key] { return (context.earlier, context.current) }
            let loaded = try store.contexts.load(place)
            state.contexts[key] = Context(earlier: loaded, current: loaded)
            return (loaded, loaded)
        }
    }

    /// Adds what a step learnt, and keeps it for later builds.
    func learn(_ digests: ContextDigests, of place: ContextMemory) throws {
        let key = ContextKey(place)
        let merged = state.withLock { state in
            var merged = state.contexts[key]?.current ?? digests
            merged.merge(digests)
            state.contexts[key]?.current = merged
            return merged
        }
        try store.contexts.save(merged, place)
    }
}
