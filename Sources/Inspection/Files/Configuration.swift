/// How a server writes its configuration, and what in it must be there when it starts.
enum ConfigurationSyntax: Sendable {
    case nginx, apache, haproxy, redis, phpFPM, named, unbound, stunnel, lighttpd
    /// Not a configuration, but a program: what it reads on lines of its own.
    case tcl

    /// What the first value of a directive names.
    enum Role {
        /// Another file of the same syntax; one with a pattern may match nothing.
        case inclusion
        case file
        /// A library that is loaded.
        case module
        case directory
        /// A file that is made: its directory must be there.
        case output
        case user, group
    }

    /// Nil for what is not looked at. Names of Apache's are compared without case.
    func role(of name: String) -> Role? {
        switch self {
        case .nginx: Self.nginxRoles[name]
        case .apache: Self.apacheRoles[name.lowercased()]
        case .haproxy: Self.haproxyRoles[name]
        case .redis: Self.redisRoles[name]
        case .tcl: name == "source" ? .inclusion : nil
        case .phpFPM: Self.phpRoles[name]
        case .named: Self.namedRoles[name]
        case .unbound: Self.unboundRoles[name]
        case .stunnel: Self.stunnelRoles[name.lowercased()]
        case .lighttpd: nil
        }
    }

    private static let namedRoles: [String: Role] = ["include": .inclusion, "directory": .directory]

    private static let unboundRoles: [String: Role] = [
        "include": .inclusion, "username": .user, "directory": .directory, "tls-service-key": .file,
        "tls-service-pem": .file, "root-hints": .file,
    ]

    private static let stunnelRoles: [String: Role] = [
        "cert": .file, "key": .file, "cafile": .file, "capath": .directory, "setuid": .user, "setgid": .group,
        "include": .directory, "chroot": .directory,
    ]

    private static let nginxRoles: [String: Role] = [
        "include": .inclusion, "load_module": .module, "user": .user, "ssl_certificate": .file,
        "ssl_certificate_key": .file,
        "ssl_dhparam": .file, "ssl_client_certificate": .file, "ssl_trusted_certificate": .file, "access_log": .output,
        "error_log": .output,
        "pid": .output,
    ]

    private static let haproxyRoles: [String: Role] = [
        "user": .user, "group": .group, "chroot": .directory, "ca-base": .directory, "crt-base": .directory,
        "errorfile": .file, "crt": .file, "ca-file": .file,
    ]

    private static let redisRoles: [String: Role] = [
        "include": .inclusion, "loadmodule": .module, "dir": .directory, "logfile": .output, "unixsocket": .output,
    ]

    private static let phpRoles: [String: Role] = [
        "include": .inclusion, "user": .user, "group": .group, "error_log": .output, "slowlog": .output,
        "chdir": .directory,
    ]

    private static let apacheRoles: [String: Role] = [
        "include": .inclusion, "loadmodule": .module, "loadfile": .module, "user": .user, "group": .group,
        "errorlog": .output,
        "pidfile": .output, "sslcertificatefile": .file, "sslcertificatekeyfile": .file, "sslcacertificatefile": .file,
        "typesconfig": .file,
    ]

    /// Which value of a directive is meant.
    func value(of directive: [String]) -> String? {
        let index = self == .apache && directive[0].lowercased() == "loadmodule" ? 2 : 1
        return index < directive.count ? directive[index] : nil
    }

    /// Directives and their values, those of conditional sections left out.
    func directives(_ text: String) -> [[String]] {
        switch self {
        case .nginx: Self.blocks(text)
        case .apache: Self.sections(text)
        case .haproxy: Self.global(text)
        case .redis: Self.lines(text)
        case .tcl:
            Self.lines(
                text.split(whereSeparator: \.isNewline).filter { $0.first?.isLetter ?? false }.joined(separator: "\n"))
        case .phpFPM, .stunnel: Self.assignments(text)
        case .named: Self.blocks(Self.withoutSlashes(text))
        case .unbound:
            Self.lines(text).map { [$0[0].hasSuffix(":") ? String($0[0].dropLast()) : $0[0]] + $0.dropFirst() }
        case .lighttpd: Self.modules(text)
        }
    }

