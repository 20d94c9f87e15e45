internal import OCI

/// Servers and tools of Ruby that load a file of the program, and gems that must be installed.
extension ClosureCheck {
    /// `rackup`, `thin`, `unicorn` load config.ru, `rake` a Rakefile (their manuals).
    mutating func launchRack(
        _ node: ImageTree.Node, _ script: String, _ arguments: [String], _ run: inout ScriptQueue,
        _ places: inout ScriptPlaces
    ) throws {
        let name = node.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let place = arguments.firstIndex(of: script) else { return }
        let rest = Array(arguments[(place + 1)...])
        switch name {
        case "rackup", "thin", "unicorn":
            if let file = Self.value(of: name == "thin" ? ["-C", "--config"] : ["-c", "--config-file"], rest),
                let path = process.directory.resolving(file), try tree.lookUp(path) == nil
            {
                return add(.missingInput(program: name, path: file))
            }
            let named = Self.value(of: ["-R", "--rackup"], rest) ?? rest.last { $0.hasSuffix(".ru") } ?? "config.ru"
            guard let path = process.directory.resolving(named) else { return }
            if let file = try tree.lookUp(path) {
                try scan(file, .ruby, &run, &places, [])
            } else if name != "thin", !rest.contains("-b"), !rest.contains("-v"), !rest.contains("--version") {
                add(.missingInput(program: name, path: named))
            }
        case "rake":
            if rest.contains("--version") || rest.contains("-V") || rest.contains("-e") { return }
            if let file = Self.value(of: ["-f", "--rakefile"], rest) {
                if let path = process.directory.resolving(file), try tree.lookUp(path) == nil {
                    add(.missingInput(program: name, path: file))
                }
                return
            }
            var directory = process.directory
            while true {
                for candidate in ["rakefile", "Rakefile", "rakefile.rb", "Rakefile.rb"] {
                    if let path = directory.resolving(candidate), try tree.lookUp(path) != nil { return }
                }
                guard !directory.isRoot else { break }
                directory = directory.parent
            }
            add(.missingInput(program: name, path: "Rakefile"))
        default: return
        }
    }

    private static func value(of options: [String], _ arguments: [String]) -> String? {
        for (index, word) in arguments.enumerated() {
            if options.contains(word), index + 1 < arguments.count { return arguments[index + 1] }
            for option in options where option.hasPrefix("--") && word.hasPrefix(option + "=") {
                return String(word.dropFirst(option.count + 1))
            }
        }
        return nil
    }

    // MARK: Gems

    /// A gem that has no specification where Ruby looks; without a name the first of those that the Gemfile names.
    func missingGem(_ name: String?) throws -> String? {
        let installed = try gems()
        guard !installed.isEmpty else { return nil }
        if let name { return installed.contains(name) ? nil : name }
        for gem in try bundledGems() where !installed.contains(gem) { return gem }
        return nil
    }

    /// The names of gems by their specifications.
    private func gems() throws -> Set<String> {
        var homes = ["/usr/share/rubygems-integration/all", "/usr/local/bundle"]
        for variable in ["GEM_HOME", "GEM_PATH", "BUNDLE_PATH"] { homes += process.paths(variable) }
        var roots = [
            "/var/lib/gems", "/usr/share/rubygems-integration", "/usr/lib/ruby/gems", "/usr/local/lib/ruby/gems",
            "/usr/local/bundle/ruby", "/usr/lib/x86_64-linux-gnu/rubygems-integration",
            "/usr/lib/aarch64-linux-gnu/rubygems-integration", "/usr/lib/x86_64-linux-gnu/ruby/gems",
        ]
        roots += (process.paths("BUNDLE_PATH") + ["vendor/bundle", ".bundle"]).map { $0 + "/ruby" }
        for root in roots {
            guard let path = process.directory.resolving(root), let node = try tree.lookUp(path), node.isDirectory
            else {
                continue
            }
            homes += try tree.children(of: node).map(\.path.description)
        }
        var result: Set<String> = []
        for home in homes {
            for folder in ["specifications", "specifications/default"] {
                guard let path = process.directory.resolving(home + "/" + folder), let node = try tree.lookUp(path),
                    node.isDirectory
                else { continue }
                for child in try tree.children(of: node) {
                    let file = String(decoding: child.path.name ?? [], as: UTF8.self)
                    guard file.hasSuffix(".gemspec") else { continue }
                    result.insert(Self.gemName(String(file.dropLast(8))))
                }
            }
        }
        return result
    }

