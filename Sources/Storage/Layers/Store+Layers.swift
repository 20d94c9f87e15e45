internal import LinuxSystem
package import OCI
package import SystemPackage

extension Store {
    /// Runs a function that blocks on the file system, away from Swift's cooperative threads.
    package func perform<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await blocking(body)
    }

    /// Mounts a stack of layers for a process to write on.
    ///
    /// - Parameters:
    ///   - stack: from the lowest to the highest; all must be unpacked.
    ///   - files: seen by the process and never part of the layer.
    ///   - bindings: what else the process sees, each at a place that is made for it.
    ///   - directories: made where the layers have none.
    package func mount(
        _ stack: [DiffID], files: [RootFileSystem.HostFile], bindings: [Binding] = [], directories: [ImagePath] = [],
        form: RootFileSystem.Form = .mounted
    ) throws -> RootFileSystem {
        try RootFileSystem(
            stack, .init(files: files, bindings: bindings, directories: directories, form: form), store: self)
    }

    /// Mounts an overlay of directories of the store.
    ///
    /// - Returns: the program that serves it where the kernel keeps overlayfs for root; nil where the kernel does.
    func mount(_ overlay: Mount.Overlay, at target: FilePath) throws -> OverlayProgram? {
        do {
            // Without attributes overlayfs is mounted all the same, and a step fails when it replaces a directory: files of tmpfs
            // have those of an ordinary user since Linux 6.6.
            if let upper = overlay.upper {
                try Directory(opening: upper.work).setExtendedAttribute(
                    Array("\(UserNamespace.attributePrefix)distill".utf8), [], of: [UInt8(ascii: ".")])
            }
            try Mount.overlay(overlay, at: target)
            return nil
        } catch {
            guard error.errno == .notPermitted, !UserNamespace.isInitial, let program = OverlayProgram.find() else {
                throw StorageError.cannotStack(path: path.string, kind: FileSystemKind.of(path), cause: error)
            }
            do { return try OverlayProgram(program, overlay, at: target) } catch {
                throw StorageError.overlayProgramFailed(error)
            }
        }
    }

    /// Makes a layer without a mount.
    ///
    /// - Parameters:
    ///   - digests: what is known of the sources' files; nil if nothing is to be remembered.
    ///   - made: the time of what has none of its own, in seconds since 1970; nil for now, and for the sources' times where
    ///     directories are made on the way.
    package func assembleLayer(
        on base: FileTree, digests: ContextDigests? = nil, made: Int64? = 0, _ body: (LayerAssembler) throws -> Void
    ) throws -> AssembledLayer {
        let directory = try makeTemporaryDirectory()
        let files = Array("fs".utf8)
        try directory.directory.makeDirectory(files)
        let root = try directory.directory.openDirectory(files)
        let assembler = LayerAssembler(root: root, base: base, digests: digests, made: made)
        try body(assembler)
        let facts = try assembler.finish() ?? LayerArchive.identify(root)
        return AssembledLayer(
            facts: facts, digests: assembler.digests, copiedOtherFiles: assembler.copiedOtherFiles, files: directory)
    }

    /// Makes an assembled layer one of the store's.
    package func keep(_ layer: AssembledLayer) throws {
        try layers.publish(layer.files.path.appending("fs"), in: try workspace(), layer.facts, by: .ourselves)
    }

    /// The blobs of a layer that are here, packed or not.
    package func blobs(of layer: DiffID) throws -> [Descriptor] {
        try layers.packedBlobs(layer).map(\.blob).filter { try content.has($0.digest) }
    }

    /// Makes sure that a layer's files are there.
    package func unpack(_ layer: Image.Layer) throws {
        try layers.unpack(layer, from: content, in: try workspace())
    }

    /// A new file in a directory of its own, for something that is fetched.
    package func makeTemporaryFile(named name: [UInt8]) throws -> TemporaryFile {
        let workspace = try workspace()
        let (path, directory) = try workspace.makeDirectory()
        return try TemporaryFile(name, directory, path, workspace)
    }
}

/// A layer that is written, and gone with this value if the store does not keep it.
package struct AssembledLayer: Sendable {
    package let facts: LayerDirectory.Facts
    /// What is known of the sources' files now.
    package let digests: ContextDigests?
    /// Whether files changed, or came to be, since their digests were taken: what was copied counts.
    package let copiedOtherFiles: Bool
    let files: TemporaryDirectory
}

extension Store {
    /// A new directory for something that is fetched or unpacked.
    package func makeTemporaryDirectory() throws -> TemporaryDirectory {
        let workspace = try workspace()
        let (path, directory) = try workspace.makeDirectory()
        return TemporaryDirectory(directory, path, workspace)
    }
}

/// A directory that lives as long as this object.
package final class TemporaryDirectory: Sendable {
    let directory: Directory
    package let path: FilePath
    private let workspace: Workspace

    init(_ directory: Directory, _ path: FilePath, _ workspace: Workspace) {
        (self.directory, self.path, self.workspace) = (directory, path, workspace)
    }

    package var tree: FileTree { FileTree(layers: [directory]) }

    deinit {
        // What stays goes with the workspace.
        try? workspace.remove(path)
    }
}

/// A file that lives as long as this object.
package final class TemporaryFile: Sendable {
    private let descriptor: OwnedDescriptor
    private let directory: Directory
    private let path: FilePath
    private let workspace: Workspace
    private let name: [UInt8]

    init(_ name: [UInt8], _ directory: Directory, _ path: FilePath, _ workspace: Workspace) throws {
        self.name = name
        (self.directory, self.path, self.workspace) = (directory, path, workspace)
        descriptor = try directory.createFile(self.name, mode: 0o600)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws { try descriptor.write(bytes) }

    /// Empties the file.
    package func truncate() throws { try descriptor.truncate() }

    /// The tree that holds this file alone.
    ///
    /// - Parameter seconds: the file's time of modification, since 1970.
    package func tree(modified seconds: Int64) throws -> FileTree {
        try directory.setModified(name, FileTime(seconds: seconds))
        return FileTree(layers: [directory])
    }

    deinit {
        // What stays goes with the workspace.
        try? workspace.remove(path)
    }
}
