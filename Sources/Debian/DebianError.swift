package import OCI
package import SystemPackage

/// Why a base cannot be composed from a Debian archive.
///
/// A mirror that does not answer passes through as ``OCI/RemoteFileError``.
package enum DebianError: Error, Hashable, Sendable {
    /// Neither an option, the environment, the recipe nor the host's apt sources name a mirror for the suite.
    case noMirror(suite: String)
    case unsupportedArchitecture(Platform)
    case unknownRecipe(String)
    case invalidSources(file: String, line: Int)

    /// The file of the archive's public keys is not there.
    case missingKeyring(FilePath)
    case verifierMissing
    /// gpgv found a signature that does not fit the text, or none at all.
    case badSignature(suite: String, detail: String)
    /// Signed, but by keys that the keyring does not have.
    case unknownKey(suite: String, keys: [String], keyring: FilePath)
    case expiredRelease(suite: String, validUntil: Int64)
    case invalidRelease(suite: String, reason: ReleaseDefect)
    /// The suite has no such index.
    case missingIndex(suite: String, path: String)

    case invalidIndex(suite: String)
    case digestMismatch(file: String, expected: Digest, actual: Digest)
    case sizeMismatch(file: String, expected: Int64, actual: Int64)

    case unknownPackage(String)
    /// No mirror has a package of a lock any more.
    case packageGone(String)
    /// A lock whose member is missing or of another form; empty for text that is no JSON.
    case invalidLock(member: String)
    case lockWithoutArchitecture(String)
    case noSolution(Unsolvable)

    case invalidPackage(package: String, reason: PackageDefect)
    /// No package that was composed has a file of which a recipe's own path is to be made.
    case noMatchingFile(path: String, patterns: [String])
    /// The recipe is not made for the platform that was asked for.
    case otherPlatform(recipe: String, wanted: Platform, made: [Platform])
    /// Two packages ship a path and neither replaces the other.
    case fileConflict(path: String, first: String, second: String)

    package enum ReleaseDefect: Hashable, Sendable {
        case syntax(line: Int)
        case missingField(String)
        case otherSuite(suite: String, codename: String)
        case tooLarge(limit: Int64)
    }

    package enum PackageDefect: Hashable, Sendable {
        /// No Debian package, or one of another format than 2.x.
        case format
        case truncated
        case corrupt
        case missingControl
        case tooLarge
        /// A path that is absolute, climbs out of the root, or goes through something that is no directory.
        case hostilePath(String)
        case unsupportedEntry(String)
        /// The control file names another package than the index.
        case otherPackage(String)
    }
}
