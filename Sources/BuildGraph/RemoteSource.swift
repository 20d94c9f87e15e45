/// What ADD fetches instead of copying from the context.
enum RemoteSource: Hashable, Sendable {
    case url
    case git

    /// - Returns: nil for a path.
    ///
    /// A git repository is `git://…`, `ssh://…`, `user@host:path`, or an http(s) URL whose path ends with `.git`
    /// (Dockerfile reference, "ADD from a Git repository").
    init?(_ text: String) {
        if let separator = text.range(ofScheme: ["git", "ssh"]) {
            guard separator < text.endIndex else { return nil }
            self = .git
        } else if let start = text.range(ofScheme: ["http", "https"]) {
            let path = text[start...].prefix { $0 != "#" && $0 != "?" }
            self = path.hasSuffix(".git") && path.contains("/") ? .git : .url
        } else if Self.isSecureCopyStyle(text) {
            self = .git
        } else {
            return nil
        }
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
}

extension String {
    /// The place behind `scheme://`, letter case aside.
    fileprivate func range(ofScheme schemes: [String]) -> Index? {
        for scheme in schemes {
            let head = scheme + "://"
            if prefix(head.count).lowercased() == head { return index(startIndex, offsetBy: head.count) }
        }
        return nil
    }
}
