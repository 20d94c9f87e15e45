import Engine
import OCI

/// A command line in docker's spelling, written as the parser takes it.
///
/// docker's parser (spf13/pflag) lets a switch be set by a word (`--pull=false`), takes whatever stands behind an option for
/// its value (`--label -x`), and joins short options with their values (`-tname`). Scripts write `--target="$TARGET"` besides,
/// and mean no target by an empty one.
struct OptionSpelling {
    let table: OptionTable

    /// Options to which an empty value says something; with all others it means that the option is not given.
    static let meaningfulWhenEmpty: Set = [
        "--entrypoint", "--tag", "--build-arg", "--label", "--env", "--volume", "--tmpfs", "--add-host", "--ulimit",
        "--build-context",
        "--password",
    ]

    /// Whether the parser may take some word for something else than docker does, so that it must not see it as it is.
    static func mayDiffer(_ words: [String]) -> Bool {
        words.contains { word in
            guard word.hasPrefix("-") else { return word.isEmpty }
            guard let equals = word.firstIndex(of: "=") else { return false }
            let value = word[word.index(after: equals)...]
            return value.isEmpty || SwitchWord.value(value) != nil
        }
    }

    private struct Piece {
        var option: OptionTable.Option?
        var words: [String]
    }

    /// - Parameter words: what stands behind the command's name.
    /// - Returns: the words, and the number of those given that were read: a command below this one begins there.
    /// - Throws: ``UsageError`` for a switch that is set by another word.
    func rewritten(_ words: ArraySlice<String>, untilFirstArgument isPrefix: Bool = false) throws -> (
        words: [String], read: Int
    ) {
        var pieces: [Piece] = []
        var rest = words
        var arguments = 0
        while let word = rest.first {
            if word == "--" || (arguments > 0 && arguments == table.ownArguments) { break }
            if word == "-" || !word.hasPrefix("-") {
                if isPrefix || arguments == table.ownArguments { break }
                arguments += 1
                pieces.append(Piece(words: [word]))
                rest.removeFirst()
            } else if word.hasPrefix("--") {
                rest.removeFirst()
                try long(word, &rest, &pieces)
            } else {
                rest.removeFirst()
                try short(word, &rest, &pieces)
            }
        }
        let read = words.count - rest.count
        return (pieces.flatMap(\.words) + (isPrefix ? [] : Array(rest)), read)
    }

    private func long(_ word: String, _ rest: inout ArraySlice<String>, _ pieces: inout [Piece]) throws {
        let equals = word.firstIndex(of: "=")
        let name = equals.map { String(word[..<$0]) } ?? word
        let value = equals.map { String(word[word.index(after: $0)...]) }
        // The parser tells about one that it does not know.
        guard let option = table[name] else { return pieces.append(Piece(words: [word])) }
        if option.takesValue {
            add(option, value ?? rest.popFirst(), &pieces)
        } else {
            try set(option, value, &pieces)
        }
    }

    /// `-t`, `-tname`, `-t=name`, `-qt name`.
    private func short(_ word: String, _ rest: inout ArraySlice<String>, _ pieces: inout [Piece]) throws {
        var letters = word.dropFirst()
        guard letters.first.flatMap({ table["-\($0)"] }) != nil else { return pieces.append(Piece(words: [word])) }
        while let letter = letters.popFirst() {
            guard let option = table["-\(letter)"] else { return pieces.append(Piece(words: ["-\(letter)\(letters)"])) }
            let isSet = letters.first == "="
            if option.takesValue {
                let joined = letters.isEmpty ? nil : String(isSet ? letters.dropFirst() : letters)
                return add(option, joined ?? rest.popFirst(), &pieces)
            }
            guard isSet else {
                try set(option, nil, &pieces)
                continue
            }
            return try set(option, String(letters.dropFirst()), &pieces)
        }
    }

    private func add(_ option: OptionTable.Option, _ value: String?, _ pieces: inout [Piece]) {
        // Without a value there is nothing behind it: the parser tells.
        guard let value else { return pieces.append(Piece(words: [option.name])) }
        guard value.isEmpty else {
            let isJoined = value.hasPrefix("-") && value != "-"
            return pieces.append(
                Piece(option: option, words: isJoined ? ["\(option.name)=\(value)"] : [option.name, value]))
        }
        if Self.meaningfulWhenEmpty.contains(option.name) {
            return pieces.append(Piece(option: option, words: [option.name, ""]))
        }
        // The last one counts, as with any value.
        if !option.isRepeating { pieces.removeAll { $0.option == option } }
    }

    private func set(_ option: OptionTable.Option, _ text: String?, _ pieces: inout [Piece]) throws {
        if text?.isEmpty == true { return }
        guard let isOn = text.map(SwitchWord.value) ?? true else {
            throw InvalidOption(name: option.name, value: text ?? "", reason: "it is set by true or false")
        }
        pieces.removeAll { $0.option == option }
        if isOn { return pieces.append(Piece(option: option, words: [option.name])) }
        let opposite = "--no-" + option.name.dropFirst(2)
        if let opposite = table[opposite] { pieces.append(Piece(option: opposite, words: [opposite.name])) }
    }
}
