package import OCI

/// The digests of the files that packages brought, as their managers list them: such a file is the package's, wherever it lies,
/// and nothing else is passed over.
package struct PackageChecksums: Sendable {
    /// The first 16 bytes of a digest.
    private struct Key: Hashable {
        let first: UInt64
        let second: UInt64

        init?(_ bytes: some Collection<UInt8>) {
            guard bytes.count >= 16 else { return nil }
            first = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            second = bytes.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private var keys: Set<Key> = []

    package init() {}

    package func contains(_ file: FileChecksums) -> Bool {
        [file.md5, file.sha1, file.sha256].contains { digest in Key(digest).map(keys.contains) ?? false }
    }

    /// Bytes of a list that are read.
    static let sizeLimit = 32 << 20
    private static let most = 2_000_000

    enum List {
        /// `var/lib/dpkg/info/NAME.md5sums` and what composed bases have (deb-md5sums(5)).
        case debian
        /// `lib/apk/db/installed`: lines `Z:Q1` and base64 of a SHA-1 (apk-v2(5)).
        case alpine
        /// `NAME.dist-info/RECORD` (packaging.python.org, "Recording installed projects").
        case python
        /// `NAME.dist-info/direct_url.json`, which tells what was installed from a directory: somebody's own files (PEP 610).
        case pythonOrigin
    }

    /// - Parameter path: without a slash at its start.
    static func list(_ path: [UInt8]) -> List? {
        func ends(_ text: String) -> Bool { path.suffix(text.utf8.count).elementsEqual(text.utf8) }
        switch path.last {
        case UInt8(ascii: "s"):
            return ends(".md5sums") && path.starts(with: Array("var/lib/dpkg/".utf8)) ? .debian : nil
        case UInt8(ascii: "d"): return ends("lib/apk/db/installed") ? .alpine : nil
        case UInt8(ascii: "n"): return ends(".dist-info/direct_url.json") ? .pythonOrigin : nil
        case UInt8(ascii: "D"): return ends(".dist-info/RECORD") ? .python : nil
        default: return nil
        }
    }

    /// Adds what other lists have.
    package mutating func formUnion(_ others: PackageChecksums) {
        guard keys.count < Self.most else { return }
        keys.formUnion(others.keys)
    }

    /// Reads the lists that are among files.
    struct Reader {
        private var known = PackageChecksums()
        /// Of Python's packages, by their directories: which are somebody's own stands in another file.
        private var python: [[UInt8]: PackageChecksums] = [:]
        private var own: Set<[UInt8]> = []
        private var list: (kind: List, bytes: [UInt8])?
        private var folder: [UInt8] = []

        var checksums: PackageChecksums {
            var result = known
            for (folder, list) in python where !own.contains(folder) { result.formUnion(list) }
            return result
        }

        /// - Parameter path: without a slash at its start.
        mutating func begin(_ path: [UInt8]) {
            list = PackageChecksums.list(path).map { ($0, []) }
            if list != nil { folder = Array(path.prefix(path.lastIndex(of: UInt8(ascii: "/")) ?? 0)) }
        }

        mutating func consume(_ piece: some Collection<UInt8>) {
            if let bytes = list?.bytes, bytes.count + piece.count <= PackageChecksums.sizeLimit { list?.bytes += piece }
        }

        mutating func finish() {
            defer { list = nil }
            guard let list else { return }
            switch list.kind {
            case .debian, .alpine: known.add(list.kind, list.bytes)
            case .python: python[folder, default: PackageChecksums()].add(list.kind, list.bytes)
            case .pythonOrigin: if list.bytes.contains(Array("file://".utf8)) { own.insert(folder) }
            }
        }
    }

    mutating func add(_ list: List, _ bytes: [UInt8]) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) where keys.count < Self.most {
            let digest: [UInt8]? =
                switch list {
                case .debian: Self.hexadecimal(line.prefix(32))
                case .alpine: line.starts(with: Array("Z:Q1".utf8)) ? Self.base64(line.dropFirst(4)) : nil
                case .python: Self.record(line)
                case .pythonOrigin: nil
                }
            if let digest, let key = Key(digest) { keys.insert(key) }
        }
    }

    private static func record(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        guard
            let field = line.split(separator: UInt8(ascii: ",")).dropFirst().first(where: {
                $0.starts(with: Array("sha256=".utf8))
            })
        else { return nil }
        return base64(field.dropFirst(7))
    }

    private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let standard = text.filter { $0 != 13 }.map { $0 == 45 ? UInt8(43) : $0 == 95 ? 47 : $0 }
        return Base64.decode(String(decoding: standard, as: UTF8.self))
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count == 32, text.allSatisfy(ByteSet.hex.contains) else { return nil }
        let digits = text.map { $0 <= 57 ? $0 - 48 : ($0 | 32) - 87 }
        return stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
