/// Files that are known by their names, and by how they begin.
enum NamedFile {
    /// Bytes of a file that are looked at.
    static let headLimit = 64 << 10

    private static let keyNames: Set<String> = [
        "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", "identity",
    ]
    private static let histories: Set<String> = [
        ".bash_history", ".zsh_history", ".sh_history", ".ash_history", ".history", ".python_history",
        ".node_repl_history", ".psql_history",
        ".mysql_history", ".sqlite_history", ".rediscli_history", ".lesshst", "fish_history",
    ]
    private static let environmentSamples = [
        "example", "sample", "template", "dist", "tmpl", "defaults", "default", "schema", "spec", "test",
    ]

    private static let notable: Set<[UInt8]> = Set(
        (Array(keyNames) + Array(histories) + [
            ".env", "credentials", ".htpasswd", ".pgpass", ".my.cnf", ".mylogin.cnf", ".netrc", "_netrc", "auth.conf",
            ".pypirc", ".git-credentials", "config",
        ]).map { Array($0.utf8) })
    private static let notableEnds = [".tfstate", ".tfstate.backup"].map { Array($0.utf8) }
    private static let notableStart = Array(".env.".utf8)
    private static let notableParent = Array("auth.conf.d/".utf8)

    /// Whether the name of a file alone asks for a look at what is in it.
    static func isNotable(_ path: [UInt8]) -> Bool {
        let start = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let name = path[start...]
        return name.starts(with: notableStart) || notable.contains(Array(name))
            || notableEnds.contains { name.suffix($0.count).elementsEqual($0) }
            || path[..<start].suffix(notableParent.count).elementsEqual(notableParent)
    }

    /// Whether key stores begin with a byte.
    static func isNotable(firstByte: UInt8) -> Bool {
        switch firstByte {
        case 0x03, 0x30, 0xFE, 0xCE: true
        default: false
        }
    }

    /// What the name and the first bytes of a file tell, if either is notable.
    ///
    /// - Parameters:
    ///   - path: without a slash at its start.
    ///   - size: bytes of the whole file.
    static func matches(_ path: [UInt8], _ head: [UInt8], size: Int64) -> [SecretMatch] {
        guard size > 0 else { return [] }
        let parts = path.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        guard let name = parts.last else { return [] }
        let parent = parts.dropLast().last ?? ""
        func found(_ rule: SecretRule, _ level: SecretLevel) -> [SecretMatch] {
            [SecretMatch(rule, 0..<0, path, level: level)]
        }
        if let match = keyStore(name, head) { return [match] }
        if keyNames.contains(name), name != "identity" || parent == ".ssh" {
            return isPublicKey(head) ? [] : found(.secretFile, .high)
        }
        if name == ".env" || name.hasPrefix(".env.") && !environmentSamples.contains(where: { name.hasSuffix($0) }) {
            return assignsSomething(head) ? found(.secretFile, .medium) : []
        }
        if histories.contains(name) { return found(.secretFile, .low) }
        switch name {
        case "credentials" where [".aws", ".cargo", ".gem", ".config"].contains(parent) || assignsSomething(head):
            return found(.secretFile, .medium)
        case ".htpasswd", ".pgpass": return head.contains(UInt8(ascii: ":")) ? found(.secretFile, .medium) : []
        case ".my.cnf", ".mylogin.cnf": return password(in: head, [UInt8](".my.cnf".utf8), .secretFile, .medium)
        case ".netrc", "_netrc": return RegistryCredentials.weakNetrc(head)
        case _ where parent == "auth.conf.d" || name == "auth.conf" && parent == "apt":
            return RegistryCredentials.weakNetrc(head)
        case ".pypirc": return password(in: head, path, .pypircPassword, .high)
        case ".git-credentials": return found(.secretFile, .medium)
        case "config" where parent == ".git": return found(.secretFile, .low)
        case _ where name.hasSuffix(".tfstate") || name.hasSuffix(".tfstate.backup"):
            let isState = head.contains(Array("\"terraform_version\"".utf8)) || head.contains(Array("\"lineage\"".utf8))
            return isState && head.contains(Array("\"attributes\"".utf8)) ? found(.terraformState, .high) : []
        default: return []
        }
    }

