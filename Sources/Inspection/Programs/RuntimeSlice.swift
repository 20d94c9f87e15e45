package import OCI

/// What of an image nothing needs that can be started in it.
///
/// Documents, headers, static libraries and completions go by their names. Programs and libraries go when nothing that is
/// started leads to them: the entry point, or, in an image without one, every program on `PATH`; and every loadable
/// object that is no library of the usual places, for those are plugins, which programs find by themselves. Data stays.
package struct RuntimeSlice {
    /// Paths that are dropped, and their bytes.
    package private(set) var dropped: [ImagePath: Int64] = [:]

    private let tree: ImageTree
    private let config: ImageConfig
    private let isKept: @Sendable ([UInt8]) -> Bool
    private var files: [ImageTree.Node] = []
    private var links: [(path: ImagePath, node: ImageTree.Node?)] = []
    private var directories: [ImagePath] = []

    /// - Parameters:
    ///   - hardLinks: which file each hard link stands for.
    ///   - isKept: whether a path stays in any case.
    package init(
        _ tree: ImageTree, _ config: ImageConfig, hardLinks: [ImagePath: ImagePath] = [:],
        keeping isKept: @escaping @Sendable ([UInt8]) -> Bool
    ) throws {
        (self.tree, self.config, self.isKept) = (tree, config, isKept)
        try walk()
        let reached = try reachedFiles()
        for node in files where try !stays(node, reached) { dropped[node.path] = node.size ?? 0 }
        for (link, target) in hardLinks where dropped[link] == nil { dropped[target] = nil }
        for (path, node) in links {
            guard !isKept(path.bytes) else { continue }
            if let node, dropped[node.path] == nil { continue }
            // A link that led nowhere before stays as it was.
            if node != nil || Self.isDocument(path) { dropped[path] = 0 }
        }
        dropEmptyDirectories()
    }

    private mutating func walk() throws {
        guard let root = try tree.lookUp("/") else { return }
        var stack = [root]
        while let directory = stack.popLast() {
            for node in try tree.children(of: directory) {
                switch node.entry {
                case .directory:
                    directories.append(node.path)
                    if node.path.components.count < 64 { stack.append(node) }
                case .file: files.append(node)
                case .symbolicLink: links.append((node.path, try tree.lookUp(node.path)))
                case .other, .whiteout: continue
                }
            }
        }
    }

    // MARK: What is reached

    private func reachedFiles() throws -> Set<ImagePath> {
        var reached: Set<ImagePath> = []
        let entry = (config.container.entrypoint ?? []) + (config.container.command ?? [])
        if !entry.isEmpty { reached.formUnion(try ClosureCheck.run(config, tree).files) }
        for node in files where node.size ?? 0 > 0 {
            let isRoot =
                isProgram(node) ? entry.isEmpty || isKept(node.path.bytes) : !Self.isLibraryPlace(node.path.parent)
            guard isRoot, !reached.contains(node.path) || !isProgram(node) else { continue }
            if isProgram(node) {
                reached.formUnion(try ClosureCheck.run(config, tree, arguments: [node.path.description]).files)
            } else if try tree.read(node, at: 0, count: 4) == Elf.magic, let elf = try tree.elf(node),
                !Self.isDocument(node.path)
            {
                reached.formUnion(try ElfClosure(of: node.path, elf, in: tree, environment: []).files)
            }
        }
        return reached
    }

    private func isProgram(_ node: ImageTree.Node) -> Bool {
        guard node.isExecutable, let last = node.path.parent.name else { return false }
        return last.elementsEqual("bin".utf8) || last.elementsEqual("sbin".utf8)
    }

    private func stays(_ node: ImageTree.Node, _ reached: Set<ImagePath>) throws -> Bool {
        if isKept(node.path.bytes) || reached.contains(node.path) { return true }
        if Self.isDocument(node.path) { return false }
        if isProgram(node), Self.isSystemProgram(node.path) { return false }
        guard Self.isLibraryPlace(node.path.parent), !Self.isLoadedByName(node.path) else { return true }
        return try tree.read(node, at: 0, count: 4) != Elf.magic
    }

    // MARK: Places

    /// Libraries that glibc loads by their names when they are needed, for host names and for threads that are ended; and
    /// its own empty ones, which programs name that were built with an older glibc.
    private static func isLoadedByName(_ path: ImagePath) -> Bool {
        let name = path.name ?? []
        return [
            "libnss_", "libgcc_s.so", "libresolv.so", "libm.so", "libpthread.so", "libdl.so", "librt.so", "libutil.so",
        ].contains {
            name.starts(with: $0.utf8)
        }
    }

    /// Whether a directory is one in which the loader looks, and not one of plugins.
    private static func isLibraryPlace(_ directory: ImagePath) -> Bool {
        var names = directory.components[...]
        if names.first?.elementsEqual("usr".utf8) ?? false { names = names.dropFirst() }
        guard let first = names.first, first.elementsEqual("lib".utf8) || first.elementsEqual("lib64".utf8) else {
            return false
        }
        return names.count == 1
            || (names.count == 2
                && names.last.map { String(decoding: $0, as: UTF8.self).contains("-linux-gnu") } ?? false)
    }

    private static func isSystemProgram(_ path: ImagePath) -> Bool {
        ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].contains(
            path.parent.description)
    }

    private static let documents = [
        "/usr/share/man/", "/usr/share/info/", "/usr/share/doc/", "/usr/share/doc-base/", "/usr/share/locale/",
        "/usr/share/gtk-doc/",
        "/usr/share/help/", "/usr/share/bug/", "/usr/share/lintian/", "/usr/share/linda/",
        "/usr/share/bash-completion/",
        "/usr/share/zsh/", "/usr/share/fish/", "/usr/include/", "/usr/share/pkgconfig/", "/usr/share/aclocal/",
        "/usr/share/menu/",
        "/usr/share/applications/", "/usr/share/pixmaps/", "/etc/bash_completion.d/",
    ]

    /// What is for people and compilers; licences stay.
    private static func isDocument(_ path: ImagePath) -> Bool {
        let text = path.description
        if text.hasPrefix("/usr/share/doc/"), text.hasSuffix("/copyright") { return false }
        if documents.contains(where: text.hasPrefix) { return true }
        return text.hasPrefix("/usr/") && ([".a", ".la", ".pc", ".o"].contains { text.hasSuffix($0) })
            && text.contains("/lib")
    }

    /// Directories that hold nothing any more, and did before.
    private mutating func dropEmptyDirectories() {
        var full: Set<ImagePath> = []
        for path in files.map(\.path) + links.map(\.path) where dropped[path] == nil {
            var parent = path.parent
            while !parent.isRoot, full.insert(parent).inserted { parent = parent.parent }
        }
        var emptied: Set<ImagePath> = []
        for path in dropped.keys {
            var parent = path.parent
            while !parent.isRoot, !full.contains(parent), emptied.insert(parent).inserted { parent = parent.parent }
        }
        for directory in directories where emptied.contains(directory) { dropped[directory] = 0 }
    }
}