    /// `rack` of `rack-2.2.22`: what stands before the dash behind which a version begins.
    private static func gemName(_ stem: String) -> String {
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard let version = parts.firstIndex(where: { $0.first?.isNumber ?? false }), version > 0 else { return stem }
        return parts[..<version].joined(separator: "-")
    }

    /// Gems of the Gemfile that no group, platform or other source keeps apart.
    private func bundledGems() throws -> [String] {
        var directory = process.directory
        var file = process.environment["BUNDLE_GEMFILE"].flatMap { process.directory.resolving($0) }
        while file == nil {
            if let path = directory.resolving("Gemfile"), try tree.lookUp(path) != nil { file = path }
            guard !directory.isRoot else { break }
            directory = directory.parent
        }
        guard let file, let node = try tree.lookUp(file), node.size != nil else { return [] }
        var result: [String] = []
        for line in String(decoding: try tree.read(node, limit: 256 << 10), as: UTF8.self).split(
            whereSeparator: \.isNewline)
        where line.hasPrefix("gem ") || line.hasPrefix("gem(") {
            guard !["platform", "group", "path:", "git", ":path", " if ", "install_if"].contains(where: line.contains)
            else { continue }
            let parts = line.split { $0 == "'" || $0 == "\"" }
            if parts.count > 1 { result.append(String(parts[1])) }
        }
        return result
    }
}

extension ClosureCheck {
    private static let interpreterLimit = 64 << 20
    private static let extensionNames = [
        "mb_": "mbstring", "curl_": "curl", "simplexml_": "simplexml", "mysqli_": "mysqli", "pg_": "pgsql",
        "gmp_": "gmp",
        "imagecreate": "gd", "ldap_": "ldap", "imap_": "imap", "xml_": "xml", "bcadd": "bcmath", "zip_": "zip",
    ]

    /// Whether neither PHP itself nor an extension that its settings load has a function. Debian and PHP's own images keep their
    /// settings below /etc/php and /usr/local/etc/php.
    func lacksFunction(_ name: String, _ arguments: [String]) throws -> Bool {
        guard let library = Self.extensionNames.first(where: { name.hasPrefix($0.key) })?.value,
            !arguments.contains(where: { $0.contains(library) }), process.environment["PHP_INI_SCAN_DIR"] == nil,
            process.environment["PHPRC"] == nil, case .found(let program) = try find(arguments.first ?? "")
        else { return false }
        if try tree.read(program, limit: Self.interpreterLimit).contains(text: name + "\0") { return false }
        var folders = [ImagePath("/usr/local/etc/php")].compactMap { $0 }
        if let root = try tree.lookUp("/etc/php"), root.isDirectory {
            for version in try tree.children(of: root) { folders.append(version.path.appending(Array("cli".utf8))) }
        }
        guard try folders.contains(where: { try tree.lookUp($0) != nil }) else { return false }
        for folder in folders {
            for place in [folder, folder.appending(Array("conf.d".utf8))] {
                guard let node = try tree.lookUp(place), node.isDirectory else { continue }
                for child in try tree.children(of: node)
                where child.path.name?.suffix(4).elementsEqual(".ini".utf8) ?? false {
                    guard let file = try tree.lookUp(child.path), file.size != nil else { continue }
                    let lines = String(decoding: try tree.read(file, limit: 256 << 10), as: UTF8.self).split(
                        whereSeparator: \.isNewline)
                    if lines.contains(where: { $0.hasPrefix("extension") && $0.contains(library) }) { return false }
                }
            }
        }
        return true
    }
}
