internal import OCI

/// Constants of Ruby whose files are loaded when somebody asks for them (Module#autoload).
extension ClosureCheck {
    /// Looks for the files of those that the program's outermost statements ask for.
    mutating func checkAutoloads(_ command: ScriptCommand, _ run: ScriptQueue, _ places: ScriptPlaces) throws {
        guard !report.cannotStart, !run.isComputed,
            let path = command.script.flatMap({ process.directory.resolving($0) }),
            let node = try tree.lookUp(path), node.size ?? .max < 1 << 20
        else { return }
        // The modules in which names are asked for, by name.
        var asked: [String: Set<Substring>] = [:]
        for path in Self.constants(String(decoding: try tree.read(node, limit: 1 << 20), as: UTF8.self)) {
            guard path.count > 1, let name = path.last else { continue }
            asked[String(name), default: []].insert(path[path.count - 2])
        }
        guard !asked.isEmpty else { return }
        for file in run.seen.sorted(by: { $0.description < $1.description }) {
            guard let source = try tree.lookUp(file), source.size ?? .max < 256 << 10 else { continue }
            let bytes = try tree.read(source, limit: 256 << 10)
            guard bytes.contains(text: "autoload :") else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            let owners = Self.owners(text)
            for (name, target) in Self.autoloads(text) where !owners.isDisjoint(with: asked[name] ?? []) {
                guard case .missing = try places.find(module: target) else { continue }
                return add(.missingModule(script: file.description, module: target))
            }
        }
    }

    /// The modules and classes of a file, by their last names.
    private static func owners(_ text: String) -> Set<Substring> {
        Set(
            text.split(whereSeparator: \.isNewline).compactMap { line in
                let words = line.split(separator: " ")
                guard words.count > 1, words[0] == "module" || words[0] == "class" else { return nil }
                return words[1].split(separator: ":").last
            })
    }

    /// The constants that a script's outermost statements call something of, name by name: `Shop` and `Worker` of
    /// `Shop::Worker.start`. One that stands alone may be another's of the same name, or the script's own.
    private static func constants(_ text: String) -> [[Substring]] {
        var result: [[Substring]] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("__END__") || line.hasPrefix("=begin") || line.contains("<<") { break }
            guard line.first?.isUppercase ?? false, ![" if ", " unless ", " rescue "].contains(where: line.contains)
            else {
                continue
            }
            let path = line.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
            guard line[path.endIndex...].hasPrefix(".") else { continue }
            result.append(path.split(separator: ":"))
        }
        return result
    }

    /// `autoload :Name, 'path'` as statements of their own.
    private static func autoloads(_ text: String) -> [(name: String, target: String)] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let code = line.drop { $0 == " " || $0 == "\t" }
            guard code.hasPrefix("autoload :"), !code.contains(" if "), !code.contains(" unless "), !code.contains("#{")
            else { return nil }
            let name = code.dropFirst(10).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            var cursor = ScriptNeed.Cursor(String(code.dropFirst(10 + name.count).drop { $0 == "," || $0 == " " }))
            guard let target = cursor.quoted(), cursor.isAtEnd else { return nil }
            return (String(name), target)
        }
    }
}
