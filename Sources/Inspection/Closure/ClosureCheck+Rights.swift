internal import OCI

/// The rights that USER has (path_resolution(7), execve(2)): root may read and search everything, and execute what somebody may.
extension ClosureCheck {
    enum Right: UInt32 {
        case none = 0
        case execute = 1
        case write = 2
        case read = 4
    }

    /// Becomes the user that USER, or a program like gosu, names.
    mutating func takeUser(_ text: String) throws {
        guard !text.isEmpty else {
            process.environment["HOME"] = process.environment["HOME"] ?? "/root"
            return
        }
        let accounts = Accounts(
            passwd: try tree.contents(of: "/etc/passwd") ?? [], group: try tree.contents(of: "/etc/group") ?? [])
        do {
            let identity = try accounts.identity(of: text)
            process.user = .init(
                identifier: identity.user, groups: [identity.group] + identity.additionalGroups, name: text)
            if process.environment["HOME"] == nil { process.environment["HOME"] = identity.home }
        } catch {
            switch error {
            case .unknownUser(let name), .unknownGroup(let name):
                add(.unknownUser(name), name == "nonroot" ? .base("distroless/static") : .numericUser)
            }
        }
    }

    /// WORKDIR is made where it is missing; what is there must be a directory.
    mutating func checkWorkingDirectory() throws {
        guard let node = try tree.lookUp(process.directory) else {
            // What is a link already cannot be made.
            if case .symbolicLink? = try tree.lookUp(process.directory, followsLast: false)?.entry {
                return add(.noDirectory(path: process.directory.description))
            }
            return try checkMadeDirectory()
        }
        // A closed one does not stop it: runtimes go there before they become the user.
        if !node.isDirectory { add(.noDirectory(path: process.directory.description)) }
    }

    /// A directory cannot be made below a file.
    private mutating func checkMadeDirectory() throws {
        var parent = process.directory.parent
        while !parent.isRoot {
            if let node = try tree.lookUp(parent) {
                return node.isDirectory ? () : add(.noDirectory(path: parent.description))
            }
            parent = parent.parent
        }
    }

    /// What is at a path, through links, if the user can get to it and has a right to it.
    func open(_ path: ImagePath, _ right: Right) throws -> Place {
        guard let node = try tree.lookUp(path) else {
            // What the user cannot see is told as what stands in the way only where that is closed.
            return .missing
        }
        if node.isDirectory { return .missing }
        if let obstacle = try obstacle(to: path, node, right) { return .denied(path: path, obstacle: obstacle) }
        return .found(node)
    }

    /// Tells where the user lacks a right to a file.
    mutating func isPermitted(_ node: ImageTree.Node, _ right: Right) throws -> Bool {
        guard let obstacle = try obstacle(to: node.path, node, right) else { return true }
        add(
            .notPermitted(path: node.path.description, obstacle: obstacle.description, user: process.user.name),
            .permission)
        return false
    }

    /// The directory that the user cannot search, or the file itself; nil where nothing stands in the way.
    func obstacle(to path: ImagePath, _ node: ImageTree.Node, _ right: Right) throws -> ImagePath? {
        guard process.user.identifier != 0 else { return nil }
        for way in path == node.path ? [path] : [path, node.path] {
            var prefix = ImagePath.root
            for name in way.components.dropLast() {
                prefix = prefix.appending(name)
                guard let directory = try tree.lookUp(prefix) else { break }
                if try !allows(directory, .execute) { return prefix }
            }
        }
        return try allows(node, right) ? nil : node.path
    }

    /// Whether the user may change a file, or make files in a directory.
    func mayWrite(_ node: ImageTree.Node) throws -> Bool { try process.user.identifier == 0 || allows(node, .write) }

    private func allows(_ node: ImageTree.Node, _ right: Right) throws -> Bool {
        guard right != .none else { return true }
        // A directory that only follows from what is in it is root's, as whoever unpacks the layer makes it.
        let implied = FileAccess(mode: 0o755, user: 0, group: 0)
        guard let access = try tree.access(node) ?? (node.isDirectory ? implied : nil) else { return true }
        let bits =
            access.user == process.user.identifier
            ? access.mode >> 6 : process.user.groups.contains(access.group) ? access.mode >> 3 : access.mode
        return bits & right.rawValue != 0
    }
}
