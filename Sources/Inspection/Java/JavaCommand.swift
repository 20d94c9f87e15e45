/// A Java launcher's command line (java(1)).
struct JavaCommand {
    enum Start {
        case jar(String)
        case main(String)
        case module(String, main: String?)
        case source(String)
    }

    private(set) var start: Start?
    /// What the program is given.
    private(set) var rest: [String] = []
    /// Nil where neither an option nor the environment says it.
    private(set) var classPath: String?
    private(set) var modulePath: [String] = []
    private(set) var addedModules: [String] = []
    private(set) var agents: [String] = []
    /// Names of `-agentlib:` options.
    private(set) var nativeAgents: [String] = []
    /// Options that the launcher or the virtual machine refuses, as they are written.
    private(set) var refused: [String] = []
    /// The value of `java.library.path`.
    private(set) var libraryPath: String?
    /// Names of `-XX:` options.
    private(set) var machineOptions: [String] = []
    private(set) var ignoresUnknown = false
    /// Argument files that are not there.
    private(set) var missingFiles: [String] = []

    /// - Parameter file: the content of an argument file; nil where there is none.
    init(_ arguments: [String], environment: [String: String], file: (String) throws -> String?) rethrows {
        classPath = environment["CLASSPATH"]
        var words = Self.split(environment["JDK_JAVA_OPTIONS"] ?? "")
        var rest = arguments.dropFirst()[...]
        // Argument files count up to the main class.
        while let word = rest.popFirst() {
            if word.hasPrefix("@"), !word.hasPrefix("@@") {
                if let text = try file(String(word.dropFirst())) {
                    words += Self.split(text)
                } else {
                    missingFiles.append(String(word.dropFirst()))
                }
            } else {
                words.append(word)
            }
        }
        for word in Self.split(environment["JAVA_TOOL_OPTIONS"] ?? "") { take(agent: word) }
        parse(words[...])
    }

    private mutating func parse(_ words: ArraySlice<String>) {
        var words = words
        while let word = words.popFirst() {
            let parts = word.hasPrefix("--") ? word.split(separator: "=", maxSplits: 1).map(String.init) : [word]
            func value() -> String { parts.count > 1 ? parts[1] : words.popFirst() ?? "" }
            switch parts.first ?? "" {
            case "-jar":
                start = words.first.map { .jar($0) }
                rest = Array(words.dropFirst())
                return
            case "-cp", "-classpath", "--class-path": classPath = value()
            case "-p", "--module-path": modulePath = value().split(separator: ":").map(String.init)
            case "--add-modules": addedModules += value().split(separator: ",").map(String.init)
            case "-m", "--module":
                let names = value().split(separator: "/", maxSplits: 1).map(String.init)
                start = names.first.map { .module($0, main: names.count > 1 ? names[1] : nil) }
                rest = Array(words)
                return
            case "--add-opens", "--add-exports", "--add-reads", "--limit-modules", "--upgrade-module-path",
                "--patch-module", "--enable-native-access",
                "--source":
                if parts.count == 1 { _ = words.popFirst() }
            case "-version", "--version", "-showversion", "-help", "-h", "-?", "--help", "-X", "--list-modules",
                "--describe-module", "-d", "--dry-run":
                if word != "-showversion" { return }
            default:
                if word.hasPrefix("-") {
                    take(agent: word)
                } else {
                    start = word.hasSuffix(".java") ? .source(word) : .main(word)
                    rest = Array(words)
                    return
                }
            }
        }
    }

