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
                guard let path = process.directory.resolving(file) else { return }
                guard let node = try tree.lookUp(path) else { return add(.missingInput(program: name, path: file)) }
                return try scan(node, .ruby, &run, &places, [])
            }
            var directory = process.directory
            while true {
                for candidate in ["rakefile", "Rakefile", "rakefile.rb", "Rakefile.rb"] {
                    guard let path = directory.resolving(candidate), let node = try tree.lookUp(path) else { continue }
                    try scan(node, .ruby, &run, &places, [])
                    return try checkTasks(rest, node)
                }
                guard !directory.isRoot else { break }
                directory = directory.parent
            }
            add(.missingInput(program: name, path: "Rakefile"))
        case "puma": try launchPuma(rest, &run, &places)
        default: return
        }
    }

    /// `puma` reads its own file, which may name another application (puma's manual, "Configuration").
    private mutating func launchPuma(_ words: [String], _ run: inout ScriptQueue, _ places: inout ScriptPlaces) throws {
        if words.contains("--version") || words.contains("-V") || words.contains("-h") { return }
        var named = words.last { $0.hasSuffix(".ru") }
        let given = Self.value(of: ["-C", "--config"], words)
        let usual = ["config/puma/" + (process.environment["RACK_ENV"] ?? "development") + ".rb", "config/puma.rb"]
        for file in given.map({ [$0] }) ?? usual where file != "-" {
            guard let path = process.directory.resolving(file) else { continue }
            guard let node = try tree.lookUp(path), node.size != nil else {
                if given != nil { return add(.missingInput(program: "puma", path: file)) }
                continue
            }
            try scan(node, .ruby, &run, &places, [])
            for line in String(decoding: try tree.read(node, limit: 256 << 10), as: UTF8.self).split(
                whereSeparator: \.isNewline)
            {
                let parts = line.split(omittingEmptySubsequences: false) { $0 == "'" || $0 == "\"" }
                if line.hasPrefix("rackup "), parts.count == 3 { named = named ?? String(parts[1]) }
                // It is given in the file itself.
                if line.hasPrefix("app ") || line.hasPrefix("app(") { return }
            }
            break
        }
        let file = named ?? "config.ru"
        guard let path = process.directory.resolving(file) else { return }
        guard let node = try tree.lookUp(path) else { return add(.missingInput(program: "puma", path: file)) }
        try scan(node, .ruby, &run, &places, [])
    }

    /// A task that a Rakefile of plain tasks does not have.
    private mutating func checkTasks(_ words: [String], _ node: ImageTree.Node) throws {
        let text = String(decoding: try tree.read(node, limit: 1 << 20), as: UTF8.self)
        let open = [
            "import", "load", "require", "rule", "namespace", "file ", "directory", ".new", "#{", ".define",
        ]
        guard !open.contains(where: text.contains), words.allSatisfy({ !$0.hasPrefix("-") && !$0.contains("=") }) else {
            return
        }
        for word in words.isEmpty ? ["default"] : words {
            let task = String(word.prefix { $0 != "[" })
            if ScriptNames.count(task, in: Array(text.utf8)) > 0 { continue }
            return add(.missingName(script: "rake", module: node.path.description, name: task))
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
        if let name { return installed[name] != nil ? nil : name }
        let gems = try bundledGems()
        for gem in gems where installed[gem] == nil { return gem }
        for (gem, version) in try lockedGems() where gems.contains(gem) && !(installed[gem]?.contains(version) ?? true)
        {
            return "\(gem) \(version)"
        }
        return nil
    }

    /// The releases of gems by their specifications, by name.
    private func gems() throws -> [String: Set<String>] {
        var homes = ["/usr/share/rubygems-integration/all", "/usr/local/bundle"]
        for variable in ["GEM_HOME", "GEM_PATH", "BUNDLE_PATH"] { homes += process.paths(variable) }
        var roots = [
            "/var/lib/gems", "/usr/share/rubygems-integration", "/usr/lib/ruby/gems", "/usr/local/lib/ruby/gems",
            "/usr/local/bundle/ruby", "/usr/lib/x86_64-linux-gnu/rubygems-integration",
            "/usr/lib/aarch64-linux-gnu/rubygems-integration", "/usr/lib/x86_64-linux-gnu/ruby/gems",
        ]
        // A folder of the program's own is looked into where Bundler is told.
        let isTold =
            try ["BUNDLE_DEPLOYMENT", "BUNDLE_PATH", "GEM_HOME"].contains { process.environment[$0] != nil }
            || process.directory.resolving(".bundle/config").flatMap { try tree.lookUp($0) } != nil
            || tree.lookUp("/usr/local/bundle/config") != nil
        roots += (process.paths("BUNDLE_PATH") + (isTold ? ["vendor/bundle", ".bundle"] : [])).map { $0 + "/ruby" }
        for root in roots {
            guard let path = process.directory.resolving(root), let node = try tree.lookUp(path), node.isDirectory
            else {
                continue
            }
            homes += try tree.children(of: node).map(\.path.description)
        }
        var result: [String: Set<String>] = [:]
        for home in homes {
            for folder in ["specifications", "specifications/default"] {
                guard let path = process.directory.resolving(home + "/" + folder), let node = try tree.lookUp(path),
                    node.isDirectory
                else { continue }
                for child in try tree.children(of: node) {
                    let file = String(decoding: child.path.name ?? [], as: UTF8.self)
                    guard file.hasSuffix(".gemspec") else { continue }
                    let stem = String(file.dropLast(8))
                    let name = Self.gemName(stem)
                    let version = stem.dropFirst(name.count + 1).prefix { $0 != "-" }
                    result[name, default: []].insert(String(version))
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

    /// The releases that Gemfile.lock has of gems of an index: lines of four blanks.
    private func lockedGems() throws -> [(name: String, version: String)] {
        guard let file = try gemfile(), let node = try tree.lookUp(file.parent.appending(Array("Gemfile.lock".utf8))),
            node.size != nil
        else { return [] }
        var result: [(name: String, version: String)] = []
        var isIndex = false
        for line in String(decoding: try tree.read(node, limit: 1 << 20), as: UTF8.self).split(
            whereSeparator: \.isNewline)
        {
            if !line.hasPrefix(" ") { isIndex = line == "GEM" }
            guard isIndex, line.hasPrefix("    "), !line.hasPrefix("     ") else { continue }
            let parts = line.split { " ()".contains($0) }
            if parts.count == 2, !parts[1].contains("-") { result.append((String(parts[0]), String(parts[1]))) }
        }
        return result
    }

    /// What a Gemfile demands besides gems of an index: the file itself, a release of Ruby, gems by their paths.
    func gemfileLack(_ script: String) throws -> Finding.Kind? {
        guard let file = try gemfile() else { return nil }
        guard let node = try tree.lookUp(file), node.size != nil else {
            return .missingInput(program: script, path: file.description)
        }
        for line in String(decoding: try tree.read(node, limit: 256 << 10), as: UTF8.self).split(
            whereSeparator: \.isNewline)
        {
            let parts = line.split(omittingEmptySubsequences: false) { $0 == "'" || $0 == "\"" }
            guard parts.count > 2 else { continue }
            if line.hasPrefix("ruby "), parts.count == 3, try isOtherRuby(String(parts[1])) {
                return .missingName(script: file.description, module: "Ruby", name: String(parts[1]))
            }
            if line.hasPrefix("gem "), let place = parts.firstIndex(where: { $0.hasSuffix("path: ") }),
                place + 1 < parts.count, let folder = file.parent.resolving(String(parts[place + 1])),
                try tree.lookUp(folder) == nil
            {
                return .missingModule(script: file.description, module: String(parts[1]))
            }
        }
        return nil
    }

    /// Whether no Ruby of the image is the one that a Gemfile names, as far as the first two numbers tell.
    private func isOtherRuby(_ wanted: String) throws -> Bool {
        let numbers = wanted.drop { "~>= ".contains($0) }.split(separator: ".").map(String.init)
        let isExact = wanted.first?.isNumber ?? false || wanted.hasPrefix("~>")
        guard isExact, numbers.count > 1, wanted.hasPrefix("~>") == false || numbers.count > 2 else { return false }
        var own: Set<String> = []
        for root in ["/usr/lib/ruby", "/usr/local/lib/ruby"] {
            guard let node = try tree.lookUp(root), node.isDirectory else { continue }
            for child in try tree.children(of: node) {
                let name = String(decoding: child.path.name ?? [], as: UTF8.self)
                if name.first?.isNumber ?? false {
                    own.insert(name.split(separator: ".").prefix(2).joined(separator: "."))
                }
            }
        }
        return !own.isEmpty && !own.contains(numbers.prefix(2).joined(separator: "."))
    }

    /// Gems of the Gemfile that no group, platform or other source keeps apart.
    private func bundledGems() throws -> [String] {
        guard let file = try gemfile(), let node = try tree.lookUp(file), node.size != nil else { return [] }
        return try gems(of: node)
    }

    /// The Gemfile that counts, which may not be there where a variable names it.
    private func gemfile() throws -> ImagePath? {
        var directory = process.directory
        var file = process.environment["BUNDLE_GEMFILE"].flatMap { process.directory.resolving($0) }
        while file == nil {
            if let path = directory.resolving("Gemfile"), try tree.lookUp(path) != nil { file = path }
            guard !directory.isRoot else { break }
            directory = directory.parent
        }
        return file
    }

    private func gems(of node: ImageTree.Node) throws -> [String] {
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
