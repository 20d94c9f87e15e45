/// Options that docker has as flags, and that take a value here besides.
enum BareOptions {
    /// Arguments in which `build --check`, which looks for mistakes and builds nothing, has its value written out: the
    /// parser would take the context for it.
    static func spelledOut(_ arguments: [String]) -> [String] {
        guard arguments.first == "build" else { return arguments }
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments[..<end].map { $0 == "--check" ? "--check=lint" : $0 } + arguments[end...]
    }
}
