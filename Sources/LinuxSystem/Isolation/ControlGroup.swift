internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A control group of a container of ours (cgroups(7)), in each hierarchy that has a limit of it; of the first version or the second.
package final class ControlGroup: Sendable {
    /// A value for a file of the group, under the names that both versions have for it; nil where a version has none.
    package struct Setting: Hashable, Sendable {
        /// `memory`, `cpu`, `cpuset` or `pids`.
        package let controller: String
        package let first: [FileValue]
        package let second: [FileValue]

        package init(_ controller: String, first: [FileValue], second: [FileValue]) {
            (self.controller, self.first, self.second) = (controller, first, second)
        }
    }

    package struct FileValue: Hashable, Sendable {
        package let file: String
        package let value: String

        package init(_ file: String, _ value: String) { (self.file, self.value) = (file, value) }
    }

    /// Why there is none: the call that failed, or that the controller is not there.
    package enum Obstacle: Error, Hashable, Sendable {
        case noController(String)
        case refused(String, SystemCallError)
    }

    private struct Place: Sendable {
        let parent: Directory
        let group: Directory
        /// Ends with this process, however that ends: whoever can take it may remove the group.
        let lock: FileLock
    }

    private let name: [UInt8]
    private let places: [Place]

    /// The directory of hierarchies as it was before something was mounted over it.
    private static let hidden = Mutex<Directory?>(nil)

    /// Keeps a way to the hierarchies open, for what is about to be hidden.
    // no group can be made then
    package static func remember() { hidden.withLock { $0 = try? Directory(opening: "/sys/fs/cgroup") } }

    /// A tree of hierarchies, and what `/proc/PID/cgroup` says of a process's own place in each.
    struct Hierarchies {
        let top: Directory
        let own: [UInt8]

        init(top: Directory, own: [UInt8]) { (self.top, self.own) = (top, own) }

        /// This machine's.
        init() throws(SystemCallError) {
            if let directory = hidden.withLock({ $0 }) {
                top = directory
            } else {
                top = try Directory(opening: "/sys/fs/cgroup")
            }
            own = try Directory(opening: "/proc/self").read(Array("cgroup".utf8)) ?? []
        }
    }

    /// Makes a group below this process's own, or of the whole machine's where the second version lets it be nowhere else.
    ///
    /// - Parameter name: one that no other has.
    package convenience init(named name: String, _ settings: [Setting]) throws(Obstacle) {
        let all: Hierarchies
        do { all = try Hierarchies() } catch { throw .refused(settings.first?.controller ?? "", error) }
        try self.init(named: name, settings, in: all)
    }

    init(named name: String, _ settings: [Setting], in all: Hierarchies) throws(Obstacle) {
        self.name = Array(name.utf8)
        var places: [String: Place] = [:]
        do {
            for setting in settings { try Self.apply(setting, self.name, all, &places) }
        } catch {
            for place in places.values { Self.remove(self.name, from: place.parent) }
            throw error
        }
        self.places = Array(places.values)
    }

    private static func apply(
        _ setting: Setting, _ name: [UInt8], _ all: Hierarchies, _ places: inout [String: Place]
    ) throws(Obstacle) {
        do {
            let top = all.top
            let isSecond = try top.status(Array("cgroup.controllers".utf8)) != nil
            let key = isSecond ? "" : setting.controller
            if places[key] == nil {
                let parent = isSecond ? top : hierarchy(setting.controller, all)
                guard let parent else { throw Obstacle.noController(setting.controller) }
                if isSecond { try write("+\(setting.controller)", "cgroup.subtree_control", parent) }
                places[key] = try place(name, in: parent)
            } else if isSecond {
                try write("+\(setting.controller)", "cgroup.subtree_control", top)
            }
            guard let group = places[key]?.group else { return }
            if !isSecond, setting.controller == "cpuset",
                let memories = try places[key]?.parent.read(Array("cpuset.mems".utf8))
            {
                // A new one has none, and takes no process (cpuset(7)).
                try write(String(decoding: memories.prefix { $0 != 0x0A }, as: UTF8.self), "cpuset.mems", group)
            }
            for value in isSecond ? setting.second : setting.first { try write(value.value, value.file, group) }
        } catch let error as Obstacle { throw error } catch let error as SystemCallError {
            throw .refused(setting.controller, error)
        } catch { throw .noController(setting.controller) }
    }

    private static func place(_ name: [UInt8], in parent: Directory) throws(SystemCallError) -> Place {
        removeAbandoned(from: parent)
        var turns = 0
        while true {
            turns += 1
            do { try parent.makeDirectory(name, mode: 0o755) } catch  where error.errno == .fileExists && turns < 100 {
                // Whoever took it for an abandoned one is about to remove it.
            }
            // Somebody else may have taken it for one that was left behind before it had its lock.
            if try parent.status(name) != nil, let group = try? parent.openDirectory(name),
                let lock = try FileLock.attempt(on: group), try parent.status(name) != nil
            {
                return Place(parent: parent, group: group, lock: lock)
            }
        }
    }

    /// What processes of ours that were killed left: an empty one limits nothing, but they would become ever more.
    private static func removeAbandoned(from parent: Directory) {
        // Best effort, as for one's own.
        for name in (try? parent.names()) ?? [] where name.starts(with: "distill-".utf8) {
            // Its processes may still be ending.
            guard let group = try? parent.openDirectory(name), let lock = try? FileLock.attempt(on: group) else {
                continue
            }
            withExtendedLifetime(lock) { remove(name, from: parent) }
        }
    }

    private static func write(_ text: String, _ file: String, _ directory: Directory) throws(SystemCallError) {
        try directory.openOrCreateFile(Array(file.utf8)).write(Array(text.utf8))
    }

    /// This process's own group in a hierarchy of the first version; nil where the controller has none.
    private static func hierarchy(_ controller: String, _ all: Hierarchies) -> Directory? {
        for line in all.own.split(separator: 0x0A) {
            let fields = String(decoding: line, as: UTF8.self).split(
                separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[1].split(separator: ",").contains(Substring(controller)) else { continue }
            // Mounted under all their names, or under one of them by a link.
            for directory in [String(fields[1]), controller] {
                // In a container the path may be one outside of what is mounted.
                for path in [directory + fields[2], directory] {
                    let name = Array((path.hasSuffix("/") ? String(path.dropLast()) : path).utf8)
                    // under another name, or not mounted
                    if let found = try? all.top.openDirectory(name) { return found }
                }
            }
        }
        return nil
    }

    /// Puts a process in; what it starts from then on is in there too.
    package func add(_ process: Int32) throws(SystemCallError) {
        for place in places { try Self.write(String(process), "cgroup.procs", place.group) }
    }

    /// The files by which a process that is started begins in the group.
    package func entrances() throws(SystemCallError) -> [DescriptorBox] {
        var result: [DescriptorBox] = []
        for place in places {
            result.append(DescriptorBox(try place.group.openOrCreateFile(Array("cgroup.procs".utf8))))
        }
        return result
    }

    /// Whether the kernel has ended a process of the group for want of memory.
    package var hasRunOutOfMemory: Bool {
        for place in places {
            for file in ["memory.events", "memory.oom_control"] {
                // the other version's
                guard let text = try? place.group.read(Array(file.utf8)) ?? nil else { continue }
                for line in text.split(separator: 0x0A) where line.starts(with: "oom_kill ".utf8) {
                    if line.dropFirst("oom_kill ".utf8.count) != [0x30] { return true }
                }
            }
        }
        return false
    }

    /// Removes it; its processes must have ended.
    package func remove() {
        for place in places { Self.remove(name, from: place.parent) }
    }

    /// Best effort: an empty one limits nothing.
    private static func remove(_ name: [UInt8], from parent: Directory) {
        _ = try? parent.withRaw { raw in withCString(name) { unlinkat(raw, $0, AT_REMOVEDIR) } }  // what stays is empty
    }
}
