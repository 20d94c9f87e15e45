internal import LinuxSystem
package import OCI

/// The first file in which two layers differ, and in what.
package struct FileDifference: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Only one of the layers has it.
        case onlyInFirst, onlyInSecond
        /// One is a directory, a link, a device, the other is not, or not the same device.
        case kind
        /// Permissions.
        case mode(UInt32, UInt32)
        case owner(String, String)
        /// Bytes.
        case size(Int64, Int64)
        /// The first byte that differs, counted from 0.
        case content(offset: Int64)
        case linkTarget(String, String)
        case extendedAttributes
        /// Seconds since 1970.
        case modified(Int64, Int64)
    }

    package let path: ImagePath
    package let kind: Kind
}

extension Store {
    /// Compares the files of two layers, which must be unpacked, in the order of their names.
    ///
    /// - Parameter latest: later times count as this one, in seconds since 1970.
    /// - Returns: nil when nothing differs.
    package func firstDifference(between first: DiffID, and second: DiffID, latest: Int64) throws -> FileDifference? {
        try LayerComparison(latest: latest).roots(layers.openFiles(first), layers.openFiles(second))
    }
}

private struct LayerComparison {
    let latest: Int64

    func roots(_ first: Directory, _ second: Directory) throws -> FileDifference? {
        var pending = [(first: first, second: second, path: ImagePath.root)]
        // Each directory's own entries before those further down.
        while let (first, second, path) = pending.popLast() {
            let names = Set(try first.names()).union(try second.names()).sorted { $0.lexicographicallyPrecedes($1) }
            var directories: [(first: Directory, second: Directory, path: ImagePath)] = []
            for name in names {
                let child = path.appending(name)
                guard let a = try first.status(name) else { return FileDifference(path: child, kind: .onlyInSecond) }
                guard let b = try second.status(name) else { return FileDifference(path: child, kind: .onlyInFirst) }
                if let kind = try difference(a, b, name, first, second) {
                    return FileDifference(path: child, kind: kind)
                }
                if a.kind == .directory { directories.append((first.directory(name), second.directory(name), child)) }
            }
            pending += directories.reversed()
        }
        return nil
    }

    private func difference(
        _ a: FileStatus, _ b: FileStatus, _ name: [UInt8], _ first: Directory, _ second: Directory
    ) throws -> FileDifference.Kind? {
        guard a.kind == b.kind, a.deviceMajor == b.deviceMajor, a.deviceMinor == b.deviceMinor else { return .kind }
        if a.mode != b.mode { return .mode(a.mode, b.mode) }
        if (a.user, a.group) != (b.user, b.group) { return .owner("\(a.user):\(a.group)", "\(b.user):\(b.group)") }
        switch a.kind {
        case .regular:
            if let offset = try firstDifference(first.openFile(name), second.openFile(name)) {
                return .content(offset: offset)
            }
            if a.size != b.size { return .size(a.size, b.size) }
        case .symbolicLink:
            let links = (try first.readLink(name), try second.readLink(name))
            if links.0 != links.1 {
                return .linkTarget(String(decoding: links.0, as: UTF8.self), String(decoding: links.1, as: UTF8.self))
            }
        case .directory, .characterDevice, .blockDevice, .fifo, .socket: break
        }
        let attributes = try [first, second].map { directory in
            try directory.extendedAttributes(name).map { $0.name + [0] + $0.value }.sorted {
                $0.lexicographicallyPrecedes($1)
            }
        }
        if attributes[0] != attributes[1] { return .extendedAttributes }
        let times = (min(latest, a.modified.seconds), min(latest, b.modified.seconds))
        // Nothing in a layer tells the time of a mark.
        return times.0 == times.1 || a.isWhiteout ? nil : .modified(times.0, times.1)
    }

    /// The first byte that differs where both files have one.
    private func firstDifference(_ first: borrowing OwnedDescriptor, _ second: borrowing OwnedDescriptor) throws
        -> Int64?
    {
        let size = 256 << 10
        let a = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
        let b = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
        defer {
            a.deallocate()
            b.deallocate()
        }
        var offset: Int64 = 0
        while true {
            let counts = (try fill(a, from: first), try fill(b, from: second))
            let common = min(counts.0, counts.1)
            if let index = (0..<common).first(where: { a[$0] != b[$0] }) { return offset + Int64(index) }
            if counts.0 != counts.1 || common == 0 { return nil }
            offset += Int64(common)
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, from file: borrowing OwnedDescriptor) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
