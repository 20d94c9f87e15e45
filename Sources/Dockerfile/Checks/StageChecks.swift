/// Checks of stage names.
enum StageChecks {
    static func nameCasing(_ input: CheckInput) -> [Finding] {
        input.syntax.stages.compactMap(\.from.alias).filter { $0.text != $0.text.lowercased() }.map {
            Finding(range: $0.range, message: "stage name '\($0)' should be lower case")
        }
    }

    /// Whether FROM itself is in line with the rest is another check's business, and of one in mixed case nothing follows.
    static func asCasing(_ input: CheckInput) -> [Finding] {
        input.syntax.stages.compactMap { stage in
            guard let word = stage.from.asKeyword else { return nil }
            let keyword = stage.opening.keyword.text
            guard [keyword.lowercased(), keyword.uppercased()].contains(keyword) else { return nil }
            let wanted = keyword == keyword.lowercased() ? word.text.lowercased() : word.text.uppercased()
            guard word.text != wanted else { return nil }
            return Finding(range: word.range, message: "'\(word)' and '\(keyword)' have different letter case")
        }
    }

    static func duplicates(_ input: CheckInput) -> [Finding] {
        var seen: Set<String> = []
        return input.syntax.stages.compactMap { stage in
            guard let alias = stage.from.alias, let name = stage.name, !seen.insert(name).inserted else { return nil }
            return Finding(range: alias.range, message: "stage name '\(name)' is used twice")
        }
    }

    static func reserved(_ input: CheckInput) -> [Finding] {
        input.syntax.stages.compactMap { stage in
            guard let alias = stage.from.alias, let name = stage.name, ["context", "scratch"].contains(name) else {
                return nil
            }
            return Finding(range: alias.range, message: "stage name '\(name)' is reserved")
        }
    }
}

/// Checks of how instructions are written.
enum FormatChecks {
    static func all(_ input: CheckInput) -> [Instruction] {
        input.syntax.globalArguments + input.syntax.stages.flatMap { [$0.opening] + $0.instructions }
    }

    static func emptyContinuations(_ input: CheckInput) -> [Finding] {
        all(input).compactMap { instruction in
            instruction.emptyContinuations.first.map {
                Finding(range: $0, message: "a blank line stands inside \(instruction.name.rawValue)")
            }
        }
    }

    /// The case of most instructions is the right one; upper case if there is no majority.
    static func casing(_ input: CheckInput) -> [Finding] {
        let keywords = input.syntax.stages.flatMap { [$0.opening] + $0.instructions }.map(\.keyword)
        let lower = keywords.count { $0.text == $0.text.lowercased() }
        let upper = keywords.count { $0.text == $0.text.uppercased() }
        let wantsLower = lower > upper
        return keywords.compactMap { keyword in
            let wanted = wantsLower ? keyword.text.lowercased() : keyword.text.uppercased()
            guard keyword.text != wanted else { return nil }
            return Finding(
                range: keyword.range,
                message: "'\(keyword)' should be \(wantsLower ? "lower" : "upper") case as most instructions are")
        }
    }

    static func maintainers(_ input: CheckInput) -> [Finding] {
        all(input).filter { $0.name == .maintainer }.map {
            Finding(
                range: $0.range, message: "MAINTAINER is deprecated",
                hint: "write LABEL org.opencontainers.image.authors=…")
        }
    }

    static func legacyPairs(_ input: CheckInput) -> [Finding] {
        all(input).compactMap { instruction in
            switch instruction.kind {
            case .env(let values) where values.form == .legacy, .label(let values) where values.form == .legacy:
                let name = instruction.name.rawValue
                return Finding(
                    range: instruction.range, message: "\(name) name value is deprecated",
                    hint: "write \(name) \(values.pairs.first?.key.text ?? "name")=…")
            default: return nil
            }
        }
    }

    /// The last comment line directly above says what it is about, or is separated by an empty line.
    static func descriptions(_ input: CheckInput) -> [Finding] {
        all(input).compactMap { instruction in
            guard let comment = instruction.comments.last, InstructionSkips.value(comment) == nil else { return nil }
            let names: [String]
            switch instruction.kind {
            case .arg(let definitions): names = definitions.map(\.name.text)
            case .from(let from): names = from.name.map { [$0] } ?? []
            default: return nil
            }
            let first = comment.split(separator: " ").first.map(String.init) ?? ""
            guard let example = names.first, !names.contains(first) else { return nil }
            return Finding(
                range: instruction.range,
                message: "the comment above does not describe \(names.joined(separator: " or "))",
                hint: "write # \(example) and what it is, or leave a line empty")
        }
    }
}
