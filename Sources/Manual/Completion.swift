/// What may stand where a shell's cursor is.
package struct Completion: Hashable, Sendable {
    /// A word, and what it is for.
    package struct Candidate: Hashable, Sendable {
        package let word: String
        package let note: String

        package init(_ word: String, _ note: String = "") { (self.word, self.note) = (word, note) }
    }

    /// Words that nobody can know without looking at files or the store.
    package enum Want: Hashable, Sendable {
        case files, directories, images, cacheMounts, bases
        /// The stages of a Dockerfile, or its build arguments; both paths may be missing.
        case stages(file: String?, context: String?)
        case buildArguments(file: String?, context: String?)
        /// The services of Compose files; none named means the usual one.
        case services(files: [String])
    }

    package private(set) var candidates: [Candidate] = []
    package private(set) var wants: [Want] = []
    /// What the shell has of the word already and the looked-up words are put behind: `--target=`.
    package private(set) var prefix = ""

    /// - Parameter words: those behind the program's name; the last one is where the cursor is, and may be empty.
    package init(_ words: [String], in root: CommandDescription) {
        let word = words.last ?? ""
        let path = CommandPath(Array(words.dropLast()), in: root)
        let line = LineBefore(path)
        if let option = line.openOption {
            value(of: option, path, line)
        } else if word.hasPrefix("--"), let equals = word.firstIndex(of: "="), !line.isBeyondOptions {
            guard let option = path.command.option(String(word[..<equals])), option.takesValue else { return }
            prefix = String(word[...equals])
            value(of: option, path, line)
        } else if word.hasPrefix("-"), !line.isBeyondOptions {
            options(of: path.command, line)
        } else if !path.command.commands.isEmpty, line.operands.isEmpty {
            candidates = path.command.shownCommands.map { Candidate($0.name, $0.abstract) }
            if path.names.isEmpty { candidates.append(Candidate("help", "Show help")) }
        } else {
            operand(path, line)
        }
        let typed = word
        candidates.removeAll { !$0.word.hasPrefix(typed) }
    }

    private mutating func options(of command: CommandDescription, _ line: LineBefore) {
        for option in command.shownOptions {
            // One that was given already is of no use again.
            if !option.isRepeating, !line.given.isDisjoint(with: option.names) { continue }
            candidates += option.names.filter { $0.hasPrefix("--") || option.names.count == 1 }.map {
                Candidate($0, option.abstract)
            }
        }
    }

    private mutating func value(of option: OptionDescription, _ path: CommandPath, _ line: LineBefore) {
        let known = ValueKind.of(option, in: path.names)
        if case .words(let words) = known {
            candidates = words.map { Candidate(prefix + $0) }
            return
        }
        ask(known, line)
    }

    private mutating func operand(_ path: CommandPath, _ line: LineBefore) {
        let operands = path.command.operands
        guard let last = operands.last else { return }
        let index = line.operands.count
        let operand = index < operands.count ? operands[index] : last
        guard index < operands.count || last.isRepeating || last.takesRest else { return }
        // Behind the image's name the words are its program's.
        ask(operand.takesRest && index >= operands.count ? .files : ValueKind.of(operand), line)
    }

    private mutating func ask(_ kind: ValueKind, _ line: LineBefore) {
        switch kind {
        case .files: wants = [.files]
        case .directories: wants = [.directories]
        case .images: wants = [.images]
        case .imagesOrFiles: wants = [.images, .files]
        case .basesOrFiles: wants = [.bases, .files]
        case .cacheMounts: wants = [.cacheMounts]
        case .stages: wants = [.stages(file: line.value("--file", "-f"), context: line.operands.first)]
        case .buildArguments: wants = [.buildArguments(file: line.value("--file", "-f"), context: line.operands.first)]
        case .services: wants = [.services(files: line.values("--file", "-f"))]
        case .words, .nothing: break
        }
    }
}

/// What stands before the cursor.
struct LineBefore {
    /// Names and values of options, of the commands above too.
    private var options: [(name: String, value: String)] = []
    private(set) var operands: [String] = []
    /// An option whose value stands at the cursor.
    private(set) var openOption: OptionDescription?
    /// Behind `--`, or among the words of somebody else's program.
    private(set) var isBeyondOptions = false

    init(_ path: CommandPath) {
        var rest = path.rest
        let own = path.command.operands.firstIndex(where: \.takesRest)
        while let word = rest.popFirst() {
            if isBeyondOptions || !word.hasPrefix("-") || word == "-" {
                operands.append(word)
                if let own, operands.count > own { isBeyondOptions = true }
            } else if word == "--" {
                isBeyondOptions = true
            } else if let equals = word.firstIndex(of: "=") {
                options.append((String(word[..<equals]), String(word[word.index(after: equals)...])))
            } else if let option = path.command.option(word), option.takesValue {
                guard let value = rest.popFirst() else {
                    openOption = option
                    break
                }
                options.append((word, value))
            } else {
                options.append((word, ""))
            }
        }
    }

    var given: Set<String> { Set(options.map(\.name)) }

    func values(_ names: String...) -> [String] { options.filter { names.contains($0.name) }.map(\.value) }

    func value(_ names: String...) -> String? { options.last { names.contains($0.name) }?.value }
}
