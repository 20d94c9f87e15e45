package import LinuxSystem
package import Storage

/// The SSH agents that steps may ask, by ID.
package struct BuildAgents: Sendable {
    /// What makes the sockets that steps see, by ID.
    package typealias Makers = [String: Binding.SocketMaker]

    package enum Source: Sendable {
        /// One that runs already.
        case agent(AgentAddress)
        /// Keys that an agent of our own holds.
        case keys([KeyAgent.Key])
    }

    package var sources: [String: Source] = [:]
    /// Where the programs of our own agents are looked for.
    package var environment: HostEnvironment

    package init(environment: HostEnvironment = HostEnvironment()) { self.environment = environment }

    /// Runs `body` while there are agents for all IDs.
    package func around<Result: Sendable>(_ store: Store, _ body: @Sendable (Makers) async throws -> Result)
        async throws -> Result
    {
        var makers: Makers = [:]
        var keys: [(id: String, keys: [KeyAgent.Key])] = []
        for (id, source) in sources.sorted(by: { $0.key < $1.key }) {
            switch source {
            case .agent(let address): makers[id] = address.maker
            case .keys(let own): keys.append((id, own))
            }
        }
        return try await holding(keys[...], makers, in: store, body)
    }

    /// An agent for each ID: a step that is given one does not sign with the keys of another.
    private func holding<Result: Sendable>(
        _ keys: ArraySlice<(id: String, keys: [KeyAgent.Key])>, _ makers: Makers, in store: Store,
        _ body: @Sendable (Makers) async throws -> Result
    ) async throws -> Result {
        guard let first = keys.first else { return try await body(makers) }
        return try await KeyAgent(environment).holding(first.keys, in: store) { address in
            try await holding(keys.dropFirst(), makers.merging([first.id: address.maker]) { $1 }, in: store, body)
        }
    }
}
