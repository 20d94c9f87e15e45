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
        case "cat", "head", "tail":
            // One that waits for a file waits.
            guard name != "tail" || !words.contains(where: { $0.hasPrefix("-F") || $0 == "--retry" }) else { return [] }
            return try firstMissing(operands, name)
        case "cp", "mv", "ln":
            guard operands.count > 1, !words.contains(where: { $0.hasPrefix("-t") || $0.hasPrefix("--t") }) else {
                return []
            }
            let missing = name == "ln" ? [] : try firstMissing(Array(operands.dropLast()), name)
            return try missing.isEmpty ? placeFailure(operands[operands.count - 1], operands[0]) : missing
        case "sed":
            let isScriptNamed = words.contains { $0.hasPrefix("-e") || $0.hasPrefix("-f") || $0.hasPrefix("--e") }
            let files = isScriptNamed ? [] : Array(operands.dropFirst())
            let missing = try firstMissing(files, name)
            guard missing.isEmpty, words.contains(where: { $0.hasPrefix("-i") || $0.hasPrefix("--in-place") }) else {
                return missing
            }
            // It writes a file beside and puts it in the place.
            for file in files {
                if let path = check.process.directory.resolving(file), let finding = try directoryFailure(path) {
                    return [finding]
                }
            }
            return []
        case "mkdir", "touch", "tee":
            let makesParents = name == "mkdir" && words.contains { $0.hasPrefix("-") && $0.contains("p") }
            for path in operands {
                if let finding = try writeFailure(path, isMade: name == "mkdir", makesParents: makesParents) {
                    return [finding]
                }
            }
            return []
        case "rm", "chmod": return try changeFailure(words, operands, name)
        case "mktemp": return try operands.isEmpty && !words.contains("-p") ? temporaryFailure() : []
        case "gosu", "su-exec", "setuidgid", "s6-setuidgid":
            guard check.process.user.identifier != 0 else { return [] }
            let kind = Finding.Kind.notPermitted(path: words[0], obstacle: words[0], user: check.process.user.name)
            return [Finding(kind, chain: check.chain)]
        case "id": return try operands.first.map { try accountFailure($0, isGroup: false) } ?? []
        case "getent" where operands.count == 2 && ["passwd", "group"].contains(operands[0]):
            return try accountFailure(operands[1], isGroup: operands[0] == "group")
        case "chown", "chgrp":
            let owners = try ownerFailure(words)
            return try owners.isEmpty ? firstMissing(Array(operands.dropFirst()), name) : owners
        default: return try ownerFailure(words)
        }
    }

    /// What a tool that only asks ends with; nil where that is not known.
    func toolStatus(_ words: [String]) throws -> Int? {
        let name = words[0].split(separator: "/").last.map(String.init) ?? ""
        guard !hasWritten else { return nil }
        if name == "ls" { return try looked(words) }
        guard name == "grep" else { return nil }
        let options = words.dropFirst().filter { $0.hasPrefix("-") }
        let operands = words.dropFirst().filter { !$0.hasPrefix("-") }
        guard operands.count == 2, options.allSatisfy({ ["-q", "-F", "-s", "-qs", "-qF", "-Fq", "-sq"].contains($0) })
        else { return nil }
        guard !["/proc", "/sys", "/dev", "/run"].contains(where: operands[1].hasPrefix),
            let path = check.process.directory.resolving(operands[1])
        else { return nil }
        var pattern = operands[0][...]
        let starts = pattern.hasPrefix("^")
        if starts { pattern = pattern.dropFirst() }
        let isPlain = pattern.allSatisfy { $0.isLetter || $0.isNumber || "_-:=/ ,@".contains($0) }
        guard isPlain, !pattern.isEmpty else { return nil }
        guard let bytes = try check.tree.contents(of: path.description) else { return 2 }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.contains { starts ? $0.hasPrefix(pattern) : String($0).range(of: String(pattern)) != nil } ? 0 : 1
    }

    /// `ls PATH`: whether all are there.
    private func looked(_ words: [String]) throws -> Int? {
        for operand in words.dropFirst() where !operand.hasPrefix("-") {
            guard operand.hasPrefix("/"),
                !["/proc", "/sys", "/dev", "/run", "/tmp"].contains(where: operand.hasPrefix),
                let path = ImagePath(operand)
            else { return nil }
            if try check.tree.lookUp(path, followsLast: false) == nil { return 2 }
        }
        return 0
    }

    /// `id NAME`, `getent passwd NAME`: nobody has the name.
    private func accountFailure(_ name: String, isGroup: Bool) throws -> [Finding] {
        guard !hasUsers, Int(name) == nil else { return [] }
        let accounts = Accounts(
            passwd: try check.tree.contents(of: "/etc/passwd") ?? [],
            group: try check.tree.contents(of: "/etc/group") ?? [])
        do { _ = try accounts.identity(of: isGroup ? "0:" + name : name) } catch {
            return [Finding(.unknownUser(name), .account(name), chain: check.chain)]
        }
        return []
    }

    /// `mktemp`: the directory for temporary files is not there, or closed.
    private func temporaryFailure() throws -> [Finding] {
        let directory: String = (variables["TMPDIR"] ?? nil) ?? "/tmp"
        guard let path = check.process.directory.resolving(directory) else { return [] }
        guard let node = try check.tree.lookUp(path), node.isDirectory else {
            return [Finding(.missingInput(program: "mktemp", path: directory), chain: check.chain)]
        }
        return try check.mayWrite(node) ? [] : [closed(path, node.path)]
    }

    /// `rm` and `chmod`: the file is not there, or not USER's to change.
    private func changeFailure(_ words: [String], _ operands: [String], _ name: String) throws -> [Finding] {
        let isForced = words.contains { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.contains("f") }
        for operand in name == "rm" ? operands[...] : operands.dropFirst() {
            guard !operand.contains(where: { "*?[".contains($0) }),
                let path = check.process.directory.resolving(operand)
            else { continue }
            guard let node = try check.tree.lookUp(path, followsLast: name != "rm") else {
                if isForced { continue }
                return try firstMissing([operand], name)
            }
            guard check.process.user.identifier != 0 else { continue }
            if name == "rm" {
                if let finding = try directoryFailure(path) { return [finding] }
                // Where all may write, each removes what is its own (unlink(2), EPERM).
                let user = check.process.user.identifier
                if let own = try check.tree.access(node), own.user != user,
                    let parent = try check.tree.lookUp(path.parent),
                    let access = try check.tree.access(parent), access.mode & 0o1000 != 0, access.user != user
                {
                    return [closed(path, node.path)]
                }
            } else if let access = try check.tree.access(node), access.user != check.process.user.identifier {
                return [closed(path, node.path)]
            }
        }
        return []
    }

    /// The directory of a file is closed for changes, where it is known.
    private func directoryFailure(_ path: ImagePath) throws -> Finding? {
        guard let parent = try check.tree.lookUp(path.parent), parent.isDirectory else { return nil }
        return try check.mayWrite(parent) ? nil : closed(path, parent.path)
    }

    /// Where something is put: into a directory, or beside what is there, by the last name.
    private func placeFailure(_ target: String, _ source: String) throws -> [Finding] {
        guard let path = check.process.directory.resolving(target) else { return [] }
        if let node = try check.tree.lookUp(path), node.isDirectory {
            return try check.mayWrite(node) ? [] : [closed(path, node.path)]
        }
        return try writeFailure(target, isLink: true).map { [$0] } ?? []
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
            guard ["cat", "head", "tail", "cp"].contains(program), check.process.user.identifier != 0,
                let place = check.process.directory.resolving(path), let node = try check.tree.lookUp(place),
                let obstacle = try check.obstacle(to: place, node, .read)
            else { continue }
            return [closed(place, obstacle)]
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
    ///
    /// - Parameters:
    ///   - isMade: whether a directory is made.
    ///   - makesParents: whether directories above it are made too.
    ///   - isLink: whether what is there is replaced.
    func writeFailure(_ path: String, isMade: Bool = false, makesParents: Bool = false, isLink: Bool = false) throws
        -> Finding?
    {
        guard !path.isEmpty, !path.contains(Self.unknownText), !hasWritten,
            !["/dev", "/proc", "/sys"].contains(where: path.hasPrefix),
            let place = check.process.directory.resolving(path)
        else { return nil }
        // What is in the image's own /run is as it is, unless somebody mounts another.
        if path.hasPrefix("/run/"), try check.tree.lookUp(place.parent)?.isDirectory != true { return nil }
        // Where a file's directory is not there, nobody makes the file; where WORKDIR is not there, it is made.
        if !makesParents, place != check.process.directory, place.parent != check.process.directory,
            try check.tree.lookUp(place.parent) == nil, !check.process.directory.hasPrefix(place.parent),
            !(try isVolatile(place))
        {
            return Finding(.missingInput(program: name, path: place.parent.description), chain: check.chain)
        }
        guard check.process.user.identifier != 0 else { return nil }
        if let node = try check.tree.lookUp(place) {
            if isMade, node.isDirectory { return nil }
            if isLink { return try directoryFailure(place) }
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

    /// Whether a runtime makes what is there: the usual mounts, and volumes.
    private func isVolatile(_ path: ImagePath) throws -> Bool {
        let mounts = ["/dev", "/proc", "/sys", "/run", "/var/run"] + check.volumes
        return mounts.contains { mount in ImagePath(mount).map { path.hasPrefix($0) } ?? false }
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
        // The words may be others than before.
        guard optionLetter < characters.count else {
            (optionPlace, optionLetter) = (optionPlace + 1, 0)
            return nil
        }
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
