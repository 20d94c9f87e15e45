/// Puts layers on top of each other, and notes what each entry came to.
struct LayerMerge {
    private let layers: [LayerRecord]
    private(set) var fates: [[ImageAccount.Fate]]
    private var nodes: [Node]
    private var places: [PathKey: Int]

    private struct Node {
        let path: [UInt8]
        /// Nodes by number; 0, the root, stands for none.
        var firstChild = 0
        var nextSibling = 0
        var isPresent = false
        var isDirectory = false
        /// What is there; nil for a directory that only follows from what is in it.
        var occupant: (layer: Int, entry: Int)?
        /// What was taken away here last, and by which layer.
        var removed: (layer: Int, entry: Int, by: Int)?
    }

    init(_ layers: [LayerRecord]) {
        self.layers = layers
        // What only removes something is never in the way.
        fates = layers.map { Array(repeating: .visible, count: $0.entries.count) }
        var root = Node(path: [])
        (root.isPresent, root.isDirectory) = (true, true)
        nodes = [root]
        places = [PathKey([]): 0]
    }

    mutating func run() {
        for index in layers.indices {
            // A mark hides what lower layers have, wherever it stands in the archive.
            for entry in layers[index].entries where entry.kind.isMark { apply(entry, of: index) }
            for (place, entry) in layers[index].entries.enumerated() where !entry.kind.isMark {
                add(entry, at: place, of: index)
            }
        }
    }

    /// What is there in the end, in no order.
    func present() -> [(path: [UInt8], layer: Int, entry: Int)] {
        nodes.compactMap { node in
            guard node.isPresent, let occupant = node.occupant, !node.path.isEmpty else { return nil }
            return (node.path, occupant.layer, occupant.entry)
        }
    }

    private mutating func apply(_ mark: LayerRecord.Entry, of layer: Int) {
        guard let node = places[PathKey(mark.path)], nodes[node].isPresent else { return }
        if mark.kind == .whiteout {
            if node != 0 { remove(node, by: layer) }
        } else {
            removeChildren(of: node, by: layer)
        }
    }

    private mutating func add(_ entry: LayerRecord.Entry, at place: Int, of layer: Int) {
        let node = ensure(entry.path, for: layer)
        let isDirectory = entry.kind == .directory
        if nodes[node].isPresent, !(isDirectory && nodes[node].isDirectory) { remove(node, by: layer) }
        if let old = nodes[node].occupant, nodes[node].isPresent {
            fates[old.layer][old.entry] = .overwritten(by: layer)
        } else if let removed = nodes[node].removed, removed.by == layer {
            // It went and came again at once.
            fates[removed.layer][removed.entry] = .overwritten(by: layer)
        }
        nodes[node].isPresent = true
        nodes[node].isDirectory = isDirectory
        nodes[node].occupant = (layer, place)
    }

    /// The node of a path, below directories that are there.
    private mutating func ensure(_ path: [UInt8], for layer: Int) -> Int {
        if let known = places[PathKey(path)], known == 0 || nodes[known].isPresent { return known }
        var (node, start) = nearest(above: path)
        while start < path.endIndex {
            let end = path[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
            node = child(Array(path[..<end]), of: node)
            guard end < path.endIndex else { break }
            if nodes[node].isPresent, !nodes[node].isDirectory { remove(node, by: layer) }
            if !nodes[node].isPresent {
                nodes[node].isPresent = true
                nodes[node].isDirectory = true
                nodes[node].occupant = nil
            }
            start = end + 1
        }
        return node
    }

    /// The lowest directory above a path that is there, and where the rest of the path begins: mostly its parent, so that deep
    /// paths do not cost their depth each time.
    private func nearest(above path: [UInt8]) -> (node: Int, start: Int) {
        var rest = path[...]
        while let slash = rest.lastIndex(of: UInt8(ascii: "/")) {
            rest = rest[..<slash]
            if let known = places[PathKey(Array(rest))], nodes[known].isPresent, nodes[known].isDirectory {
                return (known, slash + 1)
            }
        }
        return (0, 0)
    }

    private mutating func child(_ path: [UInt8], of parent: Int) -> Int {
        if let known = places[PathKey(path)] { return known }
        var node = Node(path: path)
        node.nextSibling = nodes[parent].firstChild
        nodes[parent].firstChild = nodes.count
        places[PathKey(path)] = nodes.count
        nodes.append(node)
        return nodes.count - 1
    }

    private mutating func removeChildren(of directory: Int, by layer: Int) {
        var next = nodes[directory].firstChild
        while next != 0 {
            if nodes[next].isPresent { remove(next, by: layer) }
            next = nodes[next].nextSibling
        }
    }

    /// Takes away a node and what is below it; without recursion, for an archive may be as deep as it likes.
    private mutating func remove(_ top: Int, by layer: Int) {
        var stack = [top]
        while let node = stack.popLast() {
            guard nodes[node].isPresent else { continue }
            if let occupant = nodes[node].occupant {
                fates[occupant.layer][occupant.entry] = .deleted(by: layer)
                nodes[node].removed = (occupant.layer, occupant.entry, layer)
            }
            nodes[node].isPresent = false
            nodes[node].occupant = nil
            var next = nodes[node].firstChild
            while next != 0 {
                stack.append(next)
                next = nodes[next].nextSibling
            }
        }
    }
}
