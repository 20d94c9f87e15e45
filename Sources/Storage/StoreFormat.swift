package import LinuxSystem

/// The layout of a store, and how an earlier one becomes this one (docs/store.md).
///
/// The file `version` holds a number. A store with a higher one is refused. One with a lower one is brought up step by step
/// when it is opened, under the lock that everything that uses a store holds shared. While that goes on the file reads
/// `FROM>TO`, which is no number to any version of Distill: a binary that knows only FROM refuses the store from then on, and
/// one that finds it later takes up where an interrupted upgrade stopped.
package struct StoreFormat: Sendable {
    /// Changes a store's layout from one number to the next. It may be executed again after an interruption at any place, so
    /// what is done already must do no harm.
    package typealias Step = @Sendable (_ root: Directory) throws -> Void

    package let version: Int
    /// By the number that a step begins at.
    package let steps: [Int: Step]

    package init(version: Int, steps: [Int: Step]) { (self.version, self.steps) = (version, steps) }

    /// What this version of Distill makes and knows. A new layout has the next number, and a step here.
    package static let current = StoreFormat(version: 1, steps: [:])

    private static let file = Array("version".utf8)
    private static let lock = Array("lock".utf8)

    /// How long is waited for commands that use an earlier layout, in milliseconds.
    private static let patience = 3000
    /// How long a command of an earlier version may take from its look at the number to its lock, in milliseconds.
    private static let grace = 100

    /// Makes sure that a store has this layout.
    ///
    /// - Returns: the lock of use, held shared: as long as it is held nobody changes the layout.
    /// - Throws: ``StorageError``.
    func open(_ root: Directory, _ path: String) throws -> FileLock {
        while true {
            if let held = try held(root, path) { return held }
            // Where an upgrade is under way, or was, all hands do the same.
            if let lock = try exclusive(root, path) { try announce(root, path, lock) }
            FileLock.pause(milliseconds: Self.grace)
            if let lock = try exclusive(root, path) { try upgrade(root, path, lock) }
        }
    }

    /// The lock of use on a store of this layout; nil for one that must be brought to it.
    private func held(_ root: Directory, _ path: String) throws -> FileLock? {
        let lock = try FileLock.wait(Self.lock, in: root, mode: .shared)
        if let found = try read(root, path) { return found.isWhole && found.version == version ? lock : nil }
        try write(String(version), root)
        return lock
    }

    /// Makes sure that a store still has this layout, by a process that gave its lock up for a moment.
    func check(_ root: Directory, _ path: String) throws {
        guard let found = try read(root, path), found.isWhole, found.version == version else {
            throw StorageError.unsupportedVersion(path: path, found: try text(root) ?? "none", known: version)
        }
    }

    private struct Found: Equatable {
        let version: Int
        /// Whether no step is under way.
        let isWhole: Bool
    }

    private func text(_ root: Directory) throws -> String? {
        try root.read(Self.file, limit: 64).map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } }
    }

    /// - Returns: nil for a new store.
    private func read(_ root: Directory, _ path: String) throws -> Found? {
        guard let text = try text(root) else { return nil }
        let parts = text.split(separator: ">", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard let first = numbers.first, numbers.count == parts.count, first > 0, numbers.allSatisfy({ $0 <= version }),
            (first..<version).allSatisfy({ steps[$0] != nil })
        else { throw StorageError.unsupportedVersion(path: path, found: text, known: version) }
        return Found(version: first, isWhole: parts.count == 1)
    }

    private func write(_ text: String, _ root: Directory) throws {
        try root.replaceFile(Self.file, with: Array((text + "\n").utf8))
    }

    /// The lock under which a layout is changed; nil where nothing is to be changed any more.
    private func exclusive(_ root: Directory, _ path: String) throws -> FileLock? {
        func isOld() throws -> Bool { try read(root, path).map { !$0.isWhole || $0.version < version } ?? false }
        let lock = try FileLock.attempt(Self.lock, in: root, mode: .exclusive, for: Self.patience, while: isOld)
        guard try isOld() else { return nil }
        guard let lock else { throw StorageError.earlierVersionInUse(path: path) }
        return lock
    }

    /// Keeps binaries of earlier versions out. Those that looked at the number just before, and have no lock yet, get it when
    /// this one is given up, and are waited for.
    private func announce(_ root: Directory, _ path: String, _ lock: FileLock) throws {
        defer { withExtendedLifetime(lock) {} }
        guard let found = try read(root, path), found.isWhole else { return }
        try write("\(found.version)>\(version)", root)
    }

    private func upgrade(_ root: Directory, _ path: String, _ lock: FileLock) throws {
        defer { withExtendedLifetime(lock) {} }
        guard let found = try read(root, path) else { return }
        for number in found.version..<version {
            try steps[number]?(root)
            try write(number + 1 == version ? String(version) : "\(number + 1)>\(version)", root)
        }
    }
}
