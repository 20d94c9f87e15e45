internal import Archive
internal import OCI

/// Merges the files of packages into one tree and writes it as a layer.
///
/// A package's entries come in its archive's order, the packages in the order in which they are added, and each path
/// once. Where an entry meets what is already there, it is treated as dpkg treats it when it unpacks one package after
/// another: a directory on a link to a directory keeps the link, an existing directory keeps its mode and owner.
struct RootComposer {
    var tree = RootTree()
    var layer: LayerWriter
    let filter: PathFilter
    /// Of everything that no package ships.
    private let modified: TarTimestamp
    /// The recipe's own paths, which win over the packages', without the leading slash.
    let recipePaths: [[UInt8]: RecipePath]
    /// Which files of packages are read for the recipe's own.
    let patterns: [[UInt8]]
    /// What those files hold, by the packages' paths.
    var captured: [[UInt8]: [UInt8]] = [:]
    var capturedSize = 0
    /// The headers of the tree's directories, and which of them stand in the layer that is written now.
    private var directoryHeaders: [Int: TarHeader] = [:]
    private var writtenDirectories: Set<Int> = []
    var packages: [BinaryPackage] = []
    var unpacked: [UnpackedPackage] = []
    /// Directories that the filter left out, until something is kept below them.
    var withheld: [[UInt8]: TarHeader] = [:]
    /// The entry whose content comes next.
    var current: Entry?

    struct Entry {
        /// Whether its content goes into the layer.
        let isWritten: Bool
        /// As the package spells it, from `/` on.
        let path: [UInt8]
        /// For configuration files.
        var checksum: MD5?
        var isCaptured = false
    }

    /// - Parameter modified: seconds since 1970.
    init(layer: LayerWriter, filter: PathFilter, modified: Int64, paths: [RecipePath] = []) {
        self.layer = layer
        self.filter = filter
        self.modified = TarTimestamp(seconds: modified)
        let separator = [UInt8(ascii: "/")]
        let named = paths.map { (Array(Self.components(Array($0.path.utf8)).joined(separator: separator)), $0) }
        recipePaths = Dictionary(named, uniquingKeysWith: { _, last in last })
        patterns = paths.flatMap(\.patterns).map { Array($0.utf8) }
    }

    mutating func commit() throws -> (digest: Digest, size: Int64) { try layer.commit() }

    /// Ends the layer; what follows goes into another one, which names the directories that it is in again.
    mutating func begin(_ next: LayerWriter) throws -> (digest: Digest, size: Int64) {
        let finished = try layer.commit()
        layer = next
        writtenDirectories.removeAll()
        return finished
    }

    /// Adds a directory, and those above it, where there is none.
    mutating func addDirectory(_ path: String, mode: UInt32 = 0o755) throws {
        _ = try directory(Self.components(Array(path.utf8)), mode: mode)
    }

    /// Adds a symbolic link where there is nothing.
    mutating func addLink(_ path: String, to target: String) throws {
        let header = TarHeader(name: [], kind: .symbolicLink, mode: 0o777, linkName: Array(target.utf8))
        try place(header, [], at: path)
    }

    /// Adds a file where there is nothing.
    mutating func addFile(_ path: String, mode: UInt32 = 0o644, _ bytes: [UInt8]) throws {
        try place(TarHeader(name: [], kind: .regular, mode: mode, size: Int64(bytes.count)), bytes, at: path)
    }

    mutating func addFile(_ path: String, mode: UInt32 = 0o644, _ text: String) throws {
        try addFile(path, mode: mode, Array(text.utf8))
    }

    /// Whether a path leads to something, through links.
    func exists(_ path: String) -> Bool {
        do { return try tree.walk(Self.components(Array(path.utf8))).missing.isEmpty } catch { return false }
    }

    /// Writes a directory's entry.
    mutating func write(_ header: TarHeader, directory id: Int) throws {
        try nameDirectories(above: tree[id].parent)
        var header = header
        header.name = tree.path(of: id)
        if let path = recipePaths[header.name] {
            if let mode = path.mode { header.mode = mode }
            (header.uid, header.gid) = (path.user, path.group)
        }
        try layer.write(header, [])
        directoryHeaders[id] = header
        writtenDirectories.insert(id)
    }

    /// Writes the entries of a directory and those above it, unless this layer has them.
    mutating func nameDirectories(above id: Int) throws {
        var missing: [Int] = []
        var current = id
        while current != RootTree.root, !writtenDirectories.contains(current) {
            missing.append(current)
            current = tree[current].parent
        }
        for directory in missing.reversed() {
            guard let header = directoryHeaders[directory] else { continue }
            try layer.write(header, [])
            writtenDirectories.insert(directory)
        }
    }

    mutating func place(_ header: TarHeader, _ bytes: [UInt8], at path: String) throws {
        var names = Self.components(Array(path.utf8))
        guard let name = names.popLast() else { return }
        let parent = try directory(names, mode: 0o755)
        guard tree.child(name, of: parent) == nil else { return }
        let content: RootTree.Content = header.kind == .symbolicLink ? .symbolicLink(target: header.linkName) : .file
        let id = tree.add(name, to: parent, content, owner: nil)
        try nameDirectories(above: parent)
        var header = header
        header.name = tree.path(of: id)
        header.modified = modified
        try layer.write(header, bytes)
    }

    /// The directory at a path, made with what is missing above it.
    ///
    /// - Throws: ``RootTree/Defect`` when something else is in the way.
    mutating func directory(_ names: [[UInt8]], mode: UInt32) throws -> Int {
        let walk = try tree.walk(names)
        guard case .directory = tree[walk.node].content else { throw RootTree.Defect.hostile }
        var current = walk.node
        for name in walk.missing {
            let id = tree.add(name, to: current, .directory(children: [:]), owner: nil)
            let path = tree.path(of: id)
            var header = withheld[[UInt8(ascii: "/")] + path] ?? TarHeader(name: path, kind: .directory, mode: mode)
            if header.name == path { header.modified = modified }
            try write(header, directory: id)
            current = id
        }
        return current
    }

    /// The names of a path; empty ones and dots are dropped.
    static func components(_ path: [UInt8]) -> [[UInt8]] {
        path.split(separator: UInt8(ascii: "/")).map(Array.init).filter { !$0.elementsEqual(".".utf8) }
    }
}
