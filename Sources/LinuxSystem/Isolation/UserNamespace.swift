internal import CLinux
internal import Glibc
internal import Synchronization
package import SystemPackage

/// A namespace in which an ordinary user is root among IDs of their own (user_namespaces(7)): 0 is the user, and 1 and
/// what follows are the subordinate IDs that `/etc/subuid` and `/etc/subgid` give them (subuid(5)).
package enum UserNamespace {
    private static let noted = Mutex<Obstacle?>(nil)

    /// Why this process is in none, or in one with a single ID; nil where it is, or has no need of it.
    package static var obstacle: Obstacle? { noted.withLock { $0 } }

    /// Keeps in mind why there is none, for whoever finds out later that one is needed.
    package static func note(_ obstacle: Obstacle) { noted.withLock { $0 = obstacle } }

    /// Why there is none.
    package enum Obstacle: Error, Hashable, Sendable {
        /// The program that maps IDs is not installed.
        case noProgram(String)
        /// The file gives the user no IDs.
        case noSubordinates(user: String, file: String)
        /// The kernel or its security modules allow no user namespaces.
        case refused(Errno)
        /// The namespace is there, and its IDs could not be mapped: nothing can be done in it, and there is no way back.
        case notMapped
    }

    /// A row of `/etc/subuid`: so many IDs from the first on.
    struct Subordinates: Hashable {
        let first: UInt32
        let count: UInt32
    }

    /// Makes this process root of a namespace in which there is no other ID than its own: enough for files that are all of
    /// one owner. It needs no program and no file; for the rest see ``enter(searchPath:)``.
    package static func enterAlone() throws(Obstacle) {
        let result = distill_enter_single_user_namespace()
        guard result == 0 else { throw result == -1 ? .refused(Errno(rawValue: errno)) : .notMapped }
    }

    /// Makes this process root of a namespace of its own, with a mount namespace in which nothing that it mounts is seen
    /// outside. It must be called before the process has a second thread.
    package static func enter(searchPath: String) throws(Obstacle) {
        let user = geteuid()
        // Users of a directory service are in no file; newuidmap(1) knows them, and judges the name.
        let name = getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? ProcessFacts.environment["USER"] ?? ""
        func command(_ program: String, _ file: String, own: UInt32) throws(Obstacle) -> [String] {
            let places = (searchPath + ":/usr/bin:/bin").split(separator: ":").map {
                FilePath(String($0)).appending(program)
            }
            guard let path = places.first(where: ProcessFacts.isExecutable) else { throw .noProgram(program) }
            let ranges = subordinates(file: file, name: name, user: user)
            guard !ranges.isEmpty else { throw .noSubordinates(user: name.isEmpty ? "\(user)" : name, file: file) }
            return [path.string, "\(getpid())"] + map(own: own, ranges).map(String.init)
        }
        let users = try command("newuidmap", "/etc/subuid", own: user)
        let groups = try command("newgidmap", "/etc/subgid", own: getegid())
        let vectors = [users, groups].map { words in words.map { strdup($0) } + [nil] }
        defer { for pointer in vectors.joined() { free(pointer) } }
        let result = distill_enter_user_namespace(vectors[0], vectors[1])
        guard result == 0 else { throw result == -1 ? .refused(Errno(rawValue: errno)) : .notMapped }
    }

    /// Whether IDs mean here what they mean outside of all namespaces. Not to be asked before ``enter(searchPath:)``.
    package static let isInitial: Bool = rows("uid_map") == [[0, 0, .max]]

    /// Whether a group has an ID here.
    package static func hasGroup(_ group: UInt32) -> Bool {
        rows("gid_map").contains { $0[0] <= group && UInt64(group) < UInt64($0[0]) + UInt64($0[2]) }
    }

    /// The rows of a map in /proc: the first ID inside, the first outside, and the count.
    static func rows(_ name: String) -> [[UInt32]] {
        // Without /proc IDs are taken for those outside: all that depends on it fails then with an error of its own.
        guard let directory = try? Directory(opening: "/proc/self"), let text = try? directory.read(Array(name.utf8))
        else { return [[0, 0, .max]] }
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: " ").compactMap { UInt32($0) } }.filter { $0.count == 3 }
    }

    /// What extended attributes begin with that programs in images neither see nor set: the kernel keeps `trusted` for root
    /// outside of all namespaces, and overlayfs takes `user` in its place (Linux kernel, filesystems/overlayfs.rst).
    package static var attributePrefix: String { isInitial ? "trusted." : "user." }

    /// The words of newuidmap(1) behind the process: for each range its first ID inside, its first outside, and the count.
    static func map(own: UInt32, _ ranges: [Subordinates]) -> [UInt32] {
        var result: [UInt32] = [0, own, 1]
        var next: UInt32 = 1
        for range in ranges {
            // IDs are of 32 bits, and the last one means none.
            let count = min(range.count, UInt32.max - 1 - next)
            guard count > 0 else { break }
            result += [next, range.first, count]
            next += count
        }
        return result
    }

    private static func subordinates(file: String, name: String, user: UInt32) -> [Subordinates] {
        // Without the file nobody has any.
        guard let directory = try? Directory(opening: "/etc"),
            let bytes = try? directory.read(Array(file.dropFirst("/etc/".count).utf8))
        else { return [] }
        return subordinates(String(decoding: bytes, as: UTF8.self), of: [name, "\(user)"])
    }

    /// The rows `NAME:FIRST:COUNT` of a user, by name or number.
    static func subordinates(_ text: String, of names: [String]) -> [Subordinates] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 3, !fields[0].isEmpty, names.contains(fields[0]), let first = UInt32(fields[1]),
                let count = UInt32(fields[2]),
                count > 0
            else { return nil }
            return Subordinates(first: first, count: count)
        }
    }
}