    /// Comments of C's kinds are left out.
    private static func withoutSlashes(_ text: String) -> String {
        var result = ""
        var isLong = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            var rest = line
            while let character = rest.popFirst() {
                if isLong {
                    if character == "*", rest.first == "/" { (isLong, rest) = (false, rest.dropFirst()) }
                } else if character == "/", rest.first == "*" {
                    isLong = true
                } else if character == "/", rest.first == "/" {
                    break
                } else {
                    result.append(character)
                }
            }
            result.append("\n")
        }
        return result
    }

    /// `server.modules = ( "mod_a", … )`: each as the file that it is loaded from.
    private static func modules(_ text: String) -> [[String]] {
        var result: [[String]] = []
        var isInList = false
        for line in text.split(whereSeparator: \.isNewline) where !line.drop(while: { $0 == " " }).hasPrefix("#") {
            if line.hasPrefix("server.modules") { isInList = true }
            guard isInList else { continue }
            for (index, part) in line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            where index % 2 == 1 && part.hasPrefix("mod_") {
                result.append(["module", "/usr/lib/lighttpd/\(part).so"])
            }
            if line.contains(")") { isInList = false }
        }
        return result
    }

    private static func lines(_ text: String) -> [[String]] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = words(line)
            return words.isEmpty || words[0].hasPrefix("#") ? nil : words
        }
    }

    /// What stands in the section `global`; other sections have users of their own.
    private static func global(_ text: String) -> [[String]] {
        var result: [[String]] = []
        var isGlobal = false
        for line in text.split(whereSeparator: \.isNewline) {
            guard let words = lines(String(line)).first else { continue }
            if let first = line.first, !first.isWhitespace { isGlobal = words[0] == "global" }
            if isGlobal { result.append(words) }
            // What a page or a certificate is read from counts everywhere.
            if words[0] == "errorfile", words.count > 2 { result.append(["errorfile", words[2]]) }
            for (index, word) in words.enumerated()
            where (word == "crt" || word == "ca-file") && index + 1 < words.count && words[index + 1].hasPrefix("/") {
                result.append([word, words[index + 1]])
            }
        }
        return result
    }

    private static func words(_ line: Substring) -> [String] {
        line.split(whereSeparator: \.isWhitespace).map { word in
            let isQuoted = word.count > 1 && (word.first == "\"" || word.first == "'") && word.last == word.first
            return String(isQuoted ? word.dropFirst().dropLast() : word)
        }
    }

    /// `<IfModule …>` may be passed over.
    private static func sections(_ text: String) -> [[String]] {
        var result: [[String]] = []
        var depth = 0
        for words in lines(text) {
            let name = words[0].lowercased()
            if name.hasPrefix("<if") {
                depth += 1
            } else if name.hasPrefix("</if") {
                depth -= 1
            } else if depth <= 0 {
                result.append(words)
            }
        }
        return result
    }

    private static func assignments(_ text: String) -> [[String]] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let name = words(parts[0]).first, let value = words(parts[1]).first,
                !name.hasPrefix(";"), !name.hasPrefix("#")
            else { return nil }
            return [name, value]
        }
    }

    /// Words up to `;`, `{` or `}`, with quotes and comments.
    private static func blocks(_ text: String) -> [[String]] {
        var result: [[String]] = []
        var words: [String] = []
        var word = ""
        var isInWord = false
        var (quote, isComment): (Character?, Bool) = (nil, false)
        func endWord() {
            if isInWord { words.append(word) }
            (word, isInWord) = ("", false)
        }
        for character in text {
            if isComment {
                isComment = !character.isNewline
            } else if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "#", !isInWord {
                isComment = true
            } else if character == "\"" || character == "'", !isInWord {
                (quote, isInWord) = (character, true)
            } else if character == ";" || character == "{" || character == "}" {
                endWord()
                if !words.isEmpty { result.append(words) }
                words = []
            } else if character.isWhitespace {
                endWord()
            } else {
                word.append(character)
                isInWord = true
            }
        }
        return result
    }
}
