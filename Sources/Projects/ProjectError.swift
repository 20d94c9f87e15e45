package import Compose
package import Engine
import LinuxSystem
package import SystemPackage

/// Why an application cannot be run, beyond what its files say by themselves.
package enum ProjectError: Error {
    case noFile(directory: String)
    case unreadableFile(path: String)
    case unknownServices([String], known: [String])
    case missingEnvironmentFile(path: String, Place)
    /// Nobody has the image of a service; the cause is why no registry gave it.
    case noImage(String, service: String, cause: (any Error)?, Place)
    case cannotListen(String, Errno, Place)
    case missingMountSource(String, Place)
    case missingVolume(String, Place)
    case missingSecret(String, SecretSource, Place)
    /// What `security_opt` names is no profile of system calls.
    case unusableProfile(path: String, problem: SecurityOptions.Problem, Place)
    case needsRoot
    case alreadyRunning(String, process: Int32)
    case notRunning(String)
    case notSupervised
    /// A service could not be started; the cause has its own report.
    case service(String, cause: any Error, Place)
    /// The image of a service was not built; the context is what its file says.
    case build(String, context: String, cause: any Error)
    case failure(Supervision.Failure, Evidence, Place?)

    /// What was seen last of a service that failed.
    package enum Evidence: Sendable {
        /// What it wrote, or its health check.
        case lines([String])
        /// Its health check could not even be started.
        case fault(any Error)
    }

    package var place: Place? {
        switch self {
        case .missingEnvironmentFile(_, let place), .noImage(_, _, _, let place), .cannotListen(_, _, let place),
            .missingMountSource(_, let place), .missingVolume(_, let place), .missingSecret(_, _, let place),
            .unusableProfile(_, _, let place), .service(_, _, let place):
            place
        case .failure(_, _, let place): place
        case .noFile, .unreadableFile, .unknownServices, .needsRoot, .alreadyRunning,
            .notRunning, .notSupervised, .build:
            nil
        }
    }
}
