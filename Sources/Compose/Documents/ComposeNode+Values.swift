internal import Dockerfile
internal import OCI

/// Values that stand under several keys.
extension ComposeNode {
    func duration(_ key: String) throws(ComposeError) -> Duration {
        let text = try text(key)
        guard let duration = ComposeDuration.parse(text) else {
            throw error(.invalidValue(key: key, value: text, expected: .duration))
        }
        return duration
    }

    func bytes(_ key: String) throws(ComposeError) -> Int64 {
        let text = try text(key)
        guard let bytes = ByteCount.parse(text), bytes > 0 else {
            throw error(.invalidValue(key: key, value: text, expected: .bytes))
        }
        return bytes
    }

    func platform(_ key: String) throws(ComposeError) -> Platform {
        let text = try text(key)
        do { return try Platform(parsing: text) } catch {
            throw self.error(.invalidValue(key: key, value: text, expected: .platform))
        }
    }

    func imagePath(_ key: String) throws(ComposeError) -> ImagePath {
        let text = try text(key)
        guard text.hasPrefix("/"), text.utf8.count < 4096, let path = ImagePath(text) else {
            throw error(.invalidValue(key: key, value: text, expected: .absolutePath))
        }
        return path
    }

    /// A command's words; a text is split as a shell would.
    func command(_ key: String) throws(ComposeError) -> [String] {
        switch content {
        case .scalar(let text):
            guard let words = CommandWords.split(text) else {
                throw error(.invalidValue(key: key, value: text, expected: .command))
            }
            return words
        case .list: return try list(key)
        case .null, .mapping: throw error(.unexpectedKind(key: key, expected: .textOrList))
        }
    }

    func variables(_ key: String) throws(ComposeError) -> [Variable] {
        try pairs(key).map { Variable(name: $0.name, value: $0.value) }
    }

    func hostEntries(_ key: String) throws(ComposeError) -> [HostEntry] {
        var result: [HostEntry] = []
        for pair in try pairs(key, separators: ["=", ":"]) {
            var address = pair.value ?? ""
            if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
            let isAddress =
                address == "host-gateway"
                || (!address.isEmpty && address.allSatisfy { $0.isHexDigit || ".:".contains($0) })
            guard isAddress else {
                throw ComposeError(pair.place, .invalidValue(key: key, value: address, expected: .hostEntry))
            }
            result.append(HostEntry(name: pair.name, address: address))
        }
        return result
    }

    /// `nofile: 1024`, or a soft and a hard limit.
    func limits(_ key: String) throws(ComposeError) -> [String] {
        var result: [String] = []
        for member in try members(key) {
            switch member.value.content {
            case .scalar: result.append("\(member.key)=\(try member.value.limit(member.key))")
            case .null, .list, .mapping:
                let fields = try member.value.fields("a limit", member.key, known: ["soft", "hard"])
                guard let soft = fields["soft"], let hard = fields["hard"] else {
                    throw ComposeError(
                        member.place, .missingKey(fields["soft"] == nil ? "soft" : "hard", owner: "a limit"))
                }
                result.append("\(member.key)=\(try soft.limit("soft")):\(try hard.limit("hard"))")
            }
        }
        return result
    }

    private func limit(_ key: String) throws(ComposeError) -> String {
        let text = try text(key)
        guard text == "-1" || UInt64(text) != nil else {
            throw error(.invalidValue(key: key, value: text, expected: .limit))
        }
        return text
    }

    /// File permissions: octal when they are written with a leading zero, as YAML has them.
    func mode(_ key: String) throws(ComposeError) -> UInt32 {
        let text = try text(key)
        let digits = text.hasPrefix("0o") ? String(text.dropFirst(2)) : text
        guard let mode = UInt32(digits, radix: 8), mode <= 0o7777 else {
            throw error(.invalidValue(key: key, value: text, expected: .mode))
        }
        return mode
    }

    func identifier(_ key: String) throws(ComposeError) -> UInt32 {
        let text = try text(key)
        guard let number = UInt32(text), number < .max else {
            throw error(.invalidValue(key: key, value: text, expected: .user))
        }
        return number
    }
}
