package import OCI

/// The files of an image as a process in it sees them: layers on top of each other (OCI image specification, layer.md,
/// "Applying Changesets"). Only what is asked for is read.
package struct ImageTree {
    /// Symbolic links that are followed in one look-up (path_resolution(7)).
    private static let linkLimit = 40

    /// From the highest to the lowest.
    private let layers: [any LayerFiles]
    private let root: Place

    /// - Parameter layers: from the lowest to the highest.
    package init(layers: [any LayerFiles]) {
        self.layers = layers.reversed()
        root = Place(Node(path: .root, entry: .directory(isOpaque: false), layers: Array(layers.indices)))
    }

    /// The tree with one more layer on top.
    func adding(_ layer: any LayerFiles) -> ImageTree { ImageTree(layers: layers.reversed() + [layer]) }

    /// Something in the tree.
    package struct Node: Sendable {
        /// Without links on the way.
        package let path: ImagePath
        package let entry: LayerEntry
        /// The layers that together hold a directory; for anything else the one that has it.
        fileprivate let layers: [Int]

        package var isDirectory: Bool { if case .directory = entry { true } else { false } }

        /// Bytes; nil for what is no regular file.
        package var size: Int64? { if case .file(_, let size) = entry { size } else { nil } }

        /// Whether it is a regular file that somebody may execute.
        package var isExecutable: Bool { if case .file(let mode, _) = entry { mode & 0o111 != 0 } else { false } }
    }

    /// Something in the tree, and what was asked for below it: interpreters look for the same names again and again.
    private final class Place {
        let node: Node
        /// What is not there is known as well.
        var children: [PathKey: Place?] = [:]

        init(_ node: Node) { self.node = node }
    }

    /// Finds a path, through links; nil if there is nothing.
    package func lookUp(_ path: ImagePath, followsLast: Bool = true) throws -> Node? {
        var stack = [root]
        var rest = Array(path.components.reversed())
        var followed = 0
        while let name = rest.popLast() {
            if name.elementsEqual(".".utf8) || name.isEmpty { continue }
            if name.elementsEqual("..".utf8) {
                if stack.count > 1 { stack.removeLast() }
                continue
            }
            guard let next = try place(name, below: stack[stack.count - 1]) else { return nil }
            if case .symbolicLink(let target) = next.node.entry, followsLast || !rest.isEmpty {
                followed += 1
                guard followed <= Self.linkLimit else { return nil }
                if target.first == UInt8(ascii: "/") { stack = [root] }
                rest += target.split(separator: UInt8(ascii: "/")).map(Array.init).reversed()
            } else {
                stack.append(next)
            }
        }
        return stack[stack.count - 1].node
    }

    private func place(_ name: [UInt8], below directory: Place) throws -> Place? {
        if let known = directory.children[PathKey(name)] { return known }
        let place = try child(name, of: directory.node).map { Place($0) }
        directory.children[PathKey(name)] = .some(place)
        return place
    }

    package func lookUp(_ path: String) throws -> Node? { try ImagePath(path).flatMap { try lookUp($0) } }

    private func child(_ name: [UInt8], of directory: Node) throws -> Node? {
        guard directory.isDirectory else { return nil }
        let path = directory.path.appending(name)
        var parts: [Int] = []
        for index in directory.layers {
            guard let entry = try layers[index].entry(at: path) else { continue }
            switch entry {
            case .whiteout:
                return parts.isEmpty ? nil : Node(path: path, entry: .directory(isOpaque: false), layers: parts)
            case .directory(let isOpaque):
                parts.append(index)
                if isOpaque { return Node(path: path, entry: .directory(isOpaque: false), layers: parts) }
            case .file, .symbolicLink, .other:
                // A file below a directory is hidden by it.
                guard parts.isEmpty else { return Node(path: path, entry: .directory(isOpaque: false), layers: parts) }
                return Node(path: path, entry: entry, layers: [index])
            }
        }
        return parts.isEmpty ? nil : Node(path: path, entry: .directory(isOpaque: false), layers: parts)
    }

    /// Whose something is; nil where no layer says.
    package func access(_ node: Node) throws -> FileAccess? {
        try node.layers.first.flatMap { try layers[$0].access(at: node.path) }
    }

    /// The entries of a directory, sorted by the bytes of their names.
    package func children(of directory: Node) throws -> [Node] {
        var names: Set<[UInt8]> = []
        for index in directory.layers { names.formUnion(try layers[index].names(in: directory.path)) }
        return try names.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { try child($0, of: directory) }
    }

    /// Bytes of a regular file, fewer at its end; none of anything else.
    ///
    /// Places and lengths are what files say of themselves: no memory is asked for that the file does not fill.
    package func read(_ node: Node, at offset: Int64, count: Int) throws -> [UInt8] {
        guard let size = node.size, let index = node.layers.first, count > 0, (0..<size).contains(offset) else {
            return []
        }
        return try layers[index].read(node.path, at: offset, count: Int(min(Int64(count), size - offset)))
    }

    /// A whole file, cut off behind `limit` bytes.
    package func read(_ node: Node, limit: Int) throws -> [UInt8] {
        try read(node, at: 0, count: Int(min(node.size ?? 0, Int64(limit))))
    }

    /// A file's content; nil if there is no regular file.
    package func contents(of path: String, limit: Int = 1 << 20) throws -> [UInt8]? {
        guard let node = try lookUp(path), node.size != nil else { return nil }
        return try read(node, limit: limit)
    }
}
