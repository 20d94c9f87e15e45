package import OCI

/// What COPY takes: files of a tree, or a file whose content is at hand.
package struct CopySource: Sendable {
    package enum Kind: Sendable {
        /// The file or directory at a path; it must exist.
        case path(FileTree, ImagePath)
        /// All files below a directory, which may be reached through links, whose path, without a leading slash, matches; there
        /// may be none.
        case matching(FileTree, below: ImagePath = .root, @Sendable ([UInt8]) -> Bool)
        /// The root of a file system that has no files: `scratch`.
        case emptyRoot
        case inline(name: [UInt8], content: [UInt8])
    }

    package enum Ownership: Sendable {
        /// Everything belongs to root, as what comes from a build context does.
        case root
        /// Owners are kept, as between stages.
        case kept
    }

    /// Where a selected file's own place in its tree shows at the destination.
    package enum Placement: Sendable {
        /// A file by its name, a directory by what is in it.
        case flat
        /// Under its whole path but for a number of leading names.
        case underParents(dropping: Int)
    }

    package let kind: Kind
    package let ownership: Ownership
    /// What is seen of the tree: paths are those from its root.
    package let filter: FileFilter
    /// What is left out of a selection: paths are those below the directory that is copied, or, where files are placed
    /// under their parents, below the pivot.
    package let excludes: FileFilter
    package let placement: Placement

    package init(
        kind: Kind, ownership: Ownership, filter: FileFilter = .everything, excludes: FileFilter = .everything,
        placement: Placement = .flat
    ) {
        (self.kind, self.ownership, self.filter, self.placement) = (kind, ownership, filter, placement)
        self.excludes = excludes
    }
}

/// Which files of a tree are seen: an ignore file, or COPY --exclude.
package struct FileFilter: Sendable {
    package enum Verdict: Sendable {
        case include
        /// Neither the file nor anything below it.
        case exclude
        /// Not the directory itself, but perhaps something below it.
        case descend
    }

    /// Judges a path without a leading slash.
    package let verdict: @Sendable (_ path: [UInt8], _ isDirectory: Bool) -> Verdict

    package init(verdict: @escaping @Sendable (_ path: [UInt8], _ isDirectory: Bool) -> Verdict) {
        self.verdict = verdict
    }

    package static let everything = FileFilter { _, _ in .include }
}

extension CopySource {
    /// A file or a directory that a source selects.
    struct Selection {
        let tree: FileTree
        /// Its path in the tree, links followed.
        let path: ImagePath
        /// The name by which it was asked for, which may be a link's.
        let name: [UInt8]
        let node: FileTree.Node
    }

    /// Whether a file below a selection is copied.
    func verdict(_ path: ImagePath, _ isDirectory: Bool, in selection: Selection) -> FileFilter.Verdict {
        let verdict = filter.verdict(path.relativeBytes, isDirectory)
        if verdict == .exclude { return verdict }
        let below: [[UInt8]] =
            switch placement {
            case .flat: Array(path.components.dropFirst(selection.path.components.count))
            case .underParents(let depth): Array(path.components.dropFirst(depth))
            }
        let excluded = excludes.verdict(Array(below.joined(separator: [UInt8(ascii: "/")])), isDirectory)
        return excluded == .include ? verdict : excluded
    }

    /// A file that is selected itself may be excluded by its name or by its path.
    private func excludesFile(_ path: ImagePath, _ node: FileTree.Node) -> Bool {
        guard !node.isDirectory else { return false }
        let depth = if case .underParents(let depth) = placement { depth } else { 0 }
        let paths = [path.components.dropFirst(depth), path.components.suffix(1)]
        return paths.contains { excludes.verdict(Array($0.joined(separator: [UInt8(ascii: "/")])), false) != .include }
    }

    /// The files and directories that are copied, in the order of their paths; none for inline content.
    ///
    /// - Throws: ``StorageError/noSuchFile(_:)`` for a path that does not exist or is filtered out, or leads to such a one.
    func selections() throws -> [Selection] {
        switch kind {
        case .inline, .emptyRoot: return []
        case .path(let tree, let path):
            let selection = try selection(path, of: tree)
            return excludesFile(path, selection.node) ? [] : [selection]
        case .matching(let tree, let directory, let matches):
            var result: [Selection] = []
            guard let (real, node) = try tree.lookUp(directory, links: .followAll), node.isDirectory else { return [] }
            try match(tree, node, directory, real, matches, into: &result)
            return result
        }
    }

    /// Whether it is a pattern that no file matches.
    package func findsNothing() throws -> Bool {
        guard case .matching = kind else { return false }
        return try selections().isEmpty
    }

    /// A link that is named itself stands for what it points to; links below a directory stay links.
    private func selection(_ path: ImagePath, of tree: FileTree) throws -> Selection {
        guard let (real, node) = try tree.lookUp(path, links: .followAll),
            try filter.hides(path, real, node, of: tree) == nil
        else {
            throw StorageError.noSuchFile(path)
        }
        return Selection(tree: tree, path: real, name: path.name ?? [], node: node)
    }

    /// - Parameters:
    ///   - path: the directory as it was asked for, which is what patterns match.
    ///   - real: where that leads, which is what is seen or not.
    private func match(
        _ tree: FileTree, _ directory: FileTree.Node, _ path: ImagePath, _ real: ImagePath,
        _ matches: ([UInt8]) -> Bool,
        into result: inout [Selection]
    ) throws {
        for (name, node) in try tree.entries(of: directory) {
            let (child, place) = (path.appending(name), real.appending(name))
            let verdict = filter.verdict(place.relativeBytes, node.isDirectory)
            if verdict == .exclude || (verdict == .descend && !node.isDirectory) { continue }
            if matches(child.relativeBytes) {
                // A directory of which nothing is let in is not there.
                if verdict == .descend, try !filter.letsInAnything(below: node, place, of: tree) { continue }
                let selection = try selection(place, of: tree)
                if !excludesFile(child, selection.node) { result.append(selection) }
            } else if node.isDirectory {
                try match(tree, node, child, place, matches, into: &result)
            }
        }
    }
}

extension FileFilter {
    /// Which path keeps a file from being seen: the name that it was asked for, or where that leads.
    ///
    /// - Parameter real: the path with its links followed, which is the node's.
    /// - Returns: nil for one that is seen.
    package func hides(_ path: ImagePath, _ real: ImagePath, _ node: FileTree.Node, of tree: FileTree) throws
        -> ImagePath?
    {
        for place in path == real ? [path] : [path, real] where !place.isRoot {
            // A link is seen as a link, whatever it leads to.
            let isDirectory = place == real && node.isDirectory
            switch verdict(place.relativeBytes, isDirectory) {
            case .include: continue
            case .exclude: return place
            case .descend: guard isDirectory, try letsInAnything(below: node, real, of: tree) else { return place }
            }
        }
        return nil
    }

    /// Whether a directory that is not let in itself has something in it that is: only then it is seen, as in a context that
    /// is sent to a daemon.
    func letsInAnything(below directory: FileTree.Node, _ path: ImagePath, of tree: FileTree) throws -> Bool {
        for (name, node) in try tree.entries(of: directory) {
            let child = path.appending(name)
            switch verdict(child.relativeBytes, node.isDirectory) {
            case .include: return true
            case .exclude: continue
            case .descend: if node.isDirectory, try letsInAnything(below: node, child, of: tree) { return true }
            }
        }
        return false
    }
}
