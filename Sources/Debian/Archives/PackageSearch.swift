/// The search behind ``Resolver``: choose, and go back to the last open choice when something cannot be met.
struct PackageSearch {
    /// How often the search goes back before it gives up.
    private static let backtrackLimit = 20_000

    private let index: PackageIndex
    private let excluded: Set<String>
    private let assumed: Set<String>
    private var state: State
    private var choices: [Choice] = []
    private var backtracks = 0
    /// Packages whose dependencies nothing in the index can meet, whatever else is chosen.
    private var impossible: Set<Int> = []
    private var named: [String: [BinaryPackage]] = [:]
    private var providing: [String: [BinaryPackage]] = [:]

    private struct Need {
        /// Nil for a request.
        let needer: BinaryPackage?
        let dependency: Dependency
    }

    /// Everything that going back must undo.
    private struct State {
        var chosen: [String: BinaryPackage] = [:]
        var reasons: [String: Resolution.Cause] = [:]
        /// Names that chosen packages provide, with their providers.
        var provided: [String: [String]] = [:]
        /// Names that chosen packages exclude, with who excludes them.
        var forbidden: [String: [(holder: String, relation: PackageRelation)]] = [:]
        var needs: [Need] = []
        var nextNeed = 0
        /// Needs with more than one answer.
        var open: [Need] = []
        var nextOpen = 0
    }

    private struct Choice {
        var state: State
        let need: Need
        var candidates: ArraySlice<BinaryPackage>
    }

    init(index: PackageIndex, excluded: Set<String>, assumed: Set<String>, requests: [Dependency]) {
        self.index = index
        self.excluded = excluded
        self.assumed = assumed
        state = State()
        state.needs = requests.map { Need(needer: nil, dependency: $0) }
    }

    mutating func run() throws(Unsolvable) -> Resolution {
        var firstFailure: Unsolvable?
        while let (need, mayWait) = nextNeed() {
            if isSatisfied(need.dependency) { continue }
            if need.needer != nil, isAssumed(need.dependency) { continue }
            let candidates = candidates(for: need.dependency)
            let possible = candidates.filter { obstacle(to: $0) == nil }
            if let first = possible.first {
                if mayWait, possible.contains(where: { $0.name != first.name }) {
                    state.open.append(need)
                } else {
                    choose(possible[...], for: need)
                }
                continue
            }
            let failure = firstFailure ?? explain(need, candidates)
            firstFailure = failure
            if candidates.isEmpty {
                guard let needer = need.needer else { throw failure }
                impossible.insert(needer.id)
            }
            try goBack(failure)
        }
        return Resolution(chosen: state.chosen, reasons: state.reasons)
    }

    /// The oldest need; those with several answers come last.
    private mutating func nextNeed() -> (Need, mayWait: Bool)? {
        if state.nextNeed < state.needs.count {
            state.nextNeed += 1
            return (state.needs[state.nextNeed - 1], true)
        }
        guard state.nextOpen < state.open.count else { return nil }
        state.nextOpen += 1
        return (state.open[state.nextOpen - 1], false)
    }

    private mutating func goBack(_ failure: Unsolvable) throws(Unsolvable) {
        backtracks += 1
        guard backtracks <= Self.backtrackLimit else {
            throw Unsolvable(steps: failure.steps, reason: .searchLimit)
        }
        while let choice = choices.popLast() {
            let rest = choice.candidates.filter { !impossible.contains($0.id) }
            guard !rest.isEmpty else { continue }
            state = choice.state
            choose(rest[...], for: choice.need)
            return
        }
        throw failure
    }

    /// Takes the first candidate and remembers the others.
    private mutating func choose(_ candidates: ArraySlice<BinaryPackage>, for need: Need) {
        guard let package = candidates.first else { return }
        if candidates.count > 1 {
            choices.append(Choice(state: state, need: need, candidates: candidates.dropFirst()))
        }
        state.chosen[package.name] = package
        state.reasons[package.name] = .init(needer: need.needer?.name, relation: need.dependency)
        for provision in package.provides { state.provided[provision.name, default: []].append(package.name) }
        for conflict in package.conflicts {
            state.forbidden[conflict.name, default: []].append((package.name, conflict))
        }
        state.needs += package.dependencies.map { Need(needer: package, dependency: $0) }
    }

