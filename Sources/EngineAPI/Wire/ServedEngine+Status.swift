import BuildGraph
import Distribution
import Dockerfile
import Engine
import OCI
import Storage

extension ServedEngine {
    /// The status of an answer that tells an error (RFC 9110, section 15).
    static func status(_ error: any Error) -> Int {
        switch error {
        case let error as APIError: error.status
        case let error as StorageError: status(error)
        case let error as RegistryError: status(error)
        case let error as SourcedError: error.error is DockerfileError ? 400 : status(error.error)
        case let error as EngineError:
            switch error {
            case .unreachableImage(_, let cause): status(cause)
            case .missingDockerfile, .missingContext, .invalid: 400
            default: 500
            }
        case is ImageReferenceError, is InvalidOption, is PlatformError, is DigestError, is DockerfileError,
            is ImageArchiveError,
            is ContextArchiveError, is GitReferenceError:
            400
        default: 500
        }
    }

    private static func status(_ error: StorageError) -> Int {
        switch error {
        case .noSuchImage: 404
        case .ambiguousImage: 400
        default: 500
        }
    }

    private static func status(_ error: RegistryError) -> Int {
        switch error {
        case .notFound, .noPlatform, .denied: 404
        case .unauthorized(_, tried: .refused): 401
        case .unauthorized: 404
        default: 500
        }
    }
}
