/// The names that were written to a layer so far, so that later packages are placed among them as dpkg would place
/// them.
struct RootTree {
    /// Links followed in one path, as in the kernel.
    private static let linkLimit = 40

    enum Content {
        case directory(children: [[UInt8]: Int])
        case symbolicLink(target: [UInt8])
        case file
        case other
    }

    struct Node {
        let parent: Int
        let name: [UInt8]
        var content: Content
        /// The package that ships it, as the caller numbers packages; nil for what is made by us.
        var owner: Int?
    }

    enum Defect: Error {
        /// Climbs out of the root, follows too many links, or goes through something that is no directory.
        case hostile
    }

    private(set) var nodes: [Node]

    static let root = 0

    init() { nodes = [Node(parent: 0, name: [], content: .directory(children: [:]), owner: nil)] }

    subscript(_ id: Int) -> Node { nodes[id] }

    func child(_ name: [UInt8], of directory: Int) -> Int? {
        guard case .directory(let children) = nodes[directory].content else { return nil }
        return children[name]
    }

    @discardableResult
    mutating func add(_ name: [UInt8], to directory: Int, _ content: Content, owner: Int?) -> Int {
        let id = nodes.count
        nodes.append(Node(parent: directory, name: name, content: content, owner: owner))
        guard case .directory(var children) = nodes[directory].content else { return id }
        // Taken out so that the dictionary is changed in place.
        nodes[directory].content = .other
        children[name] = id
        nodes[directory].content = .directory(children: children)
        return id
    }

    /// The path from the root without a leading slash.
    func path(of id: Int) -> [UInt8] {
        var names: [[UInt8]] = []
        var current = id
        while current != Self.root {
            names.append(nodes[current].name)
            current = nodes[current].parent
        }
        return Array(names.reversed().joined(separator: [UInt8(ascii: "/")]))
    }

    /// Where a walk ended: at a node, or in front of names that do not exist yet.
    struct Walk {
        let node: Int
        /// Empty when the whole path exists.
        let missing: [[UInt8]]
    }

    /// Follows names below the root, through symbolic links, as a process in the image would.
    func walk(_ components: some Sequence<[UInt8]>) throws(Defect) -> Walk {
        var remaining = Array(components.reversed())
        var current = Self.root
        var links = 0
        while let name = remaining.popLast() {
            if name.elementsEqual(".".utf8) || name.isEmpty { continue }
            if name.elementsEqual("..".utf8) {
                guard current != Self.root else { throw .hostile }
                current = nodes[current].parent
                continue
            }
            guard case .directory(let children) = nodes[current].content else { throw .hostile }
            guard let next = children[name] else {
                let missing = [name] + remaining.reversed()
                guard !missing.contains(where: { $0.elementsEqual("..".utf8) }) else { throw .hostile }
                return Walk(node: current, missing: missing.filter { !$0.isEmpty && !$0.elementsEqual(".".utf8) })
            }
            if case .symbolicLink(let target) = nodes[next].content {
                links += 1
                guard links <= Self.linkLimit else { throw .hostile }
                if target.first == UInt8(ascii: "/") { current = Self.root }
                remaining += target.split(separator: UInt8(ascii: "/")).map(Array.init).reversed()
            } else {
                current = next
            }
        }
        return Walk(node: current, missing: [])
    }
}
