internal import OCI

/// What PHP itself and the extensions that its settings load define: names stand as texts in their files.
///
/// Debian, Alpine and PHP's own images keep the settings below /etc/php, /etc/php82 and /usr/local/etc/php.
final class PHPBuiltins {
    private static let programLimit = 64 << 20
    private static let settingsLimit = 256 << 10
    /// Names that are looked for in the program.
    private static let nameLimit = 1000

    private let tree: ImageTree
    private let interpreter: ImageTree.Node
    private let libraryPath: [String]
    /// Whether options and variables say what is loaded.
    let isConfigured: Bool
    /// As in `80200`; nil where it is not known.
    private let version: Int?
    private var settings: [ImagePath] = []
    /// Enabled extensions whose files and libraries are there.
    private var extensions: [String: ImageTree.Node] = [:]
    private var images: [[UInt8]]?
    /// The same, as they are.
    private var originals: [[UInt8]] = []
    /// By a name, and how it is written.
    private var answers: [String: Bool?] = [:]

    init(_ check: ClosureCheck, _ interpreter: ImageTree.Node, _ arguments: [String]) throws {
        (tree, self.interpreter) = (check.tree, interpreter)
        let options = arguments.dropFirst().prefix { $0.hasPrefix("-") || $0.contains("=") }
        let variables = ["PHP_INI_SCAN_DIR", "PHPRC"]
        isConfigured =
            variables.contains { check.process.environment[$0] != nil }
            || options.contains { ["-n", "-c", "-z"].contains($0.prefix(2)) || $0.contains("extension") }
        libraryPath = check.process.paths("LD_LIBRARY_PATH")
        let name = interpreter.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        // php8.2, php82, or what the language's own images say.
        var digits = check.process.environment["PHP_VERSION"] ?? ""
        if name.hasPrefix("php8.") { digits = String(name.dropFirst(3)) }
        if name.hasPrefix("php8"), name.count == 5 { digits = "8." + name.suffix(1) }
        let parts = digits.split(separator: ".").map { Int($0) }
        let isRelease = parts.count > 1 && parts.prefix(2).allSatisfy { (0..<1000).contains($0 ?? -1) }
        version = isRelease ? parts[0].flatMap { major in parts[1].map { major * 10000 + $0 * 100 } } : nil
        try readSettings()
    }

    /// Constants whose values do not depend on the machine.
    func constant(_ name: String) -> PHPValue? {
        switch name {
        case "DIRECTORY_SEPARATOR": .text("/")
        case "PATH_SEPARATOR": .text(":")
        case "PHP_SAPI": .text("cli")
        case "PHP_EOL": .text("\n")
        case "PHP_OS", "PHP_OS_FAMILY": .text("Linux")
        case "E_USER_ERROR": .number(256)
        case "PHP_VERSION_ID": version.map { .number($0) } ?? .unknown
        case "PHP_MAJOR_VERSION": version.map { .number($0 / 10000) } ?? .unknown
        case "PHP_MINOR_VERSION": version.map { .number($0 / 100 % 100) } ?? .unknown
        default: nil
        }
    }

    /// Whether a name in lower case is one of a function, a class or a constant; nil where that is not known.
    ///
    /// - Parameter written: how a class is written; names of classes stand so in the program, and words of other texts do not.
    func knows(_ name: String, written: String? = nil) -> Bool? {
        let key = name + "\0" + (written ?? "")
        if let answer = answers[key] { return answer }
        guard answers.count < Self.nameLimit else { return nil }
        let answer = hasName(name, written: written)
        answers.updateValue(answer, forKey: key)
        return answer
    }

    private func hasName(_ name: String, written: String?) -> Bool? {
        // What cannot be read says nothing.
        guard let images = try? loaded(), !images.isEmpty else { return nil }
        // The program names functions of extensions that it does not have, to tell what they give.
        if let (_, mark) = Self.marks.first(where: { name.hasPrefix($0.prefix) }),
            !images.contains(where: { $0.contains(text: mark) })
        {
            return false
        }
        guard images.contains(where: { $0.contains(text: name + "\0") }) else { return false }
        guard let written, written.first?.isUppercase ?? false, written.count < 8,
            written.dropFirst().allSatisfy(\.isLowercase)
        else { return true }
        return originals.contains { $0.contains(text: written + "\0") }
    }

