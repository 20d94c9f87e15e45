internal import LinuxSystem
package import OCI
internal import SystemPackage

/// What is known of layers and images as places of secrets: verdicts by diffID, and which instructions made an image's layers. It is
/// made with the first note, and each goes with what it is about.
package final class SecretNoteDirectory: Sendable {
    private let root: Directory
    private static let name = Array("secrets".utf8)
    private static let limit = 16 << 20

    init(root: Directory) { self.root = root }

    /// What a note is about.
    package enum Subject: Hashable, Sendable {
        /// A layer, as one of the Dockerfile's own instructions or as one of a base.
        case layer(DiffID, isOwn: Bool)
        case image(Digest)

        var name: [UInt8] {
            switch self {
            case .layer(let layer, true): Array("own-\(layer.digest.hex)".utf8)
            case .layer(let layer, false): Array("base-\(layer.digest.hex)".utf8)
            case .image(let id): Array("image-\(id.hex)".utf8)
            }
        }
    }

    /// - Returns: nil when there is nothing that can be read.
    package func load(_ subject: Subject) throws -> JSON? {
        guard let directory = try directory(), let bytes = try directory.read(subject.name, limit: Self.limit) else {
            return nil
        }
        return try? JSON.parse(bytes)  // damaged: as if it were not there
    }

    /// Nothing is kept where nothing can be written.
    package func save(_ note: JSON, about subject: Subject) throws {
        do {
            try root.ensureDirectory(Self.name, mode: 0o700)
            try root.openDirectory(Self.name).replaceFile(subject.name, with: note.bytes, .recoverable)
        } catch  where error.errno == .readOnlyFileSystem {
            // It is found out anew the next time.
        }
    }

    private func directory() throws -> Directory? {
        do { return try root.openDirectory(Self.name) } catch  where error.errno == .noSuchFileOrDirectory {
            return nil
        }
    }

    /// Removes the notes about all but some layers and images, and what a killed command left.
    func keep(layers: Set<DiffID>, images: Set<Digest>) throws {
        guard let directory = try directory() else { return }
        let kept = Set(
            layers.flatMap { [Subject.layer($0, isOwn: true).name, Subject.layer($0, isOwn: false).name] }
                + images.map { Subject.image($0).name })
        for name in try directory.names() where !kept.contains(name) { try directory.removeTree(name) }
    }
}
