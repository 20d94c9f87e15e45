/// What of a repository is to be checked out.
struct GitTarget: Hashable {
    enum Place: Hashable {
        /// Its full name, such as refs/heads/main.
        case reference(String)
        /// A commit's whole name, or the beginning of one.
        case commit(String)
    }

    let place: Place
    /// Whether objects have names of 64 digits (gitformat-hash(5)): an empty repository must be told so before.
    let isSHA256: Bool

    /// A whole name needs no question to the server.
    init?(wholeCommit text: String) {
        guard Self.isWhole(text) else { return nil }
        self.init(place: .commit(text.lowercased()), isSHA256: text.utf8.count == 64)
    }

    private init(place: Place, isSHA256: Bool) { (self.place, self.isSHA256) = (place, isSHA256) }

    /// What a name means among the references that a server lists (git-ls-remote(1), with `--symref`): a branch comes before a tag.
    ///
    /// - Parameter name: nil for the repository's own choice.
    /// - Returns: nil if there is no such reference, and it cannot be the beginning of a commit's name.
    init?(_ name: String?, in listing: String) {
        var commits: [Substring: Substring] = [:]
        var headBranch: Substring?
        for line in listing.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 1)
            guard fields.count == 2 else { continue }
            if fields[0].hasPrefix("ref: ") {
                if fields[1] == "HEAD" { headBranch = fields[0].dropFirst("ref: ".count) }
            } else {
                commits[fields[1]] = fields[0]
            }
        }
        let isSHA256 = commits.values.contains { $0.utf8.count == 64 }
        guard let name, name != "HEAD" else {
            guard commits["HEAD"] != nil else { return nil }
            self.init(place: .reference(headBranch.map(String.init) ?? "HEAD"), isSHA256: isSHA256)
            return
        }
        let candidates =
            (name.hasPrefix("refs/") ? [name] : []) + ["refs/heads/", "refs/tags/", "refs/"].map { $0 + name }
        if let found = candidates.first(where: { commits[Substring($0)] != nil }) {
            self.init(place: .reference(found), isSHA256: isSHA256)
        } else if (4...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isDigit) {
            self.init(place: .commit(name.lowercased()), isSHA256: isSHA256)
        } else {
            return nil
        }
    }

    static func isWhole(_ text: String) -> Bool { [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy(isDigit) }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// What is fetched, and under which name it is kept, as in a clone; nil for the beginning of a commit's name, which no server gives.
    var refspec: String? {
        switch place {
        case .reference(let name):
            if name == "HEAD" { return name }
            return "+\(name):\(branch.map { "refs/remotes/origin/" + $0 } ?? name)"
        case .commit(let commit): return Self.isWhole(commit) ? commit : nil
        }
    }

    /// The name of a branch.
    var branch: String? {
        guard case .reference(let name) = place, name.hasPrefix("refs/heads/") else { return nil }
        return String(name.dropFirst("refs/heads/".count))
    }

    var tag: String? {
        if case .reference(let name) = place, name.hasPrefix("refs/tags/") { name } else { nil }
    }
}
