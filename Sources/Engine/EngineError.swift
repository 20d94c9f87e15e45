import BuildGraph
package import Distribution
package import Dockerfile
package import OCI
package import Secrets
package import SystemPackage

/// What was asked of the engine and cannot be had, outside of any Dockerfile.
package enum EngineError: Error {
    /// There is nothing to build.
    case nothing
    case unreachableImage(ImageReference, RegistryError)
    /// A name without a registry, for which several are to be searched, by rules that want no guess (`short-name-mode`).
    case ambiguousName(ImageReference, [ImageReference])
    case otherPlatform(ImageReference, has: Platform, wanted: Platform)
    /// An ordinary user without a directory for what must be kept.
    case noHome
    case missingDockerfile(path: String)
    case missingContext(path: String)
    case unusableFile(path: String, Problem)
    /// The image lacks what its entry point needs, which was told, and that was to be an error.
    case incompleteImage
    /// The image holds what must not leave, which was told.
    case secretsFound(count: Int)
    /// Two platforms have a file of the same path, and were to be written into one directory.
    case collision(path: String, Platform, Platform)
    /// A part of a specification that means nothing.
    case invalid(Setting, value: String, Reason)

    /// Why a file cannot be what it is to be.
    package enum Problem: Sendable {
        case reading(Errno)
        case noLayout
        /// A line of containers-registries.conf(5).
        case registryRules(line: Int)
        case noCredentials
        case unreadable
        /// A list of secrets that are allowed.
        case allowFile(AllowFileError)
        /// The secret of this ID cannot be read from it.
        case secret(String)
    }

    package enum Setting: Sendable {
        case stagesWithoutCache
        case sourceDateEpoch
        case buildArgument(String)
    }

    package enum Reason: Sendable {
        case noTime
        /// It is neither yes nor no.
        case noSwitch
        case noStage(known: [String])
    }
}

/// An image that a Dockerfile names and that cannot be used, and where it is named.
package struct UnknownImage: Error {
    /// `EngineError`, or `BaseError` for a name of the catalog.
    package let cause: any Error
    package let range: SourceRange?
}
