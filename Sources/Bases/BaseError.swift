package import OCI

/// Why a base cannot be composed, beyond what its packages say.
package enum BaseError: Error {
    /// A name below `distroless/` that the catalog does not have.
    case unknownName(String)
    /// A name of the catalog with a digest.
    case digest(String)
    /// There is no file of this name.
    case noRecipe(path: String)
    case noLock(path: String)
    /// A full Debian runs its packages' scripts.
    case foreignPlatform(Platform)
    /// Nothing was asked for.
    case nothing
}
