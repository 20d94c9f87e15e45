package import SystemPackage

/// Why a file that a person names cannot be used.
package enum NamedFileError: Error, Equatable {
    case directory(path: String)
    case unusable(path: String, Errno)
    /// Bytes that are for a file or a pipe are not for a terminal.
    case terminal
}

extension NamedFileError {
    /// What fails on the way to a file is told of the file that was named, and not of a directory above it.
    static func naming<Result>(_ path: String, _ way: () throws -> Result) throws -> Result {
        do { return try way() } catch let error as SystemCallError {
            throw NamedFileError.unusable(path: path, error.errno)
        }
    }
}
