package import SystemPackage

/// Whole files of this machine, as a person names them: links lead where they lead.
package enum HostFiles {
    /// The lines of the host's resolver configuration that are not about its name servers (resolv.conf(5)).
    package static func resolverOptions() -> String {
        String(decoding: read("/etc/resolv.conf") ?? [], as: UTF8.self).split(separator: "\n")
            .filter { line in ["search ", "domain ", "options "].contains(where: line.hasPrefix) }
            .map { $0 + "\n" }.joined()
    }

    /// A file's content, links followed; nil if it cannot be read.
    package static func read(_ path: FilePath) -> [UInt8]? {
        // The caller tells.
        try? OwnedDescriptor(opening: path).readAll(limit: 64 << 20)
    }

    /// Writes a file that an option names; an existing one is replaced.
    package static func write(_ text: String, to path: String) throws {
        try OutputFile.write(path) { write in try Array(text.utf8).withUnsafeBytes(write) }
    }
}
