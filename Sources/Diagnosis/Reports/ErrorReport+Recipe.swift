package import Bases
package import Debian
package import Dockerfile
import Rendering

extension ErrorReport {
    /// A mistake in a recipe, with the line that it is in.
    package init(_ error: RecipeError, of source: SourceFile?) {
        self.init(Self.sentence(error.reason), hint: Self.hint(error.reason))
        let start = SourcePosition(line: error.line, column: error.column)
        locate(SourceRange(start: start, end: SourcePosition(line: error.line, column: error.column + 1)), in: source)
        if source == nil { place = "\(error.file):\(start)" }
    }

    private static func sentence(_ reason: RecipeError.Reason) -> String {
        switch reason {
        case .syntax(let problem): "this is no YAML: \(TerminalText.singleLine(problem))"
        case .excess(let sentence): sentence
        case .unknownKey(let key, _): "a recipe has no '\(key)' here"
        case .missingKey(let key): "'\(key)' is missing"
        case .duplicateKey(let key): "'\(TerminalText.singleLine(key))' stands here twice"
        case .unexpectedKind(let key, .mapping): "'\(key)' must be a mapping of names to values"
        case .unexpectedKind(let key, .list): "'\(key)' must be a list"
        case .unexpectedKind(let key, .text): "'\(key)' must be a text"
        case .invalidValue(let key, let value, let form):
            "'\(value)' cannot be the value of '\(key)': \(describe(form))"
        case .unknownBase(let name): "there is no base '\(name)'"
        case .noSuite: "'suite' is missing"
        case .samePath(let path): "'\(path)' stands here twice"
        }
    }

    private static func hint(_ reason: RecipeError.Reason) -> String? {
        switch reason {
        case .unknownKey(let key, let known):
            Suggestion.nearest(to: key, among: known).map { "did you mean '\($0)'?" }
                ?? "known are \(known.joined(separator: ", "))"
        case .unknownBase: "'distill base ls' lists the bases that a recipe can start from"
        case .noSuite: "write 'suite: trixie', or 'from:' with the name of a base"
        default: nil
        }
    }

    private static func describe(_ form: RecipeError.Form) -> String {
        switch form {
        case .name: "it is no valid name"
        case .absolutePath: "a path must start with '/' and have no '.', '..' or empty parts"
        case .octalMode: "a mode is written in octal, as in 1777"
        case .identifier: "it must be a number"
        case .owner: "the form is UID:GID"
        case .platform: "Debian has no such architecture"
        case .dependency: "the form is that of a Depends field, as in libssl3 (>= 3.0)"
        case .environmentName: "it is no variable's name"
        case .oneOf(let choices): "it must be one of \(choices.joined(separator: ", "))"
        }
    }
}

extension ErrorReport {
    /// A base of the catalog, by its name with or without release and tag, from which a slip may have made another name.
    static func hint(base name: String) -> String? {
        let names = BaseCatalog.all.flatMap { recipe -> [String] in
            guard recipe.name.hasPrefix(BaseCatalog.namespace) else { return [recipe.name] }
            let bare = String(recipe.name.prefix { $0 != ":" })
            return [recipe.name, bare, String(bare.split(separator: "-debian").first ?? "")]
        }
        if names.contains(name) { return "'distill base build \(name)' composes it" }
        return [name, String(name.prefix { $0 != ":" })].lazy.compactMap {
            Suggestion.nearest(to: $0, among: names)
        }.first.map { "did you mean the base \($0)?" }
    }

    package init(_ error: BaseError) {
        switch error {
        case .unknownName(let name):
            self.init(
                "the catalog of bases has no '\(name)', and no registry is asked for names below distroless/",
                hint: Self.hint(base: name)
                    ?? "'distill base ls' lists them; each has the tags latest, nonroot, debug and debug-nonroot")
        case .digest(let name):
            self.init(
                "'\(name)' is composed from packages, so it cannot be named by a digest",
                hint: "pin its packages with 'distill base lock'")
        case .noRecipe(let path): self.init("'\(path)': there is no such recipe")
        case .noLock(let path): self.init("'\(path)': there is no such lock")
        case .foreignPlatform(let platform):
            self.init(
                "--platform '\(platform)': a full Debian runs its packages' scripts, which this machine cannot execute",
                status: 64)
        case .nothing: self.init("no base is asked for")
        }
    }
}
