extension RegistryRules {
    /// What a file says, and the settings in it that mean nothing here.
    package struct Reading: Hashable, Sendable {
        package var rules = RegistryRules()
        package var unknown: [UnknownSetting] = []
    }

    package struct UnknownSetting: Hashable, Sendable {
        /// Counted from one.
        package let line: Int
        package let name: String
    }

    /// Reads `registries.conf`, version 2, and the lists of version 1 (containers-registries.conf(5)).
    package static func reading(_ text: String) throws(RegistryRulesError) -> Reading {
        // Nobody has more to say of registries.
        guard text.utf8.count <= 1 << 20 else { throw RegistryRulesError(line: 1) }
        let document: TOMLTable
        do { document = try TOMLReader.table(text) } catch { throw RegistryRulesError(line: error.line) }
        var reader = RulesReader()
        try reader.read(document)
        return reader.reading
    }

    package init(parsing text: String) throws(RegistryRulesError) { self = try Self.reading(text).rules }
}

/// A line that is not as `registries.conf` wants it, counted from one.
package struct RegistryRulesError: Error, Hashable, Sendable {
    package let line: Int
}

/// What the tables of a file mean.
private struct RulesReader {
    var reading = RegistryRules.Reading()

    private typealias Member = TOMLTable.Member

    mutating func read(_ document: TOMLTable) throws(RegistryRulesError) {
        for member in document.members {
            switch member.key {
            case "unqualified-search-registries": reading.rules.searched = try names(member)
            case "credential-helpers": reading.rules.credentialHelpers = try texts(member)
            case "short-name-mode":
                guard let mode = RegistryRules.ShortNames(rawValue: try text(member)) else { throw error(member) }
                reading.rules.shortNames = mode
            case "aliases":
                for alias in try table(member).members { reading.rules.aliases[alias.key] = try name(alias) }
            case "registry":
                for table in try tables(member) { try registry(table) }
            case "registries":
                for list in try table(member).members { try oldList(list) }
            default: note(member, in: "")
            }
        }
    }

    private mutating func registry(_ table: TOMLTable) throws(RegistryRulesError) {
        var rule = RegistryRules.Rule(prefix: "")
        var mirrors: [RegistryRules.Mirror] = []
        var isByDigest = false
        for member in table.members {
            switch member.key {
            case "prefix": rule.prefix = try name(member)
            case "location": rule.location = try name(member)
            case "insecure": rule.isInsecure = try flag(member)
            case "blocked": rule.isBlocked = try flag(member)
            case "mirror-by-digest-only": isByDigest = try flag(member)
            case "mirror":
                for table in try tables(member) { mirrors.append(try mirror(table)) }
            default: note(member, in: "registry.")
            }
        }
        // Either the registry says it of all its mirrors, or each mirror of itself.
        if isByDigest, mirrors.contains(where: { $0.use != nil }) { throw error(table) }
        if isByDigest { for index in mirrors.indices { mirrors[index].use = .digests } }
        rule.mirrors = mirrors.filter { !$0.location.isEmpty }
        if rule.location?.isEmpty == true { rule.location = nil }
        if rule.prefix.isEmpty { rule.prefix = rule.location ?? "" }
        guard !rule.prefix.isEmpty else { throw error(table) }
        reading.rules.rules.append(rule)
    }

    private mutating func mirror(_ table: TOMLTable) throws(RegistryRulesError) -> RegistryRules.Mirror {
        var mirror = RegistryRules.Mirror(location: "")
        for member in table.members {
            switch member.key {
            case "location": mirror.location = try name(member)
            case "insecure": mirror.isInsecure = try flag(member)
            case "pull-from-mirror":
                let word = try text(member)
                guard word.isEmpty || RegistryRules.Mirror.Use(rawValue: word) != nil else { throw error(member) }
                mirror.use = RegistryRules.Mirror.Use(rawValue: word)
            default: note(member, in: "registry.mirror.")
            }
        }
        return mirror
    }

    /// Version 1: `[registries.search]`, `[registries.insecure]` and `[registries.block]`, each with `registries = […]`.
    private mutating func oldList(_ member: Member) throws(RegistryRulesError) {
        guard ["search", "insecure", "block"].contains(member.key) else { return note(member, in: "registries.") }
        for list in try table(member).members {
            guard list.key == "registries" else {
                note(list, in: "registries.\(member.key).")
                continue
            }
            let names = try names(list)
            if member.key == "search" {
                reading.rules.searched = names
            } else {
                for name in names {
                    var rule = RegistryRules.Rule(prefix: name)
                    (rule.isInsecure, rule.isBlocked) = (member.key == "insecure", member.key == "block")
                    reading.rules.rules.append(rule)
                }
            }
        }
    }

    private mutating func note(_ member: Member, in path: String) {
        reading.unknown.append(RegistryRules.UnknownSetting(line: member.line, name: path + member.key))
    }

    private func error(_ member: Member) -> RegistryRulesError { RegistryRulesError(line: member.line) }

    private func error(_ table: TOMLTable) -> RegistryRulesError {
        RegistryRulesError(line: table.members.first?.line ?? 1)
    }

    private func text(_ member: Member) throws(RegistryRulesError) -> String {
        guard case .text(let text) = member.value else { throw error(member) }
        return text
    }

    /// A registry, or a registry and a path: no URL, and no white space or the like, which no name has.
    private func name(_ member: Member) throws(RegistryRulesError) -> String {
        guard let name = Self.name(try text(member)) else { throw error(member) }
        return name
    }

    private static func name(_ text: String) -> String? {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#%\"\\".utf8.contains($0) }
        guard isPlain, !text.contains("://") else { return nil }
        var name = text[...]
        while name.hasSuffix("/") { name.removeLast() }
        return String(name)
    }

    private func flag(_ member: Member) throws(RegistryRulesError) -> Bool {
        guard case .flag(let flag) = member.value else { throw error(member) }
        return flag
    }

    private func table(_ member: Member) throws(RegistryRulesError) -> TOMLTable {
        guard case .table(let table) = member.value else { throw error(member) }
        return table
    }

    private func tables(_ member: Member) throws(RegistryRulesError) -> [TOMLTable] {
        guard case .list(let list) = member.value else { throw error(member) }
        var tables: [TOMLTable] = []
        for value in list {
            guard case .table(let table) = value else { throw error(member) }
            tables.append(table)
        }
        return tables
    }

    private func texts(_ member: Member) throws(RegistryRulesError) -> [String] {
        guard case .list(let list) = member.value else { throw error(member) }
        var texts: [String] = []
        for value in list {
            guard case .text(let text) = value else { throw error(member) }
            texts.append(text)
        }
        return texts
    }

    private func names(_ member: Member) throws(RegistryRulesError) -> [String] {
        var names: [String] = []
        for text in try texts(member) {
            guard let name = Self.name(text), !name.isEmpty else { throw error(member) }
            names.append(name)
        }
        return names
    }
}