    /// The beginnings of what stands behind `-X`, of HotSpot and of OpenJ9.
    private static let machineWords = [
        "m", "s", "int", "comp", "mixed", "batch", "check", "debug", "diag", "future", "internalversion", "log", "rs",
        "share",
        "verify", "bootclasspath", "noclassgc", "prof", "run", "concgc", "incgc", "X", "quickstart", "tune", "gc",
        "aot", "jit",
        "dump", "no", "jarversion", "disable", "enable", "compressed", "trace", "lp", "lock", "option", "thr", "eager",
        "fast",
        "trusted", "use", "int", "class", "codecache", "realtime", "softref", "syslog", "verbose", "zero",
        "alwaysclassgc", "aggressive",
    ]
    private static let longWords: Set = [
        "--add-modules", "--add-opens", "--add-exports", "--add-reads", "--class-path", "--module-path", "--module",
        "--upgrade-module-path", "--list-modules", "--describe-module", "--dry-run", "--validate-modules",
        "--show-version",
        "--show-module-resolution", "--version", "--help", "--help-extra", "--enable-preview", "--illegal-access",
        "--limit-modules",
        "--patch-module", "--source", "--enable-native-access", "--illegal-native-access",
        "--sun-misc-unsafe-memory-access",
        "--disable-@files", "--finalization", "--illegal-final-field-mutation", "--enable-final-field-mutation",
    ]

    /// The bytes that `-Xmx64m` means; nil for what is no size.
    private static func size(_ text: Substring) -> Int? {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits), number < 1 << 40 else { return nil }
        switch text.dropFirst(digits.count).lowercased() {
        case "": return number
        case "k": return number << 10
        case "m": return number << 20
        case "g": return number << 30
        case "t": return number << 40
        default: return nil
        }
    }

    private var heap: (start: Int?, limit: Int?) = (nil, nil)

    /// Notes what is refused before any class is loaded.
    private mutating func judge(_ word: String) {
        if word.hasPrefix("--"), !Self.longWords.contains(String(word.prefix { $0 != "=" })) { refused.append(word) }
        guard word.hasPrefix("-X"), !word.hasPrefix("-XX:") else { return }
        let rest = word.dropFirst(2)
        if !rest.isEmpty, !Self.machineWords.contains(where: rest.hasPrefix) { refused.append(word) }
        for (name, isLimit) in [("mx", true), ("ms", false)] where rest.hasPrefix(name) {
            guard let size = Self.size(rest.dropFirst(2)) else {
                refused.append(word)
                continue
            }
            if isLimit { heap.limit = size } else { heap.start = size }
        }
        if let start = heap.start, let limit = heap.limit, start > limit { refused.append("-Xms") }
    }

    private mutating func take(agent word: String) {
        judge(word)
        if word.hasPrefix("-agentlib:") { nativeAgents.append(String(word.dropFirst(10).prefix { $0 != "=" })) }
        if word.hasPrefix("-Djava.library.path=") { libraryPath = String(word.dropFirst(20)) }
        if word == "-XX:+IgnoreUnrecognizedVMOptions" { ignoresUnknown = true }
        if word.hasPrefix("-XX:") {
            let name = word.dropFirst(4).drop { $0 == "+" || $0 == "-" }.prefix { $0.isLetter || $0.isNumber }
            // Those with a file or a command behind them are read elsewhere.
            let isOther = ["Flags", "VMOptionsFile", "OnError", "OnOutOfMemoryError"].contains(String(name))
            if !name.isEmpty, !isOther { machineOptions.append(String(name)) }
        }
        for prefix in ["-javaagent:", "-agentpath:"] where word.hasPrefix(prefix) {
            agents.append(String(word.dropFirst(prefix.count).prefix { $0 != "=" }))
        }
    }

    /// Words, with quotes as an argument file has them; `#` begins a comment there.
    private static func split(_ text: String) -> [String] {
        var result: [String] = []
        var (word, quote): (String?, Character?) = (nil, nil)
        var isComment = false
        for character in text {
            if isComment {
                if character.isNewline { isComment = false }
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "\"" || character == "'" {
                (quote, word) = (character, word ?? "")
            } else if character.isWhitespace {
                word.map { result.append($0) }
                word = nil
            } else if character == "#", word == nil {
                isComment = true
            } else {
                word = (word ?? "") + String(character)
            }
        }
        word.map { result.append($0) }
        return result
    }
}
