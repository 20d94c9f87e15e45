/// A Java launcher's command line (java(1)).
struct JavaCommand {
    enum Start {
        case jar(String)
        case main(String)
        case module(String, main: String?)
        case source(String)
    }

    private(set) var start: Start?
    /// Nil where neither an option nor the environment says it.
    private(set) var classPath: String?
    private(set) var modulePath: [String] = []
    private(set) var addedModules: [String] = []
    private(set) var agents: [String] = []
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
                return
            case "-cp", "-classpath", "--class-path": classPath = value()
            case "-p", "--module-path": modulePath = value().split(separator: ":").map(String.init)
            case "--add-modules": addedModules += value().split(separator: ",").map(String.init)
            case "-m", "--module":
                let names = value().split(separator: "/", maxSplits: 1).map(String.init)
                start = names.first.map { .module($0, main: names.count > 1 ? names[1] : nil) }
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
                    return
                }
            }
        }
    }

    private mutating func take(agent word: String) {
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
