import Synchronization

/// When something of what a request sends was last taken.
final class SendingProgress: Sendable {
    private let last = Mutex(ContinuousClock.now)

    func note() { last.withLock { $0 = ContinuousClock.now } }

    func isSilent(for time: Duration) -> Bool { last.withLock { ContinuousClock.now - $0 >= time } }
}

/// A registry that takes nothing more, says nothing, and does not answer to other questions either.
struct SilentRegistry: Error {}

extension RegistrySession {
    /// How many questions in a row are left without an answer by a registry that is given up.
    private static let questions = 2

    /// Waits for the answer to a request that sends something for as long as the registry answers others meanwhile: it may work for
    /// long on what it was sent, and one that stands still is not waited for.
    ///
    /// - Parameters:
    ///   - url: where the request goes.
    ///   - progress: told whenever something of it is sent.
    /// - Throws: ``SilentRegistry``, and what `body` throws.
    func untilSilent(
        _ request: RegistryRequest, at url: HTTPURL, _ progress: SendingProgress,
        _ body: @escaping @Sendable () async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        if case .none = request.body { return try await body() }
        return try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
            group.addTask { try await body() }
            group.addTask { try await self.silence(of: request.endpoint, at: url, progress) }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    /// Ends by an error alone.
    private func silence(
        of endpoint: RegistryEndpoint, at url: HTTPURL, _ progress: SendingProgress
    ) async throws -> HTTPResponse {
        let patience = configuration.policy.idleTimeout
        var question = RegistryRequest.question(to: endpoint)
        // Uploads may lead to a store elsewhere; any answer will do.
        question.url = url.resolving("/v2/") ?? url
        var unanswered = 0
        while true {
            try await Task.sleep(for: patience)
            guard progress.isSilent(for: patience) else {
                unanswered = 0
                continue
            }
            do {
                _ = try await exchange(question, at: question.url, nil)
                unanswered = 0
            } catch {
                try Task.checkCancellation()
                unanswered += 1
                if unanswered == Self.questions { throw SilentRegistry() }
            }
        }
    }
}
