import NIOCore
import NIOHTTP1
package import OCI

/// Fetches files over http and https: follows redirects, goes through proxies, and resumes what broke off.
///
/// The bytes are handed over as they come and are checked for their number only; whoever knows a digest checks it.
package struct RemoteFileClient: RemoteFiles {
    package typealias Configuration = TransferPolicy

    private let configuration: Configuration
    private let connections: Connections

    /// Runs `body` with a client and closes its connections afterwards.
    ///
    /// - Parameter environment: where `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` are read.
    package static func withClient<Result>(
        configuration: Configuration = Configuration(), environment: [String: String],
        _ body: (RemoteFileClient) async throws -> Result
    ) async throws -> Result {
        let connections = Connections(configuration, ProxySettings(environment: environment))
        let result: Result
        do {
            result = try await body(RemoteFileClient(configuration: configuration, connections: connections))
        } catch {
            await connections.shutdown()
            throw error
        }
        await connections.shutdown()
        return result
    }

    @discardableResult
    package func fetch(
        _ url: String, maximumSize: Int64, progress: @Sendable (_ received: Int64, _ total: Int64?) -> Void,
        restart: () throws -> Void, body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> RemoteFileAttributes {
        guard let address = HTTPURL(url) else { throw RemoteFileError.invalidURL(PublicURL.text(of: url)) }
        var transfer = Transfer(maximumSize: maximumSize)
        var delays = configuration.delays[...]
        while true {
            let interruption: Interruption
            switch try await attempt(address, &transfer, progress: progress, restart: restart, body: body) {
            case .complete: return RemoteFileAttributes(modified: transfer.modified)
            case .interrupted(let reason): interruption = reason
            }
            if transfer.madeProgress() { delays = configuration.delays[...] }
            delays = delays.dropFirst(interruption.cost - 1)
            guard let delay = delays.popFirst() else { throw interruption.error }
            if transfer.mustRestart {
                transfer.forget()
                try restart()
            }
            try await Task.sleep(for: max(delay, min(interruption.retryAfter, configuration.maximumRetryAfter)))
        }
    }

    private enum Outcome {
        case complete
        case interrupted(Interruption)
    }

    /// A failure after which another try makes sense.
    private struct Interruption {
        /// What is thrown when there is no other try.
        let error: RemoteFileError
        var retryAfter = Duration.zero
        /// Tries that this one counts for.
        var cost = 1
    }

    /// One request, and the redirects that it meets.
    private func attempt(
        _ address: HTTPURL, _ transfer: inout Transfer, progress: (Int64, Int64?) -> Void, restart: () throws -> Void,
        body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Outcome {
        var url = address
        var redirects = 0
        while true {
            let response: HTTPResponse
            do {
                response = try await connections.get(url, transfer.rangeHeaders)
            } catch {
                try Task.checkCancellation()
                let interruption = interruption(error, url, transfer)
                if ConnectionFailure.isLasting(error) { throw interruption.error }
                return .interrupted(interruption)
            }
            let status = Int(response.status.code)
            switch transfer.judge(status: status, headers: response.headers) {
            case .append: break
            case .restart: try restart()
            case .askAgain:
                transfer.forget()
                try restart()
                return .interrupted(
                    Interruption(error: .unreachable(url: url.text, reason: "it sends another part than asked for")))
            case .redirect(let location):
                redirects += 1
                guard redirects <= configuration.maximumRedirects else {
                    throw RemoteFileError.unreachable(url: address.text, reason: "it redirects in circles")
                }
                guard let next = url.resolving(location) else {
                    throw RemoteFileError.unreachable(
                        url: address.text, reason: "it redirects to '\(PublicURL.text(of: location))'")
                }
                url = next
                continue
            case .tryLater(let after):
                let error = RemoteFileError.status(url: url.text, code: status)
                return .interrupted(Interruption(error: error, retryAfter: .seconds(max(0, min(after ?? 0, 86_400)))))
            case .refused: throw RemoteFileError.status(url: url.text, code: status)
            case .tooLarge: throw RemoteFileError.tooLarge(url: url.text, limit: transfer.maximumSize)
            }
            return try await receive(response, from: url, &transfer, progress: progress, restart: restart, body: body)
        }
    }

    private func receive(
        _ response: HTTPResponse, from url: HTTPURL, _ transfer: inout Transfer,
        progress: (Int64, Int64?) -> Void, restart: () throws -> Void, body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Outcome {
        progress(transfer.received, transfer.total)
        let pieces = response.body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do {
                piece = try await pieces.next()
            } catch {
                try Task.checkCancellation()
                return .interrupted(interruption(error, url, transfer))
            }
            guard let piece else { break }
            guard transfer.receive(piece.readableBytes) else {
                throw RemoteFileError.tooLarge(url: url.text, limit: transfer.maximumSize)
            }
            try piece.withUnsafeReadableBytes(body)
            progress(transfer.received, transfer.total)
        }
        if transfer.isInconsistent {
            transfer.forget()
            try restart()
            return .interrupted(
                Interruption(error: .unreachable(url: url.text, reason: "it sends more than it announces")))
        }
        return transfer.isComplete ? .complete : .interrupted(Interruption(error: truncated(url, transfer)))
    }

    private func interruption(_ error: any Error, _ url: HTTPURL, _ transfer: Transfer) -> Interruption {
        if transfer.received > 0, transfer.total != nil { return Interruption(error: truncated(url, transfer)) }
        let reason = ConnectionFailure.reason(error, timeouts: configuration)
        return Interruption(
            error: .unreachable(url: url.text, reason: reason), cost: ConnectionFailure.isExhausting(error) ? 3 : 1)
    }

    private func truncated(_ url: HTTPURL, _ transfer: Transfer) -> RemoteFileError {
        .truncated(url: url.text, expected: transfer.total ?? 0, received: transfer.received)
    }
}
