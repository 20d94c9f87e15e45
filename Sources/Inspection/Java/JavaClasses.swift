internal import OCI

/// The classes of a class path: directories and archives in the order in which they are looked through.
struct JavaClasses {
    /// Archives of one class path.
    private static let archiveLimit = 600

    private enum Place {
        case directory(ImagePath)
        case archive(ZipReader)
        /// Classes below a directory of an archive.
        case part(ZipReader, String)
    }

    let tree: ImageTree
    /// The release of the runtime, for archives of several releases.
    let release: Int?
    private var places: [Place] = []
    private(set) var files: [ImageTree.Node] = []

    init(_ tree: ImageTree, release: Int?) { (self.tree, self.release) = (tree, release) }

    /// Adds the entries of a class path; those that are not there count for nothing, as they do for java.
    mutating func add(path: String, from base: ImagePath) throws {
        for entry in path.split(separator: ":", omittingEmptySubsequences: false) {
            if entry == "*" || entry.hasSuffix("/*") {
                guard let folder = base.resolving(entry == "*" ? "." : String(entry.dropLast(2))),
                    let node = try tree.lookUp(folder), node.isDirectory
                else { continue }
                for child in try tree.children(of: node)
                where child.path.name?.suffix(4).elementsEqual(".jar".utf8) ?? false { try add(file: child.path) }
            } else if let place = base.resolving(entry.isEmpty ? "." : String(entry)) {
                try add(file: place)
            }
        }
    }

    /// Adds a directory or an archive, and what the archive's manifest names.
    mutating func add(file path: ImagePath, depth: Int = 0) throws {
        guard let node = try tree.lookUp(path), places.count < Self.archiveLimit else { return }
        if node.isDirectory { return places.append(.directory(node.path)) }
        guard !files.contains(where: { $0.path == node.path }), var archive = try archive(node) else { return }
        files.append(node)
        let manifest = try Self.manifest(of: archive)
        if manifest["Multi-Release"]?.lowercased().hasPrefix("true") != true { archive.isMultiRelease = false }
        places.append(.archive(archive))
        guard depth < 4, let text = manifest["Class-Path"] else { return }
        for entry in text.split(whereSeparator: \.isWhitespace) {
            let name = entry.hasPrefix("file:") ? String(entry.dropFirst(5)) : String(entry)
            guard let other = path.parent.resolving(name) else { continue }
            // A folder is one only where its name ends in a stroke (JAR File Specification, Class-Path).
            if !name.hasSuffix("/"), try tree.lookUp(other)?.isDirectory ?? false { continue }
            try add(file: other, depth: depth + 1)
        }
    }

    /// Adds what an archive with a loader of its own has inside: the program's classes, and archives of libraries.
    ///
    /// - Returns: whether all of it can be read.
    mutating func add(nestedIn archive: ZipReader, classes: String, libraries: [String]) throws -> Bool {
        places.append(.part(archive, classes))
        for name in archive.members.keys.sorted()
        where name.hasSuffix(".jar") && libraries.contains(where: { name.hasPrefix($0) }) {
            guard places.count < Self.archiveLimit, let inner = try archive.nested(name) else { return false }
            places.append(.archive(inner))
        }
        return true
    }

    /// Whether a class is the program's own, and no library's.
    func isOwn(_ name: String) -> Bool {
        guard case .part(let archive, let prefix)? = places.first else { return true }
        return archive.members[prefix + name + ".class"] != nil
    }

    /// Whether a file is on the class path: a class's resource.
    func hasFile(_ name: String) throws -> Bool {
        for place in places {
            switch place {
            case .directory(let directory):
                if let path = directory.resolving(name), try tree.lookUp(path) != nil { return true }
            case .archive(let archive): if archive.members[name] != nil { return true }
            case .part(let archive, let prefix): if archive.members[prefix + name] != nil { return true }
            }
        }
        return false
    }

    /// The contents of all files of a name on the class path.
    func contents(of name: String) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        for place in places {
            switch place {
            case .directory(let directory):
                guard let path = directory.resolving(name), let node = try tree.lookUp(path), node.size != nil else {
                    continue
                }
                found.append(try tree.read(node, limit: 64 << 10))
            case .archive(let archive): if let bytes = try archive.contents(of: name) { found.append(bytes) }
            case .part(let archive, let prefix):
                if let bytes = try archive.contents(of: prefix + name) { found.append(bytes) }
            }
        }
        return found
    }

    func archive(_ node: ImageTree.Node) throws -> ZipReader? {
        guard let size = node.size else { return nil }
        return try ZipReader(size: size) { try tree.read(node, at: $0, count: $1) }
    }

    /// The main attributes of a manifest (JAR File Specification): lines go on behind a space.
    static func manifest(of archive: ZipReader) throws -> [String: String] {
        guard let bytes = try archive.contents(of: "META-INF/MANIFEST.MF") else { return [:] }
        var result: [String: String] = [:]
        var last: String?
        for line in String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n").split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.isEmpty { break }
            if line.hasPrefix(" "), let name = last {
                result[name, default: ""] += line.dropFirst()
            } else if let colon = line.firstIndex(of: ":") {
                let name = String(line[..<colon])
                result[name] = String(line[line.index(after: colon)...].drop { $0 == " " })
                last = name
            }
        }
        return result
    }

    /// A class by its name with slashes.
    func find(_ name: String) throws -> [UInt8]? {
        for place in places {
            switch place {
            case .directory(let directory):
                guard let path = directory.resolving(name + ".class"), let node = try tree.lookUp(path),
                    node.size != nil
                else { continue }
                return try tree.read(node, limit: ZipReader.memberLimit)
            case .archive(let archive):
                if let found = try Self.find(name, in: archive, release) { return found }
            case .part(let archive, let prefix):
                if let found = try archive.contents(of: prefix + name + ".class") { return found }
            }
        }
        return nil
    }

    static func find(_ name: String, in archive: ZipReader, _ release: Int?) throws -> [UInt8]? {
        if let release, release > 8, archive.isMultiRelease {
            for number in stride(from: release, through: 9, by: -1) {
                if let found = try archive.contents(of: "META-INF/versions/\(number)/\(name).class") { return found }
            }
        }
        return try archive.contents(of: name + ".class")
    }

    /// Whether an archive keeps other archives inside, as Spring Boot's do: what is in them is not read.
    static func isNested(_ archive: ZipReader) -> Bool { archive.members.keys.contains { $0.hasSuffix(".jar") } }
}
