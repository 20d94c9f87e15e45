internal import OCI

/// Where the interpreters of Perl and Ruby look for modules, in Debian's packages and in those of the languages' own images.
struct ScriptPlaces {
    let tree: ImageTree
    let language: Language
    var directories: [ImagePath] = []
    /// Modules that the program makes itself.
    var made: Set<String> = []
    /// Libraries of modules: the directories in which they are.
    private var libraries: [ImagePath] = []

    /// Features of the interpreter that have no file.
    private static let builtin: [Language: Set<String>] = [
        .ruby: [
            "thread", "thread.rb", "rational", "complex", "enumerator", "fiber", "rubygems", "bundler/setup", "etc",
            "ruby2_keywords",
        ]
    ]

    init(_ tree: ImageTree, _ language: Language, _ process: ProcessState) throws {
        (self.tree, self.language) = (tree, language)
        switch language {
        case .perl: try addPerl(process)
        case .ruby: try addRuby(process)
        case .lua, .php, .python, .node, .java, .shell: break
        }
    }

    private func children(_ path: String) throws -> [ImagePath] {
        guard let node = try tree.lookUp(path), node.isDirectory else { return [] }
        return try tree.children(of: node).compactMap { try tree.lookUp($0.path)?.isDirectory ?? false ? $0.path : nil }
    }

    private mutating func add(_ paths: [String]) { directories += paths.compactMap { ImagePath($0) } }

    // MARK: Perl

    private mutating func addPerl(_ process: ProcessState) throws {
        for place in process.paths("PERL5LIB").compactMap({ process.directory.resolving($0) }) {
            // Directories for a version or a machine come with it (perlrun, PERL5LIB).
            directories += try children(place.description).filter { folder in
                let name = String(decoding: folder.name ?? [], as: UTF8.self)
                return name.first == "5" || name.contains("-linux")
            }
            directories.append(place)
        }
        add(["/etc/perl", "/usr/share/perl5", "/usr/local/lib/site_perl"])
        for tuple in try children("/usr/lib") + children("/usr/local/lib") {
            let text = tuple.description
            if text.contains("-linux-gnu") { add([text + "/perl-base"]) }
            for folder in ["perl", "perl5"] { directories += try children("\(text)/\(folder)") }
        }
        for root in [
            "/usr/local/share/perl", "/usr/share/perl", "/usr/local/lib/perl5", "/usr/local/lib/perl5/site_perl",
            "/usr/local/lib/perl5/vendor_perl", "/opt/perl/lib",
        ] {
            for version in try children(root) {
                directories.append(version)
                directories += try children(version.description).filter { $0.description.contains("linux") }
            }
        }
    }

    // MARK: Ruby

    private mutating func addRuby(_ process: ProcessState) throws {
        directories += process.paths("RUBYLIB").compactMap { process.directory.resolving($0) }
        for root in [
            "/usr/lib/ruby", "/usr/local/lib/ruby", "/usr/lib/x86_64-linux-gnu/ruby", "/usr/lib/aarch64-linux-gnu/ruby",
            "/usr/local/lib",
        ] {
            for kind in ["", "/site_ruby", "/vendor_ruby"] where root != "/usr/local/lib" || kind == "/site_ruby" {
                add([root + kind])
                for version in try children(root + kind)
                where version.name?.first.map({ (0x30...0x39).contains($0) }) ?? false {
                    directories.append(version)
                    directories += try children(version.description).filter { $0.description.contains("linux") }
                }
            }
        }
        var homes =
            ["/usr/share/rubygems-integration/all", "/usr/local/bundle"] + process.paths("GEM_HOME")
            + process.paths("GEM_PATH")
        for root in [
            "/var/lib/gems", "/usr/share/rubygems-integration", "/usr/lib/ruby/gems", "/usr/local/lib/ruby/gems",
            "/usr/local/bundle/ruby", "/usr/lib/x86_64-linux-gnu/rubygems-integration",
        ] {
            homes += try children(root).map(\.description)
        }
        for home in homes {
            for gem in try children(home + "/gems") { add([gem.description + "/lib"]) }
            for platform in try children(home + "/extensions") {
                for version in try children(platform.description) { directories += try children(version.description) }
            }
        }
    }

    // MARK: Finding

    enum Found {
        case file(ImageTree.Node)
        case builtin
        case missing
    }

    func find(module name: String) throws -> Found {
        if Self.builtin[language]?.contains(name) ?? false || made.contains(name) { return .builtin }
        for directory in directories {
            for candidate in names(of: name) {
                guard let path = directory.resolving(candidate), let node = try tree.lookUp(path), node.size != nil
                else { continue }
                return .file(node)
            }
        }
        return .missing
    }

    /// A file by its path below one of the directories.
    func find(file name: String) throws -> Found {
        for directory in directories {
            guard let path = directory.resolving(name), let node = try tree.lookUp(path), node.size != nil else {
                continue
            }
            return .file(node)
        }
        return .missing
    }

    /// The name of the Perl module whose file this is: `JSON::XS` of `…/JSON/XS.pm`.
    func module(at path: ImagePath) -> String? {
        guard
            let directory = directories.filter({ path.hasPrefix($0) }).max(by: {
                $0.components.count < $1.components.count
            })
        else { return nil }
        let parts = path.components.dropFirst(directory.components.count).map { String(decoding: $0, as: UTF8.self) }
        guard let last = parts.last, last.hasSuffix(".pm") else { return nil }
        return (parts.dropLast() + [String(last.dropLast(3))]).joined(separator: "::")
    }

    /// The compiled part of a Ruby library, where it is by custom: whatever asks for it, the library does without it as badly.
    func `extension`(of name: String) throws -> ImageTree.Node? {
        guard language == .ruby, !name.contains(".") else { return nil }
        let base = name.split(separator: "/").last.map(String.init) ?? name
        for candidate in [
            name, "\(name)_ext", "\(name)/\(base)", "\(name)/\(base)_ext", "\(name)_c", "\(name)/\(base)_native",
            "\(name)/ext/\(base)",
        ] {
            if case .file(let node) = try find(file: candidate + ".so") { return node }
        }
        return nil
    }

    private func names(of name: String) -> [String] {
        switch language {
        case .perl: [name.replacing("::", with: "/") + ".pm"]
        case .ruby: name.hasSuffix(".rb") || name.hasSuffix(".so") ? [name] : [name + ".rb", name + ".so"]
        case .lua, .php, .python, .node, .java, .shell: [name]
        }
    }
}
