internal import Archive

extension RootComposer {
    /// Bytes; the kernel opens no longer path (path_resolution(7)).
    private static let pathLimit = 4095

    /// Starts a package; its events follow.
    mutating func begin(_ package: BinaryPackage) {
        packages.append(package)
        unpacked.append(UnpackedPackage(package: package))
        withheld.removeAll(keepingCapacity: true)
        current = nil
    }

    mutating func consume(_ event: DebEvent) throws {
        switch event {
        case .control(let control): try setControl(control)
        case .data(.entry(let header)):
            do { try add(header) } catch is RootTree.Defect { throw defect(.hostilePath(Self.text(header.name))) }
        case .data(.content(let piece)):
            current?.checksum?.update(piece)
            try capture(piece)
            if current?.isWritten ?? false { try layer.write(piece) }
        case .data(.endOfEntry): endEntry()
        case .data(.hole), .data(.end): return
        }
    }

    private mutating func setControl(_ control: ControlArchive) throws {
        guard let package = packages.last else { return }
        let (name, version) = (control.paragraph["Package"] ?? "", control.paragraph["Version"] ?? "")
        guard name == package.name, version == package.version.description else {
            throw defect(.otherPackage("\(name)=\(version)"))
        }
        unpacked[unpacked.count - 1].setControl(control)
    }

    private mutating func endEntry() {
        guard let entry = current else { return }
        if entry.isWritten { layer.endEntry() }
        if let checksum = entry.checksum { unpacked[unpacked.count - 1].checksums[entry.path] = checksum.finalize() }
        current = nil
    }

    private mutating func add(_ header: TarHeader) throws {
        var names = try relativeComponents(header.name)
        let path = [UInt8(ascii: "/")] + names.joined(separator: [UInt8(ascii: "/")])
        unpacked[unpacked.count - 1].paths.append(names.isEmpty ? Array("/.".utf8) : path)
        current = Entry(isWritten: false, path: path)
        if header.kind == .regular { beginCapture(path) }
        guard let name = names.popLast() else { return }
        if filter.excludes(path) {
            if header.kind == .directory { withheld[path] = header }
            return
        }
        let parent = try directory(names, mode: 0o755)
        switch header.kind {
        case .directory: try addDirectory(header, name, parent)
        case .regular, .symbolicLink, .hardLink, .fifo, .characterDevice, .blockDevice:
            try addEntry(header, name, parent, path)
        case .unknown: throw defect(.unsupportedEntry(Self.text(header.name)))
        }
    }

    private mutating func addDirectory(_ header: TarHeader, _ name: [UInt8], _ parent: Int) throws {
        if let existing = tree.child(name, of: parent) {
            switch tree[existing].content {
            case .directory: return
            case .symbolicLink: _ = try directory(Self.components(tree.path(of: existing)), mode: header.mode)
            case .file, .other: throw conflict(existing, header.name)
            }
            return
        }
        let id = tree.add(name, to: parent, .directory(children: [:]), owner: packages.count - 1)
        try write(header, directory: id)
    }

    private mutating func addEntry(_ header: TarHeader, _ name: [UInt8], _ parent: Int, _ path: [UInt8]) throws {
        if let existing = tree.child(name, of: parent), try keeps(existing, against: header) { return }
        if isReplaced(name, parent) { return }
        var header = header
        let content: RootTree.Content
        switch header.kind {
        case .symbolicLink: content = .symbolicLink(target: header.linkName)
        case .regular: content = .file
        case .hardLink:
            header.linkName = try linkTarget(header)
            content = .file
        case .fifo, .characterDevice, .blockDevice, .directory, .unknown: content = .other
        }
        let id = tree.add(name, to: parent, content, owner: packages.count - 1)
        header.name = tree.path(of: id)
        let isConfiguration = unpacked.last?.configurationFiles.contains(path) ?? false
        let isCaptured = current?.isCaptured ?? false
        current = Entry(isWritten: true, path: path, checksum: isConfiguration ? MD5() : nil, isCaptured: isCaptured)
        try nameDirectories(above: parent)
        try layer.begin(header)
    }

    /// Whether the recipe has something of its own at a path that a package ships.
    private func isReplaced(_ name: [UInt8], _ parent: Int) -> Bool {
        guard !recipePaths.isEmpty else { return false }
        let directory = tree.path(of: parent)
        let path = directory.isEmpty ? name : directory + [UInt8(ascii: "/")] + name
        guard let own = recipePaths[path] else { return false }
        if case .directory = own.content { return false }
        return true
    }

    /// Whether what is at a path stays there, and an entry for it is dropped.
    ///
    /// - Throws: ``DebianError/fileConflict(path:first:second:)`` when two packages claim it.
    private func keeps(_ existing: Int, against header: TarHeader) throws(DebianError) -> Bool {
        let node = tree[existing]
        if case .symbolicLink(let target) = node.content, header.kind == .symbolicLink, target == header.linkName {
            return true
        }
        // dpkg never puts a link in the place of a directory.
        if case .directory = node.content, header.kind == .symbolicLink { return true }
        // What we made stays. Packages come in such an order that whoever replaces another was there before it.
        guard let package = packages.last, let owner = node.owner else { return true }
        if packages[owner].replaces.contains(where: { package.satisfies($0) }) { return true }
        throw conflict(existing, header.name)
    }

    private func linkTarget(_ header: TarHeader) throws -> [UInt8] {
        let walk = try tree.walk(try relativeComponents(header.linkName))
        guard walk.missing.isEmpty, case .file = tree[walk.node].content else {
            throw defect(.unsupportedEntry(Self.text(header.name)))
        }
        return tree.path(of: walk.node)
    }

    /// The names of a path in a package, which must be relative and stay below the root.
    private func relativeComponents(_ path: [UInt8]) throws(DebianError) -> [[UInt8]] {
        let names = Self.components(path)
        guard path.count <= Self.pathLimit, path.first != UInt8(ascii: "/"),
            !names.contains(where: { $0.elementsEqual("..".utf8) })
        else {
            throw defect(.hostilePath(Self.text(path)))
        }
        return names
    }

    func defect(_ reason: DebianError.PackageDefect) -> DebianError {
        .invalidPackage(package: packages.last?.name ?? "", reason: reason)
    }

    private func conflict(_ existing: Int, _ name: [UInt8]) -> DebianError {
        let owner = tree[existing].owner.map { packages[$0].name } ?? ""
        return .fileConflict(path: Self.text(name), first: owner, second: packages.last?.name ?? "")
    }

    private static func text(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }
}
