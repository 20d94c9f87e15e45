internal import Archive

/// What a recipe has besides packages.
extension RootComposer {
    /// Bytes of all files that are read for the recipe's own.
    private static let captureLimit = 64 << 20

    /// Starts to keep a package's file if a pattern of the recipe names it.
    mutating func beginCapture(_ path: [UInt8]) {
        guard patterns.contains(where: { PathFilter.matches(path, pattern: $0) }) else { return }
        current?.isCaptured = true
        captured[path] = []
    }

    mutating func capture(_ piece: UnsafeRawBufferPointer) throws(DebianError) {
        guard let entry = current, entry.isCaptured else { return }
        capturedSize += piece.count
        guard capturedSize <= Self.captureLimit else { throw defect(.tooLarge) }
        captured[entry.path]? += piece
    }

    /// Writes the recipe's own paths, users and groups.
    ///
    /// - Throws: ``DebianError/fileConflict(path:first:second:)`` when a package has a directory where the recipe has a
    ///   file, ``DebianError/noMatchingFile(path:patterns:)``.
    mutating func addOwn(of recipe: BaseRecipe) throws {
        for path in recipe.paths { try add(path) }
        if !recipe.users.isEmpty { try addFile("/etc/passwd", recipe.users.map(\.line).joined()) }
        if !recipe.groups.isEmpty { try addFile("/etc/group", recipe.groups.map(\.line).joined()) }
    }

    private mutating func add(_ path: RecipePath) throws {
        switch path.content {
        case .directory: try addDirectory(path.path, mode: path.mode ?? 0o755)
        case .text(let text): try add(Array(text.utf8), at: path)
        case .symbolicLink(let target):
            try place(
                TarHeader(name: [], kind: .symbolicLink, mode: 0o777, linkName: Array(target.utf8)), [], at: path.path)
        case .links(let target, let names):
            for name in names { try addLink("\(path.path)/\(name)", to: target) }
        case .joined(let patterns): try add(Array(try files(patterns, for: path).joined()), at: path)
        case .keyStore(let patterns):
            try add(KeyStore.bytes(certificates: try files(patterns, for: path)), at: path)
        }
    }

    private mutating func add(_ bytes: [UInt8], at path: RecipePath) throws {
        if exists(path.path) {
            throw DebianError.fileConflict(path: path.path, first: "a package", second: "the recipe")
        }
        var header = TarHeader(name: [], kind: .regular, mode: path.mode ?? 0o644, size: Int64(bytes.count))
        (header.uid, header.gid) = (path.user, path.group)
        try place(header, bytes, at: path.path)
    }

    /// The files that match, in the order of their paths; each of several ends with a line feed.
    private func files(_ patterns: [String], for path: RecipePath) throws(DebianError) -> [[UInt8]] {
        let patterns = patterns.map { Array($0.utf8) }
        let paths = captured.keys.filter { key in patterns.contains { PathFilter.matches(key, pattern: $0) } }
        guard !paths.isEmpty else {
            throw .noMatchingFile(path: path.path, patterns: patterns.map { String(decoding: $0, as: UTF8.self) })
        }
        return paths.sorted { $0.lexicographicallyPrecedes($1) }.map { key in
            let bytes = captured[key] ?? []
            return paths.count == 1 || bytes.last == 0x0A ? bytes : bytes + [0x0A]
        }
    }
}
