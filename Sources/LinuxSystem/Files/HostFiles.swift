package import SystemPackage

/// Whole files of this machine, as a person names them: links lead where they lead.
package enum HostFiles {
    /// A file's content, links followed; nil if it cannot be read.
    package static func read(_ path: FilePath) -> [UInt8]? {
        // The caller tells.
        try? OwnedDescriptor(opening: path).readAll(limit: 64 << 20)
    }

    /// Removes a file that an option names, if there is one; a link to it stays, and what is no regular file too.
    package static func discard(_ path: String) throws {
        let file = try NamedFileError.naming(path) { try FilePath(path).followingLinks() }
        guard OwnedDescriptor.descriptorNumber(file) == nil,
            let name = file.lastComponent.map({ Array($0.string.utf8) })
        else { return }
        let parent = file.removingLastComponent()
        // What cannot be looked at is told by whoever writes it.
        guard let directory = try? Directory(opening: parent.isEmpty ? "." : parent),
            (try? directory.status(name))?.kind == .regular
        else { return }
        try directory.removeFile(name)
    }

    /// Writes a file that an option names; an existing one is replaced.
    package static func write(_ text: String, to path: String) throws {
        try OutputFile.write(path) { write in try Array(text.utf8).withUnsafeBytes(write) }
    }
}
