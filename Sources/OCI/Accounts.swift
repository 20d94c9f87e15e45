/// The users and groups of an image, from `/etc/passwd` and `/etc/group` (passwd(5), group(5)).
public struct Accounts: Sendable {
    private struct User: Sendable { let name: String, identifier: UInt32, group: UInt32, home: String }
    private struct Group: Sendable { let name: String, identifier: UInt32, members: [String] }

    private let users: [User]
    private let groups: [Group]

    /// Reads both files; lines that are no entries are passed over, as the C library does. Either may be empty.
    public init(passwd: [UInt8], group: [UInt8]) {
        users = Self.lines(passwd).compactMap { fields in
            guard fields.count >= 4, let user = UInt32(fields[2]), let group = UInt32(fields[3]) else { return nil }
            return User(name: fields[0], identifier: user, group: group, home: fields.count > 5 ? fields[5] : "")
        }
        groups = Self.lines(group).compactMap { fields in
            guard fields.count >= 3, let identifier = UInt32(fields[2]) else { return nil }
            let members = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
            return Group(name: fields[0], identifier: identifier, members: members)
        }
    }

    private static func lines(_ bytes: [UInt8]) -> [[String]] {
        bytes.split(separator: 0x0A).map { line in
            line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The identity that a USER instruction or option names.
    public struct Identity: Hashable, Sendable {
        public let user: UInt32
        public let group: UInt32
        /// Of the user's memberships; empty when a group was named.
        public let additionalGroups: [UInt32]
        /// The home directory; `/` when the user has no entry.
        public let home: String
    }

    /// Resolves `user`, `uid`, `user:group`, `uid:gid` and their mixtures, as docker does: a number needs no entry and has
    /// group 0 without one; an empty text is root.
    public func identity(of text: String) throws(AccountError) -> Identity {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let userText = parts.first.flatMap { $0.isEmpty ? nil : $0 } ?? "0"
        let number = UInt32(userText)
        let user = users.first { $0.name == userText } ?? users.first { $0.identifier == number }
        guard let identifier = user?.identifier ?? number else { throw .unknownUser(userText) }
        if parts.count == 2, !parts[1].isEmpty {
            return Identity(
                user: identifier, group: try self.group(parts[1]), additionalGroups: [], home: user?.home ?? "/")
        }
        let additional = user.map { user in
            groups.filter { $0.members.contains(user.name) && $0.identifier != user.group }.map(\.identifier)
        }
        return Identity(
            user: identifier, group: user?.group ?? 0, additionalGroups: additional ?? [], home: user?.home ?? "/")
    }

    /// Resolves the value of `--chown`: without a group the group has the user's number (Dockerfile reference, COPY
    /// --chown).
    public func owner(of text: String) throws(AccountError) -> (user: UInt32, group: UInt32) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let userText = parts.first ?? ""
        let user: UInt32
        if let number = UInt32(userText) {
            user = number
        } else if let entry = users.first(where: { $0.name == userText }) {
            guard parts.count == 2 else { return (entry.identifier, entry.group) }
            user = entry.identifier
        } else {
            throw .unknownUser(userText)
        }
        guard parts.count == 2, !parts[1].isEmpty else { return (user, user) }
        return (user, try group(parts[1]))
    }

    private func group(_ text: String) throws(AccountError) -> UInt32 {
        if let entry = groups.first(where: { $0.name == text }) { return entry.identifier }
        guard let number = UInt32(text) else { throw .unknownGroup(text) }
        return number
    }
}

/// A name that the image's account files do not hold.
public enum AccountError: Error, Hashable, Sendable {
    case unknownUser(String)
    case unknownGroup(String)
}
