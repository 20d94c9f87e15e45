package import OCI

/// What is mounted over a path of an image when it starts.
package struct Covering: Sendable {
    package enum Content: Sendable {
        /// Files of another place, whose root is what the path shows.
        case files(any LayerFiles)
        /// A directory with nothing in it.
        case nothing
        case file([UInt8], FileAccess)
    }

    package let target: ImagePath
    package let content: Content

    package init(_ target: ImagePath, _ content: Content) { (self.target, self.content) = (target, content) }
}

extension ImageTree {
    /// The tree as a process sees it that has mounts over parts of it, in their order.
    package func covered(by coverings: [Covering]) throws -> ImageTree {
        var result = self
        for covering in coverings where !covering.target.isRoot {
            // A mount is made at what the path leads to; what is not there is made.
            var place = ImagePath.root
            for name in covering.target.components {
                place = place.appending(name)
                if let node = try result.lookUp(place) { place = node.path }
            }
            result = result.adding(CoveredPlace(target: place, content: covering.content))
        }
        return result
    }
}

/// A mount as a layer that hides what is below it.
private struct CoveredPlace: LayerFiles {
    let target: ImagePath
    let content: Covering.Content

    private enum Position {
        case above, at
        case below(ImagePath)
        case beside
    }

    private func position(of path: ImagePath) -> Position {
        guard path.hasPrefix(target) else { return target.hasPrefix(path) ? .above : .beside }
        let rest = path.components.dropFirst(target.components.count)
        return rest.isEmpty ? .at : .below(rest.reduce(ImagePath.root) { $0.appending($1) })
    }

    func entry(at path: ImagePath) throws -> LayerEntry? {
        switch (position(of: path), content) {
        case (.beside, _): return nil
        case (.above, _): return .directory(isOpaque: false)
        case (.at, .nothing): return .directory(isOpaque: true)
        case (.at, .file(let bytes, let access)): return .file(mode: access.mode, size: Int64(bytes.count))
        case (.at, .files(let files)):
            let entry = try files.entry(at: .root)
            if case .directory? = entry { return .directory(isOpaque: true) }
            return entry
        case (.below(let rest), .files(let files)): return try files.entry(at: rest)
        case (.below, .nothing), (.below, .file): return nil
        }
    }

    func access(at path: ImagePath) throws -> FileAccess? {
        switch (position(of: path), content) {
        case (.at, .file(_, let access)): access
        case (.at, .files(let files)): try files.access(at: .root)
        case (.below(let rest), .files(let files)): try files.access(at: rest)
        case (.beside, _), (.above, _), (.at, .nothing), (.below, .nothing), (.below, .file): nil
        }
    }

    func names(in directory: ImagePath) throws -> [[UInt8]] {
        switch (position(of: directory), content) {
        case (.above, _): return target.components.dropFirst(directory.components.count).prefix(1).map { Array($0) }
        case (.at, .files(let files)): return try files.names(in: .root)
        case (.below(let rest), .files(let files)): return try files.names(in: rest)
        case (.beside, _), (.at, .nothing), (.at, .file), (.below, .nothing), (.below, .file): return []
        }
    }

    func read(_ path: ImagePath, at offset: Int64, count: Int) throws -> [UInt8] {
        switch (position(of: path), content) {
        case (.at, .file(let bytes, _)): return Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
        case (.at, .files(let files)): return try files.read(.root, at: offset, count: count)
        case (.below(let rest), .files(let files)): return try files.read(rest, at: offset, count: count)
        case (.beside, _), (.above, _), (.at, .nothing), (.below, .nothing), (.below, .file): return []
        }
    }
}
