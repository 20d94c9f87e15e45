package import LinuxSystem
package import SystemPackage

/// Files that are read by their names: those of whoever calls us, whose links lead where they lead, or those of a context that
/// was fetched, out of which no link leads.
package enum NamedFiles {
    /// A directory of this machine; absolute paths are the machine's.
    case ofPerson(FilePath)
    case fetched(Directory)

    package init(_ context: OpenedContext) throws {
        self = context.directory == nil ? .ofPerson(context.path) : .fetched(try Directory(opening: context.path))
    }

    /// A file's content; nil if there is none.
    ///
    /// - Throws: ``EngineError/unusableFile(path:_:)`` for what is there and cannot be read.
    package func read(_ path: FilePath, limit: Int) throws -> [UInt8]? {
        do {
            switch self {
            case .ofPerson(let folder): return try OwnedDescriptor(opening: folder.pushing(path)).readAll(limit: limit)
            case .fetched(let directory):
                return try directory.openFile(inRoot: Array(path.string.utf8)).readAll(limit: limit)
            }
        } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .notDirectory: return nil
            default: throw EngineError.unusableFile(path: path.string, .reading(error.errno))
            }
        }
    }
}
