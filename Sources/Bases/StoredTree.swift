import Archive
package import Inspection
package import LinuxSystem
package import OCI
package import Storage

/// The files of an image in the store, read without unpacking what is an uncompressed archive.
package enum StoredTree {
    package static func open(_ image: Image, in store: Store) throws -> ImageTree {
        ImageTree(layers: try image.layers.map { try layer($0, in: store) })
    }

    private static func layer(_ layer: Image.Layer, in store: Store) throws -> any LayerFiles {
        if try !store.layers.hasFiles(layer.diffID) {
            // An archive whose digest is another than the layer's is not what its image says, or it is packed.
            for blob in layer.blobs where blob.digest == layer.diffID.digest {
                guard try store.content.size(of: blob.digest) != nil else { continue }
                do { return try TarLayer(BlobBytes(slices: store.content.slices(of: blob.digest))) } catch let error
                    as TarError
                    where error.reason == .sparseFile
                {
                    // Unpacked, its files are whole.
                    break
                }
            }
            try store.unpack(layer)
        }
        return DirectoryLayer(directory: try store.layers.openFiles(layer.diffID))
    }
}

/// A blob of the store, read at any place.
package struct BlobBytes: ByteSource {
    package let slices: BlobSlices

    package func read(at offset: Int64, count: Int) throws -> [UInt8] { try slices.read(at: offset, count: count) }
}

/// A layer that the store has unpacked, in overlayfs' format.
package struct DirectoryLayer: LayerFiles {
    private static let opaque = Array((UserNamespace.attributePrefix + "overlay.opaque").utf8)

    package let directory: Directory

    package init(directory: Directory) { self.directory = directory }

    package func entry(at path: ImagePath) throws -> LayerEntry? {
        if path.isRoot { return .directory(isOpaque: false) }
        let name = path.relativeBytes
        guard let status = try directory.status(name) else { return nil }
        switch status.kind {
        case .regular: return .file(mode: status.mode, size: status.size)
        case .directory:
            let mark = try directory.extendedAttribute(Self.opaque, of: name)
            return .directory(isOpaque: mark == [UInt8(ascii: "y")])
        case .symbolicLink: return .symbolicLink(target: try directory.readLink(name))
        case .characterDevice: return status.isWhiteout ? .whiteout : .other
        case .blockDevice, .fifo, .socket: return .other
        }
    }

    package func access(at path: ImagePath) throws -> FileAccess? {
        guard let status = try directory.status(path.isRoot ? [UInt8(ascii: ".")] : path.relativeBytes) else {
            return nil
        }
        switch status.kind {
        case .regular, .directory: return FileAccess(mode: status.mode, user: status.user, group: status.group)
        case .symbolicLink, .characterDevice, .blockDevice, .fifo, .socket: return nil
        }
    }

    package func names(in path: ImagePath) throws -> [[UInt8]] {
        path.isRoot ? try directory.names() : try directory.openDirectory(path.relativeBytes).names()
    }

    package func read(_ path: ImagePath, at offset: Int64, count: Int) throws -> [UInt8] {
        try directory.openFile(path.relativeBytes).read(at: offset, count: count)
    }
}
