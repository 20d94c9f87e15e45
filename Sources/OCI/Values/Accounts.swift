/// The users and groups of an image, from `/etc/passwd` and `/etc/group` (passwd(5), group(5)).
package struct Accounts: Sendable {
    private struct User: Sendable { let name: String, identifier: UInt32, group: UInt32, home: String }
    private struct Group: Sendable { let name: String, identifier: UInt32, members: [String] }

    private let users: [User]
    private let groups: [Group]

    /// Reads both files; lines that are no entries are passed over, as the C library does. Either may be empty.
    package init(passwd: [UInt8], group: [UInt8]) {
        users = Self.lines(passwd).compactMap { fields in
            guard fields.count >= 4, let user = Self.identifier(fields[2]), let group = Self.identifier(fields[3])
            else { return nil }
            return User(name: fields[0], identifier: user, group: group, home: fields.count > 5 ? fields[5] : "")
        }
        groups = Self.lines(group).compactMap { fields in
            guard fields.count >= 3, let identifier = Self.identifier(fields[2]) else { return nil }
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
    package struct Identity: Hashable, Sendable {
        package let user: UInt32
        package let group: UInt32
        /// The supplementary groups. The main group is among them, so that a set-group-ID program cannot drop it
        /// (CVE-2022-36109).
        package var additionalGroups: [UInt32]
        /// The home directory; `/` when the user has no entry.
        package let home: String
    }

    /// Resolves `user`, `uid`, `user:group`, `uid:gid` and their mixtures, as docker does: a number needs no entry and has
    /// group 0 without one; an empty text is root. Memberships count where no group is named.
    package func identity(of text: String) throws(AccountError) -> Identity {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let userText = parts.first.flatMap { $0.isEmpty ? nil : $0 } ?? "0"
        let number = Self.number(userText)
        // A number is never a name.
        let user = users.first { number == nil ? $0.name == userText : $0.identifier == number }
        guard let identifier = user?.identifier ?? number else { throw .unknownUser(userText) }
        let home = user?.home ?? "/"
        if parts.count == 2, !parts[1].isEmpty {
            let group = try self.group(parts[1])
            return Identity(user: identifier, group: group, additionalGroups: [group], home: home)
        }
        let main = user?.group ?? 0
        let memberships = user.map { user in groups.filter { $0.members.contains(user.name) }.map(\.identifier) } ?? []
        var additional = [main]
        for group in memberships where !additional.contains(group) { additional.append(group) }
        return Identity(user: identifier, group: main, additionalGroups: additional, home: home)
    }

    /// Resolves the value of `--chown` (Dockerfile reference, COPY --chown): a number alone is the group's too, a name alone
    /// has the group of its entry. A half that is empty is 0.
    package func owner(of text: String) throws(AccountError) -> (user: UInt32, group: UInt32) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let userText = parts.first ?? ""
        var owner: (user: UInt32, group: UInt32)
        if userText.isEmpty {
            owner = (0, 0)
        } else if let number = Self.number(userText) {
            owner = (number, parts.count == 2 ? 0 : number)
        } else if let entry = users.first(where: { $0.name == userText }) {
            owner = (entry.identifier, parts.count == 2 ? 0 : entry.group)
        } else {
            throw .unknownUser(userText)
        }
        if parts.count == 2, !parts[1].isEmpty { owner.group = try group(parts[1]) }
        return owner
    }

    /// Digits alone: a sign makes it a name.
    private static func number(_ text: String) -> UInt32? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? identifier(text) : nil
    }

    /// The greatest one is nobody's: setuid(2) and chown(2) take it for "as it is", which is root where they are called.
    private static func identifier(_ text: String) -> UInt32? { UInt32(text).flatMap { $0 == .max ? nil : $0 } }

    private func group(_ text: String) throws(AccountError) -> UInt32 {
        if let entry = groups.first(where: { $0.name == text }) { return entry.identifier }
        guard let number = Self.number(text) else { throw .unknownGroup(text) }
        return number
    }
}

/// A name that the image's account files do not hold.
package enum AccountError: Error, Hashable, Sendable {
    case unknownUser(String)
    case unknownGroup(String)
}
