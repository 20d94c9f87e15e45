package import LinuxSystem
package import OCI

/// Runs what reads something that may be damaged: nil then. This machine's failures are no damage: whoever took them for it
/// would remove what is whole.
func unlessDamaged<Result>(_ body: () throws -> Result) throws -> Result? {
    do { return try body() } catch let error as SystemCallError { throw error } catch { return nil }
}

/// What can go wrong in the store.
package enum StorageError: Error, Sendable {
    /// The store's directory cannot be made or written.
    case cannotOpen(path: String, cause: SystemCallError)
    /// A later version of Distill made the store, or one whose layout is not known any more.
    case unsupportedVersion(path: String, found: String, known: Int)
    /// The store has an earlier version's layout, and cannot be brought to this one's while something uses it.
    case earlierVersionInUse(path: String)
    /// The store was made by another user, or in another user namespace: its files mean something else here.
    case foreignOwner(path: String, user: UInt32)
    case damaged(what: String)
    /// Layers cannot be stacked by overlayfs in the store; `kind` is its file system's, if it has a common name.
    case cannotStack(path: String, kind: FileSystemKind?, cause: SystemCallError)
    /// fuse-overlayfs, which stacks them where the kernel does not do it for an ordinary user, did not mount them.
    case overlayProgramFailed(SystemCallError)
    case layerMissing(DiffID)
    /// A layer's files were not what was written, and nothing here can mend them.
    case layerDamaged(DiffID)
    /// A layer's bytes unpack to something else than its config says.
    case layerMismatch(expected: DiffID, actual: DiffID)
    /// A layer's archive cannot be read, or its entry would leave the root.
    case invalidLayer(DiffID, entry: String, ArchiveFault)
    /// An archive that cannot be unpacked, by its name; that of a build context has none.
    case invalidArchive(name: String?, entry: String, ArchiveFault)
    /// A layer whose archive another program wrote, and of which only the files are left: they do not tell its bytes.
    case archiveLost(DiffID)
    case tooManyLinks(ImagePath)
    case noSuchImage(String)
    case ambiguousImage(String)
    case noSuchFile(ImagePath)
    /// COPY of a directory onto a file, or the reverse.
    case notADirectory(ImagePath)
    /// An archive of ADD holds a name that leads out of the place where it is unpacked.
    case entryLeadsOut(name: String)
}
