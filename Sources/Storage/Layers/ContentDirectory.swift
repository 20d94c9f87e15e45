internal import LinuxSystem
package import OCI
internal import SystemPackage

/// Blobs on disk, one file each, named by their digest.
package final class ContentDirectory: ContentStore {
    private let directory: Directory

    init(directory: Directory) { self.directory = directory }

    private func name(_ digest: Digest) -> [UInt8] { Array("\(digest.algorithm.rawValue)-\(digest.hex)".utf8) }

    package func contains(_ digest: Digest) async throws -> Bool { try has(digest) }

    func has(_ digest: Digest) throws -> Bool { try directory.status(name(digest)) != nil }

    package func read(_ digest: Digest, _ body: (UnsafeRawBufferPointer) throws -> Void) async throws {
        try forEachPiece(of: digest, body)
    }

    /// Reads a blob in pieces of at most 256 KiB.
    package func forEachPiece(of digest: Digest, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try open(digest).forEachPiece(body)
    }

    func open(_ digest: Digest) throws -> OwnedDescriptor {
        do { return try directory.openFile(name(digest)) } catch  where error.errno == .noSuchFileOrDirectory {
            throw ContentError.missing(digest)
        }
    }

    /// A small blob.
    ///
    /// - Throws: ``OCI/ImageFormatError/tooLarge(limit:)``.
    package func bytes(of digest: Digest, limit: Int = DocumentLimit.statement) throws -> [UInt8] {
        let file = try open(digest)
        guard try file.status().size <= Int64(limit) else { throw ImageFormatError.tooLarge(limit: limit) }
        return try file.readAll(limit: limit)
    }

    /// Bytes of a blob; nil if it is not there.
    package func size(of digest: Digest) throws -> Int64? { try directory.status(name(digest))?.size }

    /// Stores a small blob.
    @discardableResult
    package func put(_ bytes: [UInt8]) throws -> Digest {
        let digest = Digest(sha256: bytes)
        if try !has(digest) { try directory.replaceFile(name(digest), with: bytes) }
        return digest
    }

    package func writer() async throws -> any ContentWriter { try makeWriter() }

    package func makeWriter() throws -> BlobWriter { try makeWriter(.synchronized) }

    func makeWriter(_ durability: Durability) throws -> BlobWriter {
        try BlobWriter(directory: directory, durability: durability, name: name)
    }

    /// Moves a blob here that another directory of the same store has.
    package func take(_ digest: Digest, from other: ContentDirectory) throws {
        guard try !has(digest) else { return }
        do { try other.directory.rename(name(digest), to: name(digest), in: directory) } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            // Another process may have moved it since we looked.
            guard try has(digest) else { throw ContentError.missing(digest) }
        }
    }

    func remove(_ digest: Digest) throws { try directory.removeFile(name(digest)) }

    /// The digests of all blobs, in no order that means anything.
    func all() throws -> [Digest] {
        try directory.names().compactMap { name in
            let parts = String(decoding: name, as: UTF8.self).split(separator: "-", maxSplits: 1).map(String.init)
            guard parts.count == 2, let algorithm = Digest.Algorithm(rawValue: parts[0]) else { return nil }
            return try? Digest(algorithm: algorithm, hex: parts[1])  // a file of another name is no blob
        }
    }

    /// Removes what writers of dead processes left.
    func sweep() throws {
        for name in try directory.names() where name.first == UInt8(ascii: ".") {
            let owner = name.dropFirst().prefix { $0 != UInt8(ascii: "-") }
            guard let process = Int32(String(decoding: owner, as: UTF8.self)), !ProcessSignal.exists(process) else {
                continue
            }
            try directory.removeFile(name)
        }
    }
}

/// A blob that is being written into a temporary file.
package final class BlobWriter: ContentWriter {
    private let directory: Directory
    private let temporary: [UInt8]
    private let file: OwnedDescriptor
    private let name: (Digest) -> [UInt8]
    private let durability: Durability
    private var hasher = ContentHasher()
    private var size: Int64 = 0
    private var isCommitted = false

    init(directory: Directory, durability: Durability, name: @escaping (Digest) -> [UInt8]) throws {
        self.directory = directory
        self.durability = durability
        self.name = name
        temporary = ProcessFacts.temporaryName
        file = try directory.createFile(temporary)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        hasher.update(bytes)
        size += Int64(bytes.count)
        try file.write(bytes)
    }

    package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// Reads what was written, also after the blob has its name.
    func reader() throws -> BlobSlices { BlobSlices(try directory.openFile(temporary)) }

    /// Bytes that were written.
    var written: Int64 { size }

    package func commit(expecting: Digest?) throws -> (digest: Digest, size: Int64) {
        var digest = hasher.finalize()
        hasher = ContentHasher()
        if let expecting, expecting.algorithm != .sha256 { digest = try written(as: expecting.algorithm) }
        if let expecting, expecting != digest { throw ContentError.digestMismatch(expected: expecting, actual: digest) }
        if durability == .synchronized { try file.synchronize() }
        try directory.rename(temporary, to: name(digest), in: directory)
        isCommitted = true
        return (digest, size)
    }

    /// Reads what was written once more, for a digest that somebody else chose.
    private func written(as algorithm: Digest.Algorithm) throws -> Digest {
        var hasher = DigestHasher(algorithm)
        try directory.openFile(temporary).forEachPiece { hasher.update($0) }
        return hasher.finalize()
    }

    deinit {
        // Best effort: what stays is swept by `system prune`.
        if !isCommitted { try? directory.removeFile(temporary) }
    }
}
