import Distribution
import Dockerfile
import OCI

/// What a person asked for and cannot have, outside of any Dockerfile.
enum UsageError: Error {
    case emptyGraph
    /// A name of the catalog where only a registry's will do.
    case catalogName(String)
    case unreachableImage(ImageReference, RegistryError)
    case otherPlatform(ImageReference, has: Platform, wanted: Platform)
    /// An ordinary user without a directory for what must be kept.
    case noHome
    /// `build` without what it builds.
    case noContext
    /// A program that this machine cannot execute.
    case foreignPlatform(Platform)
    case missingDockerfile(path: String)
    case missingContext(path: String)
    case invalidOption(name: String, value: String, reason: String)
    case noSuchReference(String)
    /// There is no list of manifests of this name.
    case noSuchList(ImageReference)
    case imageInUse(String, names: [String])
    case noCommand(String)
    case unsupported(String, instead: String)
    case unreadableFile(path: String, reason: String)
    case needsTerminal
    case missingProgram(String)
    case notExecutable(String)
}

/// An image that a Dockerfile names and that cannot be used, and where it is named.
struct UnknownImage: Error {
    let cause: UsageError
    let range: SourceRange?
}
