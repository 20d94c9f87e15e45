internal import CLinux
internal import Glibc
package import SystemPackage

/// Files that a person names: links in their paths are followed, wherever they lead. Never for a name that came from an image,
/// an archive or a repository.
extension OwnedDescriptor {
    /// Opens a file, or a pipe such as `/dev/fd/63`, for reading. A FIFO is waited for.
    package init(opening path: FilePath) throws(SystemCallError) {
        if let number = Self.descriptorNumber(path) {
            try self.init(duplicating: number, path)
            return
        }
        try self.init(path, flags: O_RDONLY)
    }

    /// Opens what is there to be written in place, or makes a file. What a regular file holds is gone.
    ///
    /// - Parameter mode: of a new file.
    package init(overwriting path: FilePath, mode: UInt32 = 0o644) throws(SystemCallError) {
        if let number = Self.descriptorNumber(path) {
            try self.init(duplicating: number, path)
            return
        }
        try self.init(path, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    }

    private init(_ path: FilePath, flags: Int32, mode: UInt32 = 0) throws(SystemCallError) {
        let raw = path.withPlatformString { distill_openat(AT_FDCWD, $0, flags | O_CLOEXEC, mode) }
        guard raw >= 0 else { throw SystemCallError("open", path.string) }
        self.init(raw: raw)
    }

    private init(duplicating number: Int32, _ path: FilePath) throws(SystemCallError) {
        let raw = fcntl(number, F_DUPFD_CLOEXEC, 3)
        guard raw >= 0 else { throw SystemCallError("open", path.string) }
        self.init(raw: raw)
    }

    /// The descriptor that a path stands for (`/dev/stdin`, `/dev/stdout`, `/dev/fd/63`): used as it is, with its offset and
    /// whether it appends; opened anew it would be the file behind it, from its beginning, and no socket at all.
    package static func descriptorNumber(_ path: FilePath) -> Int32? {
        let text = path.lexicallyNormalized().string
        switch text {
        case "/dev/stdin": return 0
        case "/dev/stdout": return 1
        case "/dev/stderr": return 2
        default: break
        }
        for folder in ["/dev/fd/", "/proc/self/fd/"] where text.hasPrefix(folder) {
            let number = text.dropFirst(folder.count)
            guard number.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
            return Int32(number)
        }
        return nil
    }
}

extension FilePath {
    /// The place that a path leads to when its last component is a link, or a link to a link; the path itself otherwise. What
    /// is there at the end may be missing. Descriptors by their paths are left as they are.
    package func followingLinks() throws(SystemCallError) -> FilePath {
        var path = self
        // Many more than anybody makes (path_resolution(7)).
        for _ in 0..<40 {
            // Links of proc(5) lead to what has no path.
            if OwnedDescriptor.descriptorNumber(path) != nil || path.string.hasPrefix("/proc/") { return path }
            guard let name = path.lastComponent else { return path }
            let parent = path.removingLastComponent()
            let bytes = Array(name.string.utf8)
            let directory = try Directory(opening: parent.isEmpty ? "." : parent)
            guard try directory.status(bytes)?.kind == .symbolicLink else { return path }
            path = parent.pushing(FilePath(String(decoding: try directory.readLink(bytes), as: UTF8.self)))
        }
        throw SystemCallError(call: "open", path: string, errno: .tooManySymbolicLinkLevels)
    }
}