    private static func isPublicKey(_ head: [UInt8]) -> Bool {
        ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "-----BEGIN PUBLIC KEY", "-----BEGIN CERTIFICATE"].contains {
            head.starts(with: Array($0.utf8))
        }
    }

    /// Whether a line gives a name a value.
    private static func assignsSomething(_ head: [UInt8]) -> Bool {
        head.split(separator: UInt8(ascii: "\n")).contains { line in
            guard line.first != UInt8(ascii: "#"), let equals = line.firstIndex(of: UInt8(ascii: "=")),
                equals > line.startIndex
            else { return false }
            return line[(equals + 1)...].contains {
                !ByteSet.space.contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'")
            }
        }
    }

    /// The values of lines `password = …`.
    private static func password(in head: [UInt8], _ path: [UInt8], _ rule: SecretRule, _ level: SecretLevel)
        -> [SecretMatch]
    {
        head.withUnsafeBytes { bytes in
            let window = ScanWindow(bytes: bytes)
            var matches: [SecretMatch] = []
            var from = 0
            while matches.count < 16, let found = window.first("password", in: from..<bytes.count) {
                from = found + 8
                guard let range = window.assignment(behind: from), range.count >= 4 else { continue }
                let value = window.array(range)
                guard !Placeholder.isManualPassword(value) else { continue }
                matches.append(SecretMatch(rule, found..<range.upperBound, value, level: level))
            }
            return matches
        }
    }

    private static func keyStore(_ name: String, _ head: [UInt8]) -> SecretMatch? {
        let value = Array(head.prefix(512))
        func found() -> SecretMatch { SecretMatch(.keyStore, 0..<0, value) }
        // KeePass.
        if head.starts(with: [0x03, 0xD9, 0xA2, 0x9A]),
            head.dropFirst(4).starts(with: [0x67, 0xFB, 0x4B, 0xB5])
                || head.dropFirst(4).starts(with: [0x65, 0xFB, 0x4B, 0xB5])
        {
            return found()
        }
        let lower = name.lowercased()
        if lower.hasSuffix(".kdbx"), head.starts(with: [0x03, 0xD9, 0xA2, 0x9A]) { return found() }
        // PKCS#12 (RFC 7292): version 3, then content of the type data.
        let type: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
        if head.first == 0x30, Array(head.prefix(64)).contains([0x02, 0x01, 0x03, 0x30]),
            Array(head.prefix(64)).contains(type) || lower.hasSuffix(".p12") || lower.hasSuffix(".pfx")
        {
            return found()
        }
        return hasPrivateEntry(head) ? found() : nil
    }

    /// A Java key store, or one of the JCE's, with an entry that is no certificate: its first tag is 1 or 3.
    private static func hasPrivateEntry(_ head: [UInt8]) -> Bool {
        guard head.starts(with: [0xFE, 0xED, 0xFE, 0xED]) || head.starts(with: [0xCE, 0xCE, 0xCE, 0xCE]),
            head.count >= 16
        else { return false }
        let (bytes, end) = (head, head.count)
        func number(_ place: Int) -> Int {
            place + 4 <= end ? bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } : 0
        }
        func short(_ place: Int) -> Int { place + 2 <= end ? Int(bytes[place]) << 8 | Int(bytes[place + 1]) : 0 }
        var place = 12
        for _ in 0..<min(number(8), 1000) {
            let tag = number(place)
            if tag == 1 || tag == 3 { return true }
            guard tag == 2 else { return false }
            place += 4
            place += 2 + short(place) + 8
            place += 2 + short(place)
            place += 4 + number(place)
            guard place < end else { return false }
        }
        return false
    }
}
