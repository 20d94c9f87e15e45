internal import LinuxSystem
package import OCI
internal import Synchronization
internal import SystemPackage

/// Which files can be taken for a layer's.
///
/// A name reaches the disk before the bytes of its file do: after a power cut a layer that was just made is there with files that
/// are empty. Waiting for the disk costs a small step more than everything else that it does, so a layer notes under which boot of
/// the machine its files were written, and the first use under another boot reads them once. A store that another program
/// copied is seen by the inode of each layer's directory: cp(1) can lose whiteouts, owners and attributes.
extension LayerDirectory {
    /// Whether a layer's files are there, and are what they should be as far as can be told.
    ///
    /// Damaged ones are taken away: they are unpacked, fetched or made again then, as if they had never been there.
    package func hasFiles(_ layer: DiffID) throws -> Bool {
        guard let inode = try inode(layer) else { return false }
        if try isTrusted(layer, inode) { return true }
        let lock = try FileLock.wait(Array("layers.lock".utf8), in: root, mode: .exclusive)
        return try withExtendedLifetime(lock) {
            // Another process may have looked meanwhile.
            guard let inode = try self.inode(layer) else { return false }
            return try isTrusted(layer, inode) || verify(layer, inode)
        }
    }

    /// Whether files are there, damaged or not.
    func hasAnyFiles(_ layer: DiffID) throws -> Bool { try inode(layer) != nil }

    private func inode(_ layer: DiffID) throws -> UInt64? {
        try directory.status(name(layer) + [UInt8(ascii: "/")] + Self.filesName)?.inode
    }

    /// Why a layer has no files.
    func missing(_ layer: DiffID) -> StorageError { isDamaged(layer) ? .layerDamaged(layer) : .layerMissing(layer) }

    func isDamaged(_ layer: DiffID) -> Bool { damaged.withLock { $0.contains(layer) } }

    /// The layers that were found damaged since the store was opened.
    var damagedLayers: Set<DiffID> { damaged.withLock { $0 } }

    private func isTrusted(_ layer: DiffID, _ inode: UInt64) throws -> Bool {
        if let origin = try info(layer)?.origin {
            let isOfThisBoot = origin.boot == nil || boot == nil || origin.boot == boot
            if isOfThisBoot, origin.inode == nil || origin.inode == inode { return true }
        }
        return verified.withLock { $0.contains(layer) }
    }

    private func verify(_ layer: DiffID, _ inode: UInt64) throws -> Bool {
        guard let actual = try filesAreRight(layer) else {
            damaged.withLock { _ = $0.insert(layer) }
            do { try discardFiles(layer) } catch let error as SystemCallError where error.errno == .readOnlyFileSystem {
                throw StorageError.layerDamaged(layer)
            }
            return false
        }
        try noteVerified(actual, inode)
        return true
    }

    private func discardFiles(_ layer: DiffID) throws {
        try directory.openDirectory(name(layer)).discardTree(Self.filesName)
    }

    /// Notes that files are those of their layer.
    func noteVerified(_ info: LayerInfo, _ inode: UInt64) throws {
        var info = info
        // What was written since the machine started may still not be on its disk.
        let origin = LayerInfo.Origin(boot: info.origin.boot == boot ? boot : nil, inode: inode)
        if info.origin == origin { return }
        info.origin = origin
        do { try write(info) } catch let error as SystemCallError where error.errno == .readOnlyFileSystem {
            verified.withLock { _ = $0.insert(info.facts.diffID) }
        }
    }

    func noteVerified(_ layer: DiffID) throws {
        if let info = try info(layer), let inode = try inode(layer) { try noteVerified(info, inode) }
    }

    /// Reads a layer's files.
    ///
    /// - Returns: what is known of the layer; nil if they are another's, or nothing tells.
    private func filesAreRight(_ layer: DiffID) throws -> LayerInfo? {
        let known = try info(layer)
        let actual: Facts
        do { actual = try LayerArchive.identify(openFiles(layer)) } catch StorageError.damaged { return nil }
        if actual.diffID == layer {
            return LayerInfo(facts: actual, author: .ourselves, comparedContent: nil, origin: known?.origin ?? .unknown)
        }
        // The archive of another program: its files do not tell its bytes.
        guard let known, known.author == .unknown else { return nil }
        if let compared = known.comparedContent { return compared == actual.content ? known : nil }
        // Where it can be unpacked once more, that is done; else a file that was cut off shows in the sum.
        if try sources(layer).contains(where: { try content.has($0.digest) }) { return nil }
        return known.facts.size == actual.size ? known : nil
    }
}
