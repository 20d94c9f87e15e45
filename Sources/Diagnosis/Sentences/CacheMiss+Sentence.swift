import BuildGraph

extension CacheMiss {
    /// Why a step is executed, in the words that follow "not cached:".
    package var sentence: String {
        switch self {
        case .ignored: "the cache is not used for this stage"
        case .first: "no earlier build of this step is known"
        case .instruction(let was): "the instruction was '\(Self.short(was))'"
        case .base(let was, let now):
            "the base image moved from \(was.isEmpty ? "scratch" : Self.short(was)) to \(now.isEmpty ? "scratch" : Self.short(now))"
        case .previousStep: "the step before it changed"
        case .variable(let name, let was, let now): "\(name) \(Self.change(was, now))"
        case .option(let name, let was, let now): "\(name) \(Self.change(was, now))"
        case .source(let name): "the files that '\(name)' comes from changed"
        case .files(let changes):
            changes.isEmpty
                ? "names, modes or owners of files changed"
                : changes.map { "\($0.path) \($0.kind.sentence)" }.joined(separator: ", ")
        case .removed: "what it made is no longer in the store"
        }
    }

    private static func change(_ was: String?, _ now: String?) -> String {
        switch (was, now) {
        case (let was?, let now?): "was '\(short(was))' and is '\(short(now))'"
        case (nil, let now?): "was not set and is '\(short(now))'"
        case (let was?, nil): "was '\(short(was))' and is not set"
        case (nil, nil): "changed"
        }
    }

    private static func short(_ text: String) -> String {
        text.count > 60 ? text.prefix(57) + "…" : text
    }
}

extension CacheMiss.FileChange.Kind {
    fileprivate var sentence: String {
        switch self {
        case .changed: "changed"
        case .added: "is new"
        case .removed: "is gone"
        case .mode: "has another mode"
        }
    }
}
