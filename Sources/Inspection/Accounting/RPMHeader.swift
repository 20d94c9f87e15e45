/// What rpm's database keeps of a package (rpm, "Package format", "Header"): an index of tags, and what they stand for.
struct RPMHeader {
    enum Tag: Int {
        case name = 1000
        case version = 1001
        case release = 1002
        case epoch = 1003
        case architecture = 1022
        case provides = 1047
        case requires = 1049
        case directoryIndexes = 1116
        case baseNames = 1117
        case directoryNames = 1118
        case recommends = 5046
    }

    private static let entryLimit = 65_536
    private static let nameLimit = 1_000_000

    private struct Entry {
        let type: Int
        let offset: Int
        let count: Int
    }

    private var entries: [Int: Entry] = [:]
    private let data: ArraySlice<UInt8>

    /// Nil for what is no header.
    init?(_ bytes: [UInt8]) {
        func long(_ place: Int) -> Int {
            bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        guard bytes.count >= 8 else { return nil }
        let (count, size) = (long(0), long(4))
        guard count <= Self.entryLimit, 8 + 16 * count <= bytes.count, size <= bytes.count - 8 - 16 * count else {
            return nil
        }
        data = bytes[(8 + 16 * count)..<(8 + 16 * count + size)]
        for index in 0..<count {
            let place = 8 + 16 * index
            entries[long(place)] = Entry(type: long(place + 4), offset: long(place + 8), count: long(place + 12))
        }
    }

    /// A text, or the first of several.
    func text(_ tag: Tag) -> String? { texts(tag).first }

    /// Texts, each ended by a zero byte.
    func texts(_ tag: Tag) -> [String] {
        guard let entry = entries[tag.rawValue], [6, 8, 9].contains(entry.type), entry.count <= Self.nameLimit,
            entry.offset < data.count
        else { return [] }
        var rest = data.dropFirst(entry.offset)
        var result: [String] = []
        while result.count < max(1, entry.count), !rest.isEmpty {
            let text = rest.prefix { $0 != 0 }
            result.append(String(decoding: text, as: UTF8.self))
            rest = rest[text.endIndex...].dropFirst()
        }
        return result
    }

    /// Numbers of four bytes.
    func numbers(_ tag: Tag) -> [Int] {
        guard let entry = entries[tag.rawValue], entry.type == 4, entry.count <= Self.nameLimit,
            entry.offset < data.count
        else { return [] }
        let rest = Array(data.dropFirst(entry.offset).prefix(4 * entry.count))
        return stride(from: 0, to: rest.count - 3, by: 4).map { place in
            rest[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
        }
    }

    /// The files of the package, from the root on without a slash in front.
    var paths: [[UInt8]] {
        let (names, folders, indexes) = (texts(.baseNames), texts(.directoryNames), numbers(.directoryIndexes))
        // Many names may share a long folder.
        var left = 64 << 20
        return zip(names, indexes).compactMap { name, index in
            guard folders.indices.contains(index), left > 0 else { return nil }
            left -= folders[index].utf8.count + name.utf8.count
            return DatabaseText.path((folders[index] + name).utf8)
        }
    }
}

extension PackageReader {
    /// The packages of rpm's database.
    mutating func readRPM(_ bytes: [UInt8], _ path: [UInt8], _ layer: Int) {
        guard let table = SQLiteTable(bytes) else { return }
        for row in table.rows(of: "Packages") {
            guard let blob = row.last.flatMap({ $0 }), let header = RPMHeader(blob), let name = header.text(.name),
                let version = header.text(.version), name != "gpg-pubkey"
            else { continue }
            let release = header.text(.release).map { "\(version)-\($0)" } ?? version
            var package = PackageRecord(.redHat, name, release, origin: path)
            (package.namespace, package.release) = (distribution.id, distribution.version)
            package.architecture = header.text(.architecture)
            package.layer = layer
            // What rpm itself must be able to do is no package.
            let needs = header.texts(.requires).filter { !$0.hasPrefix("rpmlib(") }
            package.needs = needs.map { .init(kind: .required, alternatives: [$0]) }
            package.needs += header.texts(.recommends).map { .init(kind: .recommended, alternatives: [$0]) }
            package.provides = header.texts(.provides)
            let place = add(package)
            for path in header.paths { claim(path, for: place) }
        }
    }
}
