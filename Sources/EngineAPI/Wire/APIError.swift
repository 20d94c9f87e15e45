package import Dockerfile

/// Why a request of a client is not answered as it wishes. What it says is made in `Diagnosis`; the status is the interface's.
package enum APIError: Error, Sendable {
    /// There is no such path, or none with this method.
    case pageNotFound
    /// The version in the path is none that is spoken here.
    case versionTooNew(String, newest: String)
    case versionTooOld(String, oldest: String)
    case badVersion(String)
    /// What only a node of a swarm has.
    case noSwarm
    /// What this builder does not do; for which command.
    case notImplemented(Feature)
    case noSuchImage(String)
    case noSuchContainer(String)
    case noSuchNetwork(String)
    case noSuchVolume(String)
    case noSuchExecution(String)
    /// The body is not of the media type that the path wants.
    case wrongContentType(String)
    case malformedBody
    case bodyTooLarge(limit: Int)
    /// A part of the query, or a member of the body, that means nothing.
    case badParameter(String, value: String)
    case unknownFilter(String)
    case missingParameter(String)
    /// More than one image, or a name among several, by an ID.
    case imageHasNames(String, [String])
    case badAuthHeader(String)
    /// The command of a RUN step ended with something else than 0.
    case commandFailed(status: Int32, command: String)
    /// As ``commandFailed(status:command:)``, for clients of BuildKit.
    case stepFailed(status: Int32, command: String)
    /// A build that failed, in the words that were made for it already.
    case failedBuild(String)
    case stopped
    /// The first mistake in a Dockerfile.
    case badDockerfile(Diagnostic)
    case noSession(String)
    /// The client's session was closed before all was there that it was asked for.
    case sessionEnded(String)
    case storeInUse
    /// What a client of BuildKit asked for.
    case unsupportedFrontend(String)
    case unsupportedExporter(String)
    case unsupportedCache(String)
    /// The client has no such directory of blobs.
    case noContent(String)
    case lowLevelBuild
    case unsafePath(String)
    case brokenTransfer(String)

    package enum Feature: String, Sendable {
        case containers, networks, volumes, plugins, search, squash, checkpoint, buildLogs
    }

    /// The status of the answer (RFC 9110, section 15).
    package var status: Int {
        switch self {
        case .pageNotFound, .noSuchImage, .noSuchContainer, .noSuchNetwork, .noSuchVolume, .noSuchExecution: 404
        case .noSwarm: 503
        case .notImplemented(.search): 500
        case .notImplemented: 501
        case .imageHasNames, .storeInUse: 409
        case .bodyTooLarge: 413
        case .commandFailed, .stepFailed, .failedBuild, .stopped, .noSession, .sessionEnded, .brokenTransfer: 500
        case .versionTooNew, .versionTooOld, .badVersion, .wrongContentType, .malformedBody, .badParameter,
            .unknownFilter,
            .missingParameter, .badAuthHeader, .unsupportedFrontend, .unsupportedExporter, .unsupportedCache,
            .noContent,
            .lowLevelBuild, .badDockerfile,
            .unsafePath:
            400
        }
    }
}

/// An error in words, as whoever serves makes them.
package struct FailureText: Sendable {
    /// One sentence, perhaps with what to do next.
    package let sentence: String

    package init(_ sentence: String) { self.sentence = sentence }
}
