package import SystemPackage

/// Why a file that a person names cannot be used.
package enum NamedFileError: Error, Equatable {
    case directory(path: String)
    case unusable(path: String, Errno)
    /// Bytes that are for a file or a pipe are not for a terminal.
    case terminal
}
