package import LinuxSystem
internal import Synchronization
package import SystemPackage

/// A directory of this process inside the store, for what is not finished. It goes with the process: what a killed one
/// left is removed by the next that needs a workspace.
package final class Workspace: Sendable {
    package let path: FilePath
    let directory: Directory
    private let parent: Directory
    private let name: [UInt8]
    private let lock: FileLock
    private let counter = Mutex(0)

    /// Where work goes that a store on a read-only medium has no room for; it outlives a restart, for it may be large (hier(7)).
    private static let elsewhere = FilePath("/var/tmp")

    /// Makes a workspace elsewhere, for a store that cannot be written.
    convenience init() throws {
        try self.init(
            in: Directory(opening: Self.elsewhere), path: Self.elsewhere,
            prefix: ".distill-\(ProcessFacts.effectiveUser)-")
    }

    /// Makes a workspace below `parent`, and removes those that belong to no living process.
    ///
    /// - Parameter prefix: what the names of workspaces begin with, where others keep things too.
    init(in parent: Directory, path parentPath: FilePath, prefix: String = "") throws {
        try Self.sweep(parent, prefix)
        while true {
            let name = "\(prefix)\(ProcessFacts.identifier)-\(UInt32.random(in: 0 ... .max))"
            let lockName = Array((name + ".lock").utf8)
            guard let lock = try FileLock.attempt(lockName, in: parent, mode: .exclusive),
                try parent.status(lockName) != nil
            else { continue }
            try parent.makeDirectory(Array(name.utf8), mode: 0o700)
            self.parent = parent
            self.name = Array(name.utf8)
            self.lock = lock
            path = parentPath.appending(name)
            directory = try parent.openDirectory(Array(name.utf8))
            return
        }
    }

    private static func sweep(_ parent: Directory, _ prefix: String) throws {
        // What others gave such a name is theirs.
        let names = try parent.names().filter {
            try $0.starts(with: prefix.utf8) && parent.status($0)?.user == ProcessFacts.effectiveUser
        }
        let suffix = Array(".lock".utf8)
        // A directory whose lock is gone belongs to nobody either: its removal did not end.
        let orphans = Set(names.filter { !$0.ends(with: ".lock") }.map { $0 + suffix }).subtracting(names)
        for lockName in names.filter({ $0.ends(with: ".lock") }) + orphans {
            guard let lock = try FileLock.attempt(lockName, in: parent, mode: .exclusive) else { continue }
            try withExtendedLifetime(lock) {
                try parent.removeTree(lockName.dropLast(".lock".utf8.count))
                try parent.removeFile(lockName)
            }
        }
    }

    /// A new directory with a name of its own.
    package func makeDirectory() throws -> (path: FilePath, directory: Directory) {
        let name = nextName()
        try directory.makeDirectory(Array(name.utf8), mode: 0o755)
        return (path.appending(name), try directory.openDirectory(Array(name.utf8)))
    }

    func nextName() -> String {
        counter.withLock { counter in
            counter += 1
            return String(counter)
        }
    }

    /// Removes a directory that ``makeDirectory()`` made.
    package func remove(_ path: FilePath) throws {
        guard let name = path.lastComponent?.string else { return }
        try directory.removeTree(Array(name.utf8))
    }

    deinit {
        // Best effort: the next workspace sweeps what stays.
        try? parent.removeTree(name)
        try? parent.removeFile(name + Array(".lock".utf8))
    }
}

extension [UInt8] {
    func ends(with suffix: String) -> Bool { self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }

    func dropLast(_ count: Int) -> [UInt8] { Array(self.prefix(Swift.max(0, self.count - count))) }
}
