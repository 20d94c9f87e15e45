internal import OCI

/// What usual tools fail at: files that are not there, accounts that nobody has, directories that USER may not write to.
extension ShellRun {
    /// Why a tool that is there fails with these arguments; empty where that is not known.
    func toolFailure(_ words: [String]) throws -> [Finding] {
        guard !hasWritten, !words.contains(where: { $0.contains(Self.unknownText) }) else {
            return try ownerFailure(words)
        }
        let name = words[0].split(separator: "/").last.map(String.init) ?? ""
        let operands = Self.operands(words)
        switch name {
        case "cat", "head", "tail": return try firstMissing(operands, name)
        case "cp", "mv":
            guard operands.count > 1, !words.contains(where: { $0.hasPrefix("-t") || $0.hasPrefix("--t") }) else {
                return []
            }
            return try firstMissing(Array(operands.dropLast()), name)
        case "sed":
            let isScriptNamed = words.contains { $0.hasPrefix("-e") || $0.hasPrefix("-f") || $0.hasPrefix("--e") }
            return isScriptNamed ? [] : try firstMissing(Array(operands.dropFirst()), name)
        case "mkdir", "touch", "tee":
            for path in operands {
                if let finding = try writeFailure(path, isMade: name == "mkdir") { return [finding] }
            }
            return []
        default: return try ownerFailure(words)
        }
    }

    /// What stands behind the options.
    private static func operands(_ words: [String]) -> [String] {
        var rest = words.dropFirst()
        var result: [String] = []
        let valued: Set = ["-n", "-c", "-m", "-o", "-g", "-d", "-r", "--mode", "-S"]
        while let word = rest.popFirst() {
            if word == "--" { return result + rest }
            if word.hasPrefix("-"), word.count > 1 {
                if valued.contains(word), words[0].hasSuffix("head") || words[0].hasSuffix("tail") || word == "-m" {
                    rest = rest.dropFirst()
                }
            } else {
                result.append(word)
            }
        }
        return result
    }

    private func firstMissing(_ paths: [String], _ program: String) throws -> [Finding] {
        for path in paths where path != "-" && !path.contains(where: { "*?[".contains($0) }) {
            if try isMissing(path) {
                return [Finding(.missingInput(program: program, path: path), chain: check.chain)]
            }
        }
        return []
    }

    /// `chown NAME…`, `install -o NAME`: the account must be there.
    private func ownerFailure(_ words: [String]) throws -> [Finding] {
        guard !hasUsers, words[0].hasSuffix("chown") || words[0].hasSuffix("chgrp"),
            let owner = Self.operands(words).first, !owner.contains(Self.unknownText), !owner.contains("/"),
            !words.contains(where: { $0.hasPrefix("--reference") })
        else { return [] }
        let accounts = Accounts(
            passwd: try check.tree.contents(of: "/etc/passwd") ?? [],
            group: try check.tree.contents(of: "/etc/group") ?? [])
        var text = words[0].hasSuffix("chgrp") ? "0:" + owner : owner
        if text.hasPrefix(":") { text = "0" + text }
        if text.hasSuffix(":") { text = String(text.dropLast()) }
        let owned: UInt32
        do { owned = try accounts.identity(of: text).user } catch {
            switch error {
            case .unknownUser(let name), .unknownGroup(let name):
                return [Finding(.unknownUser(name), .account(name), chain: check.chain)]
            }
        }
        // Only root gives files away.
        guard check.process.user.identifier != 0, !hasWritten, !words[0].hasSuffix("chgrp"),
            let file = Self.operands(words).dropFirst().first, let path = check.process.directory.resolving(file),
            let node = try check.tree.lookUp(path), let access = try check.tree.access(node),
            access.user != check.process.user.identifier || owned != access.user
        else { return [] }
        return [closed(path, path)]
    }

    /// Why a file cannot be made or changed: the nearest directory that is there is closed for USER.
    func writeFailure(_ path: String, isMade: Bool = false) throws -> Finding? {
        guard check.process.user.identifier != 0, !path.contains(Self.unknownText), !hasWritten,
            !["/dev", "/proc", "/sys", "/run/"].contains(where: path.hasPrefix),
            let place = check.process.directory.resolving(path)
        else { return nil }
        if let node = try check.tree.lookUp(place) {
            if isMade, node.isDirectory { return nil }
            return try !node.isDirectory && !check.mayWrite(node) ? closed(place, node.path) : nil
        }
        var parent = place.parent
        while true {
            if let node = try check.tree.lookUp(parent) {
                guard node.isDirectory else { return nil }
                if let obstacle = try check.obstacle(to: place, node, .execute) { return closed(place, obstacle) }
                return try check.mayWrite(node) ? nil : closed(place, node.path)
            }
            guard !parent.isRoot else { return nil }
            parent = parent.parent
        }
    }

    private func closed(_ path: ImagePath, _ obstacle: ImagePath) -> Finding {
        let kind = Finding.Kind.notPermitted(
            path: path.description, obstacle: obstacle.description, user: check.process.user.name)
        return Finding(kind, .permission, chain: check.chain)
    }

    // MARK: getopts

    /// `getopts OPTIONS NAME [WORD…]` (POSIX.1-2017, getopts).
    mutating func takeOption(_ operands: [String]) -> Int? {
        guard operands.count >= 2, !operands[0].contains(Self.unknownText) else { return nil }
        let words = operands.count > 2 ? Array(operands.dropFirst(2)) : arguments
        let letters = operands[0].drop { $0 == ":" }
        guard optionPlace <= words.count else { return nil }
        func end() -> Int {
            variables[operands[1]] = "?"
            return 1
        }
        guard optionPlace - 1 < words.count else { return end() }
        let word = words[optionPlace - 1]
        guard !word.contains(Self.unknownText) else { return nil }
        if optionLetter == 0 {
            guard word.hasPrefix("-"), word.count > 1 else { return end() }
            if word == "--" {
                optionPlace += 1
                return end()
            }
            optionLetter = 1
        }
        let characters = Array(word)
        let letter = characters[optionLetter]
        optionLetter += 1
        let isLast = optionLetter >= characters.count
        variables[operands[1]] = String(letter)
        guard let found = letters.firstIndex(of: letter), letter != ":" else {
            variables[operands[1]] = "?"
            if isLast { (optionPlace, optionLetter) = (optionPlace + 1, 0) }
            return 0
        }
        let next = letters.index(after: found)
        guard next < letters.endIndex, letters[next] == ":" else {
            if isLast { (optionPlace, optionLetter) = (optionPlace + 1, 0) }
            return 0
        }
        if isLast {
            variables["OPTARG"] = optionPlace < words.count ? words[optionPlace] : ""
            if optionPlace >= words.count { variables[operands[1]] = "?" }
            optionPlace += 2
        } else {
            variables["OPTARG"] = String(characters[optionLetter...])
            optionPlace += 1
        }
        optionLetter = 0
        return 0
    }
}
