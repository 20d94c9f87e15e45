package import Archive
internal import LinuxSystem
package import SystemPackage

/// What is wrong with an archive itself, on every machine.
package enum ArchiveFault: Error, Hashable, Sendable {
    case tar(TarError)
    case compression(DecompressionError)
    /// An entry that cannot be made where it is to go: below a file, through a circle of links.
    case entry(Errno)
    /// A type flag that stands for no kind of file.
    case unknownType(UInt8)
}

extension SystemCallError {
    /// Whether an archive's entry asks for what cannot be. All other errors are this machine's: it lacks descriptors, room
    /// or rights, or its disk fails; another archive would fare no better.
    var isFaultOfEntry: Bool {
        switch errno {
        case .notDirectory, .isDirectory, .fileExists, .noSuchFileOrDirectory, .tooManySymbolicLinkLevels,
            .fileNameTooLong:
            true
        // A hard link to a directory.
        case .notPermitted: call == "linkat"
        default: false
        }
    }
}

extension ArchiveFault {
    /// Runs what reads an archive, and tells the codecs' errors as faults.
    static func told<Result>(_ fault: (ArchiveFault) -> any Error, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as TarError { throw fault(.tar(error)) } catch let error
            as DecompressionError
            where !error.isOfMachine
        {
            throw fault(.compression(error))
        }
    }
}

extension DecompressionError {
    /// Whether the bytes may be right.
    var isOfMachine: Bool { if case .outOfMemory = self { true } else { false } }
}
