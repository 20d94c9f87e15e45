package import Archive
package import OCI

/// Looks through the archive of a layer while its bytes go by: every file, its name and where links lead.
package struct LayerScan {
    /// What a layer holds, before it is known which of it are packages' own files.
    package struct Result {
        package var findings: [SecretFinding]
        package let packages: PackageChecksums
        /// Archives in the layer that were too large to be opened.
        package let unopened: Int
    }

    private let scanner: SecretScanner
    private let files: FileScan
    private var reader = TarReader()
    private var findings: [SecretFinding] = []
    private var packages = PackageChecksums.Reader()
    private var isInFile = false
    private static let most = 2000

    /// - Parameter isOwn: whether an instruction of the Dockerfile made the layer.
    package init(_ scanner: SecretScanner, isOwn: Bool) {
        self.scanner = scanner
        files = FileScan(scanner, isOwn: isOwn)
    }

    /// Takes the next bytes of the archive.
    ///
    /// - Throws: ``Archive/TarError``.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(TarError) {
        var rest = bytes
        while let event = try reader.next(&rest) { take(event) }
    }

    /// - Throws: ``Archive/TarError`` for an archive that is cut off.
    package consuming func finish() throws(TarError) -> Result {
        try reader.finish()
        return Result(findings: findings, packages: packages.checksums, unopened: files.unopened)
    }

    private mutating func take(_ event: TarEvent) {
        switch event {
        case .entry(let header): begin(header)
        case .content(let piece):
            guard isInFile else { return }
            files.consume(piece)
            packages.consume(piece)
        case .hole(let count): if isInFile { files.skip(count) }
        case .endOfEntry:
            guard isInFile else { return }
            isInFile = false
            add(files.finish())
            packages.finish()
        case .end: break
        }
    }

    private mutating func begin(_ header: TarHeader) {
        let path = Self.path(header.name)
        let (named, linked) = (scan(path), header.linkName.isEmpty ? [] : scan(header.linkName))
        if !named.isEmpty || !linked.isEmpty {
            // The name itself may not be told then.
            let plain = String(decoding: path, as: UTF8.self)
            let text = named.isEmpty ? plain : scanner.redacted(plain)
            add(named.map { SecretFinding($0.match, .name, path: text, offset: $0.offset) })
            add(linked.map { SecretFinding($0.match, .linkTarget, path: text, offset: $0.offset) })
        }
        isInFile = header.kind == .regular
        guard isInFile else { return }
        files.begin(path, size: header.size)
        packages.begin(path)
    }

    private func scan(_ name: [UInt8]) -> [(match: SecretMatch, offset: Int64)] {
        name.withUnsafeBytes { bytes in
            scanner.matches(in: ScanWindow(bytes: bytes), from: 0, upTo: bytes.count).map {
                ($0, Int64($0.range.lowerBound))
            }
        }
    }

    private mutating func add(_ more: [SecretFinding]) {
        if !more.isEmpty, findings.count < Self.most { findings += more }
    }

    /// A name as archives have it, without `./` and slashes around it.
    static func path(_ name: [UInt8]) -> [UInt8] {
        var path: [UInt8] = []
        path.reserveCapacity(name.count)
        var start = 0
        while start < name.count {
            let end = name[start...].firstIndex(of: UInt8(ascii: "/")) ?? name.count
            if end > start, !(end == start + 1 && name[start] == UInt8(ascii: ".")) {
                if !path.isEmpty { path.append(UInt8(ascii: "/")) }
                path += name[start..<end]
            }
            start = end + 1
        }
        return path
    }
}

/// The digests of some of a layer's files.
package struct LayerChecksums {
    private let wanted: Set<String>
    private var reader = TarReader()
    private var current: (path: String, hasher: FileChecksumHasher)?
    package private(set) var files: [String: FileChecksums] = [:]

    /// - Parameter paths: without slashes at their start.
    package init(_ paths: Set<String>) { wanted = paths }

    /// - Throws: ``Archive/TarError``.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(TarError) {
        var rest = bytes
        while let event = try reader.next(&rest) {
            switch event {
            case .entry(let header):
                let path = String(decoding: LayerScan.path(header.name), as: UTF8.self)
                current = header.kind == .regular && wanted.contains(path) ? (path, FileChecksumHasher()) : nil
            case .content(let piece): current?.hasher.update(piece)
            case .hole: current = nil
            case .endOfEntry:
                if var hasher = current?.hasher, let path = current?.path { files[path] = hasher.finish() }
                current = nil
            case .end: break
            }
        }
    }
}

/// The lists of packages' files that are in a layer.
package struct LayerPackages {
    private var reader = TarReader()
    private var packages = PackageChecksums.Reader()
    private var isInFile = false

    package init() {}

    package var checksums: PackageChecksums { packages.checksums }

    /// - Throws: ``Archive/TarError``.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(TarError) {
        var rest = bytes
        while let event = try reader.next(&rest) {
            switch event {
            case .entry(let header):
                isInFile = header.kind == .regular
                if isInFile { packages.begin(LayerScan.path(header.name)) }
            case .content(let piece): if isInFile { packages.consume(piece) }
            case .endOfEntry: if isInFile { packages.finish() }
            case .hole, .end: break
            }
        }
    }
}

/// What of a layer's paths is decisive for what a lower one has there.
package struct LayerPaths {
    private var reader = TarReader()
    private var entries: Set<String> = []
    private var whiteouts: Set<String> = []
    private var opaque: Set<String> = []

    package init() {}

    /// - Throws: ``Archive/TarError``.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(TarError) {
        var rest = bytes
        while let event = try reader.next(&rest) {
            guard case .entry(let header) = event else { continue }
            let path = LayerScan.path(header.name)
            let slash = path.lastIndex(of: UInt8(ascii: "/"))
            let parent = slash.map { Array(path[..<$0]) } ?? []
            let name = slash.map { Array(path[($0 + 1)...]) } ?? path
            switch Whiteout(name: name) {
            case .opaque: opaque.insert(String(decoding: parent, as: UTF8.self))
            case .entry(let hidden):
                whiteouts.insert(
                    String(decoding: parent.isEmpty ? hidden : parent + [UInt8(ascii: "/")] + hidden, as: UTF8.self))
            case .reserved: break
            case nil: if header.kind != .directory { entries.insert(String(decoding: path, as: UTF8.self)) }
            }
        }
    }

    /// Whether the layer takes away, or puts something else in the place of, what lower ones have at a path.
    package func hides(_ path: String) -> Bool {
        if entries.contains(path) || whiteouts.contains(path) || opaque.contains("") { return true }
        var parent = path[...]
        while let slash = parent.lastIndex(of: "/") {
            parent = parent[..<slash]
            let name = String(parent)
            if whiteouts.contains(name) || opaque.contains(name) || entries.contains(name) { return true }
        }
        return false
    }
}
