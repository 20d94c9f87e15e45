internal import OCI

/// A commit of a git repository, as a context or a source of ADD name it:
/// `URL[?key=value[&…]][#reference[:subdirectory]]` (Docker, "Build context", "Git repositories" and "URL queries").
package struct GitReference: Hashable, Sendable {
    /// As it was written.
    package let text: String
    /// Without query and fragment.
    package let url: String
    /// A branch, a tag or a commit; nil for the repository's own choice.
    package private(set) var reference: String?
    /// The directory of the repository that counts.
    package private(set) var subdirectory: String?
    /// What the commit's name must begin with.
    package private(set) var checksum: String?
    /// Whether `.git` stays; nil where the URL says nothing of it.
    package private(set) var keepsGitDirectory: Bool?
    package private(set) var fetchesSubmodules = true
    /// Whether files get the time of the commit instead of that of the check-out.
    package private(set) var usesCommitTime = false

    /// - Returns: nil if the text names no repository.
    package init?(_ text: String) throws(GitReferenceError) {
        guard Self.isRepository(text) else { return nil }
        self.text = text
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let location = parts[0].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        url = location[0]
        if parts.count == 2 {
            let fragment = parts[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            if !fragment[0].isEmpty { reference = fragment[0] }
            if fragment.count == 2, !fragment[1].isEmpty { subdirectory = fragment[1] }
        }
        if location.count == 2 { try read(query: location[1]) }
    }

    /// A repository is `git://…`, `ssh://…`, `user@host:path`, or an http(s) URL whose path ends with `.git` (Dockerfile
    /// reference, "ADD from a Git repository").
    package static func isRepository(_ text: String) -> Bool {
        if let start = text.range(ofScheme: ["git", "ssh"]) { return start < text.endIndex }
        if let start = text.range(ofScheme: ["http", "https"]) {
            let path = text[start...].prefix { $0 != "#" && $0 != "?" }
            return path.hasSuffix(".git") && path.contains("/")
        }
        return isSecureCopyStyle(text)
    }

    /// `user@host:path`
    private static func isSecureCopyStyle(_ text: String) -> Bool {
        func isName(_ text: Substring, _ extra: String) -> Bool {
            !text.isEmpty
                && text.unicodeScalars.allSatisfy {
                    ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                        || extra.unicodeScalars.contains($0)
                }
        }
        guard let at = text.firstIndex(of: "@") else { return false }
        let rest = text[text.index(after: at)...]
        guard let colon = rest.firstIndex(of: ":") else { return false }
        return isName(text[..<at], "-_.") && isName(rest[..<colon], "-.")
    }

    // MARK: Query

    private mutating func read(query: String) throws(GitReferenceError) {
        var values: [String: String] = [:]
        for item in query.split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(pair[0])
            guard
                values.updateValue(
                    pair.count == 2 ? PercentEncoding.decoded(String(pair[1]), isQuery: true) : "", forKey: key) == nil
            else {
                throw .repeated(key)
            }
        }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) { try apply(key, value) }
        if values["tag"] != nil, values["branch"] != nil { throw .conflict("tag", "branch") }
        // The beginning of a name says what the commit must be, and not what to ask for: no server gives it.
        if let checksum, Self.isWhole(checksum),
            reference == nil || values["fetch-by-commit"].map({ Self.boolean($0) == true }) == true
        {
            reference = checksum
        }
    }

    private mutating func apply(_ key: String, _ value: String) throws(GitReferenceError) {
        let mayBeEmpty = ["keep-git-dir", "submodules", "fetch-by-commit"].contains(key)
        guard !value.isEmpty || mayBeEmpty else { throw Self.keys.contains(key) ? .noValue(key) : .unknownKey(key) }
        switch key {
        case "ref": try set(&reference, value, key)
        case "tag": try set(&reference, value.hasPrefix("refs/tags/") ? value : "refs/tags/" + value, key)
        case "branch": try set(&reference, value.hasPrefix("refs/heads/") ? value : "refs/heads/" + value, key)
        case "subdir": try set(&subdirectory, value, key)
        case "checksum", "commit":
            guard (7...64).contains(value.utf8.count), value.utf8.allSatisfy(\.isHexadecimal) else {
                throw .invalidValue(key, value)
            }
            try set(&checksum, value.lowercased(), key)
        case "keep-git-dir": keepsGitDirectory = try boolean(value, key)
        case "submodules": fetchesSubmodules = try boolean(value, key)
        case "fetch-by-commit": _ = try boolean(value, key)
        case "mtime":
            guard ["checkout", "commit"].contains(value) else { throw .invalidValue(key, value) }
            usesCommitTime = value == "commit"
        default: throw .unknownKey(key)
        }
    }

    /// The keys that a query may have, for proposals.
    static let keys = [
        "branch", "checksum", "commit", "fetch-by-commit", "keep-git-dir", "mtime", "ref", "subdir", "submodules",
        "tag",
    ]

    private static func isWhole(_ commit: String) -> Bool { [40, 64].contains(commit.utf8.count) }

    private func set(_ field: inout String?, _ value: String, _ key: String) throws(GitReferenceError) {
        if let known = field, known != value { throw .conflict(key, known) }
        field = value
    }

    private func boolean(_ value: String, _ key: String) throws(GitReferenceError) -> Bool {
        guard let result = Self.boolean(value) else { throw .invalidValue(key, value) }
        return result
    }

    /// As Go's `strconv.ParseBool` reads it; a key without a value means yes.
    private static func boolean(_ value: String) -> Bool? {
        switch value {
        case "", "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }
}

/// What is wrong with the query of a repository's URL.
package enum GitReferenceError: Error, Hashable, Sendable {
    case unknownKey(String)
    case repeated(String)
    case noValue(String)
    case invalidValue(String, String)
    /// A key says one thing and the fragment or another key a different one.
    case conflict(String, String)

    /// One sentence, and what to do.
    package var explanation: (message: String, hint: String) {
        let known = "known are " + GitReference.keys.joined(separator: ", ")
        return switch self {
        case .unknownKey(let key): ("the repository's URL has an unknown key '\(key)'", known)
        case .repeated(let key): ("the repository's URL has the key '\(key)' more than once", "leave it once")
        case .noValue(let key): ("the repository's URL has a key '\(key)' without a value", "write \(key)=VALUE")
        case .invalidValue(let key, let value):
            ("'\(value)' is no value of the key '\(key)'", Self.form(of: key))
        case .conflict(let key, let other):
            ("the key '\(key)' of the repository's URL contradicts '\(other)'", "name one of the two")
        }
    }
}

extension GitReferenceError {
    private static func form(of key: String) -> String {
        switch key {
        case "mtime": "write checkout or commit"
        case "checksum", "commit": "write a commit's name, or its first 7 digits and more"
        default: "write true or false"
        }
    }
}

extension String {
    /// The place behind `scheme://`, letter case aside.
    func range(ofScheme schemes: [String]) -> Index? {
        for scheme in schemes {
            let head = scheme + "://"
            if prefix(head.count).lowercased() == head { return index(startIndex, offsetBy: head.count) }
        }
        return nil
    }
}
