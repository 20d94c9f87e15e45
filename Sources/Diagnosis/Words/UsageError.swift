package import OCI

/// What a person asked for and cannot have, outside of any Dockerfile.
package enum UsageError: Error {
    /// A name of the catalog where only a registry's will do.
    case catalogName(String)
    /// `build` without what it builds.
    case noContext
    case noSuchReference(String)
    /// There is no list of manifests of this name.
    case noSuchList(ImageReference)
    case imageInUse(String, names: [String])
    /// No build is recorded under the word; nil where none is recorded at all.
    case noSuchBuild(String?)
    case unsupported(String, instead: String)
    case unreadableFile(path: String, reason: String)
    case needsTerminal
    /// There is no terminal at which a name or a password can be asked for.
    case nobodyToAsk
    /// The keys were typed that leave a container's terminal.
    case detached
    /// A container's memory was used up; bytes.
    case outOfMemory(limit: Int64?)
}
