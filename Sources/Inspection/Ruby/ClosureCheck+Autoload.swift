internal import OCI

/// Constants of Ruby whose files are loaded when somebody asks for them (Module#autoload).
extension ClosureCheck {
    /// Looks for the files of those that the program's outermost statements ask for.
    mutating func checkAutoloads(_ command: ScriptCommand, _ run: ScriptQueue, _ places: ScriptPlaces) throws {
        guard !report.cannotStart, !run.isComputed,
            let path = command.script.flatMap({ process.directory.resolving($0) }),
            let node = try tree.lookUp(path), node.size ?? .max < 1 << 20
        else { return }
        let asked = Self.constants(String(decoding: try tree.read(node, limit: 1 << 20), as: UTF8.self))
        guard !asked.isEmpty else { return }
        for file in run.seen.sorted(by: { $0.description < $1.description }) {
            guard let source = try tree.lookUp(file), source.size ?? .max < 256 << 10 else { continue }
            let bytes = try tree.read(source, limit: 256 << 10)
            guard bytes.contains(text: "autoload :") else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            for (name, target) in Self.autoloads(text) where asked.contains(where: { Self.isThere($0, name, text) }) {
                guard case .missing = try places.find(module: target) else { continue }
                return add(.missingModule(script: file.description, module: target))
            }
        }
    }

    /// Whether a file that loads a name later has it in the module that a path of names says.
    private static func isThere(_ path: [Substring], _ name: String, _ text: String) -> Bool {
        guard path.count > 1, path.last == name[...] else { return false }
        let owner = path[path.count - 2]
        return text.split(whereSeparator: \.isNewline).contains { line in
            let words = line.split(separator: " ")
            guard words.count > 1, words[0] == "module" || words[0] == "class" else { return false }
            return words[1].split(separator: ":").last == owner
        }
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