    private func isSatisfied(_ dependency: Dependency) -> Bool {
        dependency.alternatives.contains { relation in
            if let package = state.chosen[relation.name], package.satisfies(relation) { return true }
            return state.provided[relation.name]?.contains { state.chosen[$0]?.provides(relation) ?? false } ?? false
        }
    }

    /// Whether something that counts as installed answers a dependency, by its own name or as a provider.
    private func isAssumed(_ dependency: Dependency) -> Bool {
        guard !assumed.isEmpty else { return false }
        return dependency.alternatives.contains { relation in
            assumed.contains(relation.name)
                || (index.providers[relation.name] ?? []).contains { id in
                    index.value(.package, of: Int(id)).map(assumed.contains) ?? false
                }
        }
    }

    /// Everything in the index that answers a dependency, the best first.
    private mutating func candidates(for dependency: Dependency) -> [BinaryPackage] {
        var result: [BinaryPackage] = []
        var seen: Set<Int> = []
        for relation in dependency.alternatives {
            let matching = packages(named: relation.name).filter { $0.matches(relation) }
            let providers = packages(providing: relation.name).filter { $0.provides(relation) }
            for package in matching + providers
            where !excluded.contains(package.name) && !impossible.contains(package.id) {
                if seen.insert(package.id).inserted { result.append(package) }
            }
        }
        return result
    }

    /// What was chosen before and stands in a package's way.
    private func obstacle(to package: BinaryPackage) -> (holder: BinaryPackage, relation: String)? {
        if let other = state.chosen[package.name] {
            return other.id == package.id ? nil : (other, "\(package.name) (= \(other.version))")
        }
        for relation in package.conflicts {
            let named = state.chosen[relation.name].map { [$0] } ?? []
            let providers = (state.provided[relation.name] ?? []).compactMap { state.chosen[$0] }
            for other in named + providers where other.name != package.name && other.satisfies(relation) {
                return (other, relation.description)
            }
        }
        for name in [package.name] + package.provides.map(\.name) {
            for (holder, relation) in state.forbidden[name] ?? [] where holder != package.name {
                if package.satisfies(relation), let other = state.chosen[holder] {
                    return (other, relation.description)
                }
            }
        }
        return nil
    }

    private mutating func packages(named name: String) -> [BinaryPackage] {
        if let known = named[name] { return known }
        let found = index.packages(named: name)
        named[name] = found
        return found
    }

    /// Providers in their latest version; a higher priority first, then by name.
    private mutating func packages(providing name: String) -> [BinaryPackage] {
        if let known = providing[name] { return known }
        var latest: [String: BinaryPackage] = [:]
        for package in index.packages(providing: name) where package.name != name {
            if let other = latest[package.name], other.version >= package.version { continue }
            latest[package.name] = package
        }
        let found = latest.values.sorted { ($0.priority, $0.name) < ($1.priority, $1.name) }
        providing[name] = found
        return found
    }
}

extension PackageSearch {
    private mutating func explain(_ need: Need, _ candidates: [BinaryPackage]) -> Unsolvable {
        var steps = need.needer.map { chain(to: $0.name) } ?? []
        steps.append(.init(package: need.needer?.label, relation: need.dependency.description))
        if let candidate = candidates.first, let (holder, relation) = obstacle(to: candidate) {
            let because = chain(to: holder.name)
            return Unsolvable(
                steps: steps,
                reason: .conflict(candidate: candidate.label, with: holder.label, relation: relation, because: because))
        }
        let versions = need.dependency.alternatives.flatMap { packages(named: $0.name) }.map(\.label)
        return Unsolvable(steps: steps, reason: versions.isEmpty ? .noSuchPackage : .otherVersions(versions))
    }

    private func chain(to name: String) -> [Unsolvable.Step] {
        Resolution.chain(to: name, reasons: state.reasons) { state.chosen[$0]?.label ?? $0 }
    }
}
