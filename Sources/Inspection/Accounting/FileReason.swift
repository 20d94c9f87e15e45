/// Why a file is in an image, as a group of which people think.
package enum FileReason: String, Hashable, Sendable, CaseIterable {
    /// What the entry point is known to read.
    case program
    /// Of a package that somebody asked for.
    case requested
    /// Of a package that another one needs.
    case dependency
    /// Of a package that another one only recommends.
    case recommended
    /// Of a package, where nothing says who wanted it.
    case packaged
    case documentation
    /// Messages and data of languages.
    case locale
    /// Headers, static libraries and what else only compilers read.
    case development
    /// What package managers and compilers left behind.
    case cache
    /// Brought by COPY or ADD.
    case copied
    /// Made by RUN.
    case made
    /// Of the base image, without a package.
    case base
    /// Of a layer of which nothing is told.
    case unknown
}