    /// How the names of functions of some extensions begin, and what the extension says of itself (`phpinfo`), in lower case.
    private static let marks: [(prefix: String, mark: String)] = [
        ("curl_", "curl support"), ("ctype_", "ctype functions"), ("posix_", "posix support"),
        ("token_get", "tokenizer support"), ("token_name", "tokenizer support"), ("iconv_", "iconv support"),
        ("simplexml_", "simplexml support"), ("dom_import", "dom/xml"), ("socket_c", "sockets support"),
        ("exif_", "exif support"), ("ftp_", "ftp support"), ("bindtextdomain", "gettext support"),
        ("numfmt_", "internationalization support"), ("grapheme_", "internationalization support"),
        ("mb_", "mbstring extension"), ("imagecreate", "gd support"), ("bcadd", "bcmath support"),
        ("mysqli_", "mysqli support"), ("pg_", "postgresql support"), ("gmp_", "gmp support"),
        ("finfo_", "fileinfo support"), ("ldap_", "ldap support"),
    ]

    /// Whether an extension is loaded; nil where that is not known.
    func hasExtension(_ name: String) -> Bool? {
        if extensions[name] != nil { return true }
        return knows(name) == false ? false : nil
    }

    private func loaded() throws -> [[UInt8]] {
        if let images { return images }
        images = []
        let program = try lowered(interpreter)
        // A program of another kind that is called so.
        guard program.contains(text: "arrayaccess\0"), program.contains(text: "strlen\0") else { return [] }
        // Settings that are elsewhere may load what is not known; where they are to be and are not, nothing is loaded.
        guard !settings.isEmpty || program.contains(text: "/etc/php") else { return [] }
        let nodes = Array(extensions.values)
        originals = try ([interpreter] + nodes).map { try tree.read($0, limit: Self.programLimit) }
        images = try [program] + nodes.map { try lowered($0) }
        return images ?? []
    }

    private func lowered(_ node: ImageTree.Node) throws -> [UInt8] {
        try tree.read(node, limit: Self.programLimit).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    // MARK: Settings

    private func folders(_ path: String) throws -> [ImageTree.Node] {
        guard let node = try tree.lookUp(path), node.isDirectory else { return [] }
        return try tree.children(of: node).compactMap { try tree.lookUp($0.path) }.filter(\.isDirectory)
    }

    private func readSettings() throws {
        let name = interpreter.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        var places = ["/usr/local/etc/php", "/usr/local/etc/php/conf.d"]
        for folder in try folders("/etc/php") where name == "php" || name == "php" + Self.last(folder) {
            places += [folder.path.description + "/cli", folder.path.description + "/cli/conf.d"]
        }
        for folder in try folders("/etc") where Self.last(folder).hasPrefix("php") && Self.last(folder) != "php" {
            places += [folder.path.description, folder.path.description + "/conf.d"]
        }
        var names: Set<String> = []
        for place in places {
            guard let folder = try tree.lookUp(place), folder.isDirectory else { continue }
            settings.append(folder.path)
            for child in try tree.children(of: folder)
            where child.path.name?.suffix(4).elementsEqual(".ini".utf8) ?? false {
                guard let file = try tree.lookUp(child.path), file.size != nil else { continue }
                names.formUnion(Self.extensions(try tree.read(file, limit: Self.settingsLimit)))
            }
        }
        try find(names)
    }

    private static func last(_ node: ImageTree.Node) -> String {
        String(decoding: node.path.name ?? [], as: UTF8.self)
    }

    /// `extension=NAME` and `zend_extension=NAME.so`.
    private static func extensions(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
            let parts = line.split(separator: "=", maxSplits: 1).map {
                $0.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
            }
            guard parts.count == 2, parts[0] == "extension" || parts[0] == "zend_extension" else { return nil }
            let name = parts[1].split(separator: "/").last.map(String.init) ?? parts[1]
            return name.hasSuffix(".so") ? String(name.dropLast(3)) : name
        }
    }

    private func find(_ names: Set<String>) throws {
        var places = try folders("/usr/lib/php") + folders("/usr/local/lib/php/extensions")
        for folder in try folders("/usr/lib") where Self.last(folder).hasPrefix("php") {
            if let modules = try tree.lookUp(folder.path.appending(Array("modules".utf8))) { places.append(modules) }
        }
        for name in names {
            for place in places {
                guard let node = try tree.lookUp(place.path.appending(Array((name + ".so").utf8))),
                    let elf = try tree.elf(node)
                else { continue }
                let closure = try ElfClosure(of: node.path, elf, in: tree, environment: libraryPath)
                if closure.missingLibraries.isEmpty { extensions[name] = node }
            }
        }
    }
}
