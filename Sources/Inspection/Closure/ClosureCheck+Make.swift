internal import OCI

/// The target that make(1) is to bring about.
extension ClosureCheck {
    /// What gives targets that do not stand in the file, or not as they are, or finds goals elsewhere.
    private static let open = ["include", "%", "eval", ".DEFAULT", "define", "load ", "VPATH", "vpath"]
    private static let special: Set = [
        ".PHONY", ".ONESHELL", ".SILENT", ".EXPORT_ALL_VARIABLES", ".DELETE_ON_ERROR", ".NOTPARALLEL", ".PRECIOUS",
        ".DEFAULT_GOAL", ".SECONDARY", ".INTERMEDIATE", ".POSIX",
    ]

    mutating func checkMake(_ arguments: [String], _ reading: ServerProgram.Reading) throws {
        let place = reading.directories.first ?? "."
        guard reading.directories.count < 2, reading.files.count < 2, process.environment["MAKEFILES"] == nil,
            let folder = process.directory.resolving(place), let directory = try tree.lookUp(folder),
            directory.isDirectory, let goals = Self.goals(arguments)
        else { return }
        let names = reading.files.isEmpty ? ["GNUmakefile", "makefile", "Makefile"] : reading.files
        var file: ImageTree.Node?
        for name in names where file == nil { file = try folder.resolving(name).flatMap { try tree.lookUp($0) } }
        guard let file, file.size ?? .max < 1 << 20 else { return }
        report.files.insert(file.path)
        let text = String(decoding: try tree.read(file, limit: 1 << 20), as: UTF8.self)
        guard let targets = Self.targets(text) else { return }
        let files = try tree.children(of: directory).map { String(decoding: $0.path.name ?? [], as: UTF8.self) }
        for goal in goals where !targets.contains(goal) && !files.contains(where: { Self.makes($0, goal) }) {
            return add(.missingName(script: "make", module: file.path.description, name: goal))
        }
    }

    /// Whether a file is a goal, or what make's own rules make one of.
    private static func makes(_ file: String, _ goal: String) -> Bool {
        file == goal || file.hasPrefix(goal + ".") || ["s." + goal, "RCS", "SCCS"].contains(file)
    }

    /// The goals of a command line; nil where options are not known, or rules of make's own may make a goal.
    private static func goals(_ arguments: [String]) -> [String]? {
        var goals: [String] = []
        var rest = arguments.dropFirst()
        while let word = rest.popFirst() {
            switch word {
            case "-C", "--directory", "-f", "--file", "--makefile": rest = rest.dropFirst()
            case "-s", "-k", "-B", "-w", "-j", "-i", "--silent", "--quiet", "--no-print-directory", "--always-make":
                continue
            case _ where word.hasPrefix("-j") || word.hasPrefix("-C") || word.hasPrefix("-f"): continue
            case _ where word.hasPrefix("-"): return nil
            case _ where word.contains("=") || word.allSatisfy(\.isNumber): continue
            default:
                guard !word.contains(where: { "./($".contains($0) }) else { return nil }
                goals.append(word)
            }
        }
        return goals
    }

    /// The targets of a makefile; nil where it may have others than those that stand there.
    private static func targets(_ text: String) -> Set<String>? {
        guard !open.contains(where: text.contains) else { return nil }
        var result: Set<String> = []
        for line in text.replacing("\\\n", with: " ").split(whereSeparator: \.isNewline) where !line.hasPrefix("\t") {
            let code = line.prefix { $0 != "#" }
            guard let colon = code.firstIndex(of: ":"), !code[..<colon].contains("=") else { continue }
            let behind = code[code.index(after: colon)...].drop { $0 == ":" }
            if behind.hasPrefix("=") { continue }
            var words = code[..<colon].split(whereSeparator: \.isWhitespace).map(String.init)
            // What `.PHONY` names needs no rule.
            if words.contains(where: special.contains) {
                words += behind.split(whereSeparator: \.isWhitespace).map(String.init)
            }
            if words.contains(where: { $0.contains("$") || ($0.hasPrefix(".") && !special.contains($0)) }) {
                return nil
            }
            result.formUnion(words)
        }
        return result
    }
}
