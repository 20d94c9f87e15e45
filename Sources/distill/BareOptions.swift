/// Options that docker has as flags, and that take a value here besides.
enum BareOptions {
    /// The value that an option without one has: `--check` looks for mistakes and builds nothing.
    private static let values = ["--check": "lint", "--sbom": "true", "--provenance": "true"]

    /// Arguments in which options of `build` and `base build` have their values written out: the parser would take the
    /// context for it.
    static func spelledOut(_ arguments: [String]) -> [String] {
        guard arguments.first == "build" || arguments.prefix(2) == ["base", "build"] else { return arguments }
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments[..<end].map { argument in values[argument].map { "\(argument)=\($0)" } ?? argument } + arguments[end...]
    }
}
