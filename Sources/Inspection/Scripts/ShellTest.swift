internal import OCI

/// The conditions of `test`, `[` and `[[` (POSIX.1-2017, test); nil for those that files do not tell.
enum ShellTest {
    /// Words of a condition, more than which are not read.
    private static let wordLimit = 512

    /// `[[ … ]]`.
    static func evaluate(_ words: [ShellSyntax.Word], in run: inout ShellRun) throws -> Bool? {
        guard words.count <= wordLimit else { return nil }
        for (text, isOr) in [("||", true), ("&&", false)] {
            guard let place = words.firstIndex(where: { $0.plain == text }) else { continue }
            let left = try evaluate(Array(words[..<place]), in: &run)
            if left == isOr { return isOr }
            let right = try evaluate(Array(words[(place + 1)...]), in: &run)
            return right == isOr ? isOr : left == nil ? nil : right
        }
        if words.first?.plain == "!" { return try evaluate(Array(words.dropFirst()), in: &run).map { !$0 } }
        if words.count == 3, let sign = words[1].plain, ["==", "=", "!="].contains(sign) {
            guard let value = try run.text(words[0]), let pattern = try run.pattern(words[2]) else { return nil }
            return ShellPattern.matches(value, pattern) == (sign != "!=")
        }
        var texts: [String] = []
        for word in words { texts.append(try run.text(word) ?? ShellRun.unknownText) }
        return try evaluate(texts, in: &run)
    }

    static func evaluate(_ words: [String], in run: inout ShellRun) throws -> Bool? {
        guard words.count <= wordLimit else { return nil }
        switch words.count {
        case 0: return false
        case 1:
            let value = words[0] == ShellRun.unknownText ? nil : !words[0].isEmpty
            run.noteCause("-n", words[0], value)
            return value
        case 2:
            let value = words[0] == "!" ? words[1].isEmpty : try unary(words[0], words[1], in: run)
            run.noteCause(words[0], words[1], value)
            return value
        case 3:
            if words[0] == "!" { return try evaluate(Array(words.dropFirst()), in: &run).map { !$0 } }
            return binary(words[0], words[1], words[2])
        default:
            if words[0] == "!" { return try evaluate(Array(words.dropFirst()), in: &run).map { !$0 } }
            guard let place = words.firstIndex(where: { $0 == "-o" || $0 == "-a" }), place > 0 else { return nil }
            let left = try evaluate(Array(words[..<place]), in: &run)
            let right = try evaluate(Array(words[(place + 1)...]), in: &run)
            guard let left, let right else { return nil }
            return words[place] == "-o" ? left || right : left && right
        }
    }

    private static func unary(_ sign: String, _ operand: String, in run: ShellRun) throws -> Bool? {
        if operand.contains(ShellRun.unknownText) { return nil }
        switch sign {
        case "-n": return !operand.isEmpty
        case "-z": return operand.isEmpty
        case "-v": return run.plainValue(operand) != nil || run.elements[operand] != nil
        case "-t": return false
        case "-f", "-e", "-d", "-x", "-r", "-w", "-s", "-L", "-h": return try file(sign, operand, in: run)
        default: return nil
        }
    }

    private static func file(_ sign: String, _ path: String, in run: ShellRun) throws -> Bool? {
        guard !path.isEmpty else { return false }
        guard !["/dev/", "/proc/", "/sys/"].contains(where: path.hasPrefix),
            let place = run.check.process.directory.resolving(path)
        else { return nil }
        guard let node = try run.check.tree.lookUp(place, followsLast: sign != "-L" && sign != "-h") else {
            return run.hasWritten ? nil : false
        }
        switch sign {
        case "-e": return true
        case "-d": return node.isDirectory
        case "-f": return node.size != nil
        case "-s": return (node.size ?? 0) > 0 || node.isDirectory
        case "-x":
            return try (node.isDirectory || node.isExecutable) && run.check.obstacle(to: place, node, .execute) == nil
        case "-r": return try run.check.obstacle(to: place, node, .read) == nil
        case "-w":
            let mayWrite = try run.check.mayWrite(node)
            return mayWrite || !run.hasWritten ? mayWrite : nil
        case "-L", "-h": if case .symbolicLink = node.entry { return true } else { return false }
        default: return nil
        }
    }

    private static func binary(_ left: String, _ sign: String, _ right: String) -> Bool? {
        if left.contains(ShellRun.unknownText) || right.contains(ShellRun.unknownText) { return nil }
        switch sign {
        case "=", "==": return left == right
        case "!=": return left != right
        case "-a": return !left.isEmpty && !right.isEmpty
        case "-o": return !left.isEmpty || !right.isEmpty
        default:
            guard let left = Int(left), let right = Int(right) else { return nil }
            switch sign {
            case "-eq": return left == right
            case "-ne": return left != right
            case "-lt": return left < right
            case "-le": return left <= right
            case "-gt": return left > right
            case "-ge": return left >= right
            default: return nil
            }
        }
    }
}
