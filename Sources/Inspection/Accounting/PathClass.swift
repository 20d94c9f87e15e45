/// What a path says of its file, by tables of what package managers, compilers and people leave behind.
package enum PathClass: Hashable, Sendable {
    case cache(Cache)
    case documentation, manual, locale, headers, staticLibrary, tests, sourceMap
    /// Of a context, which an ignore file leaves out.
    case contextLeftover(String)

    package enum Cache: String, Hashable, Sendable, CaseIterable {
        case aptLists = "apt-lists"
        case aptArchives = "apt-archives"
        case apk
        case dnf
        case pip
        case uv
        case poetry
        case conda
        case npm
        case yarn
        case pnpm
        case goBuild = "go-build"
        case goModules = "go-modules"
        case cargo
        case maven
        case gradle
        case composer
        case gem
        case nuget
        case ccache
        case temporary = "tmp"
        case logs
        case backups
    }

    /// Paths that begin so, from the root.
    private static let prefixes: [(StaticString, Cache)] = [
        ("var/lib/apt/lists/", .aptLists), ("var/cache/apt/", .aptArchives), ("var/cache/apk/", .apk),
        ("etc/apk/cache/", .apk),
        ("var/cache/dnf/", .dnf), ("var/cache/yum/", .dnf), ("var/lib/dnf/", .dnf),
        ("usr/local/share/.cache/yarn/", .yarn),
        ("go/pkg/mod/", .goModules), ("root/go/pkg/mod/", .goModules), ("usr/local/cargo/registry/", .cargo),
        ("usr/local/cargo/git/", .cargo),
        ("usr/local/bundle/cache/", .gem), ("opt/conda/pkgs/", .conda), ("tmp/", .temporary), ("var/tmp/", .temporary),
        ("var/log/", .logs),
        ("root/.m2/repository/", .maven), ("usr/share/maven/repository/", .maven),
    ]

    /// Directories in somebody's home.
    private static let homes: [(String, Cache)] = [
        (".cache/pip/", .pip), (".cache/uv/", .uv), (".cache/pypoetry/", .poetry), (".npm/", .npm),
        (".cache/yarn/", .yarn), (".yarn/berry/cache/", .yarn),
        (".local/share/pnpm/store/", .pnpm), (".pnpm-store/", .pnpm), (".cache/pnpm/", .pnpm),
        (".cache/go-build/", .goBuild), (".cargo/registry/", .cargo),
        (".cargo/git/", .cargo), (".m2/repository/", .maven), (".gradle/caches/", .gradle),
        (".gradle/wrapper/", .gradle), (".composer/cache/", .composer),
        (".cache/composer/", .composer), (".gem/cache/", .gem), (".nuget/packages/", .nuget), (".ccache/", .ccache),
        (".cache/ccache/", .ccache),
        (".conda/pkgs/", .conda),
    ]

    private static let backups: Set = [
        "var/cache/debconf/config.dat-old", "var/cache/debconf/templates.dat-old", "var/lib/dpkg/status-old",
        "var/lib/dpkg/available-old",
        "var/lib/dpkg/diversions-old", "var/lib/dpkg/statoverride-old", "etc/passwd-", "etc/group-", "etc/shadow-",
        "etc/gshadow-",
    ]

    private static let leftovers: Set = [
        ".git", ".svn", ".hg", ".idea", ".vscode", ".env", ".DS_Store", ".gitignore", ".dockerignore", ".pytest_cache",
        ".mypy_cache", ".ruff_cache",
        ".tox", "__pycache__", ".venv", "node_modules", ".terraform", "coverage", ".nyc_output",
    ]

    /// The cache that a path lies in; nil for none.
    package static func cache(_ path: [UInt8]) -> Cache? {
        guard path.count < 4096 else { return nil }
        if let found = prefixes.first(where: { begins(path, $0.0) }) { return found.1 }
        guard [UInt8(ascii: "v"), UInt8(ascii: "e"), UInt8(ascii: "r"), UInt8(ascii: "h")].contains(path.first) else {
            return nil
        }
        let text = String(decoding: path, as: UTF8.self)
        if backups.contains(text) { return .backups }
        guard let home = home(of: text) else { return nil }
        return homes.first { home.utf8.starts(with: $0.0.utf8) }?.1
    }

    /// What stands behind `root/` or `home/NAME/`.
    private static func home(of path: String) -> Substring? {
        if path.hasPrefix("root/") { return path.dropFirst(5) }
        guard path.hasPrefix("home/"), let slash = path.dropFirst(5).firstIndex(of: "/") else { return nil }
        return path[path.index(after: slash)...]
    }

    /// The first part of a path that a context would better leave out.
    package static func leftover(_ path: [UInt8]) -> String? {
        for part in path.split(separator: UInt8(ascii: "/")) where part.count <= 16 {
            let name = String(decoding: part, as: UTF8.self)
            if leftovers.contains(name) || name.hasPrefix(".env.") { return name }
        }
        return nil
    }

    /// Places below which everything is of one use.
    private static let uses: [(StaticString, PathClass)] = [
        ("usr/share/doc/", .documentation), ("usr/share/man/", .manual), ("usr/share/info/", .manual),
        ("usr/local/share/man/", .manual), ("usr/local/man/", .manual), ("usr/share/gtk-doc/", .documentation),
        ("usr/share/lintian/", .documentation), ("usr/share/linda/", .documentation),
        ("usr/share/doc-base/", .documentation), ("usr/local/share/doc/", .documentation),
        ("usr/share/locale/", .locale), ("usr/share/i18n/locales/", .locale), ("usr/include/", .headers),
        ("usr/local/include/", .headers),
    ]
    private static let endings: [(StaticString, PathClass)] = [
        (".a", .staticLibrary), (".la", .staticLibrary), (".map", .sourceMap), (".pdb", .sourceMap),
    ]

    /// What a file of a package is for, by its place; nil for what a program may need.
    package static func use(_ path: [UInt8], locale: String?) -> PathClass? {
        if path.first == UInt8(ascii: "u"), let found = uses.first(where: { begins(path, $0.0) }) {
            switch found.1 {
            case .locale: return isOther(String(decoding: path, as: UTF8.self), locale) ? .locale : nil
            case .documentation: return ends(path, "/copyright") ? nil : .documentation
            default: return found.1
            }
        }
        if let found = endings.first(where: { ends(path, $0.0) }) { return found.1 }
        return isTestOfModule(path) ? .tests : nil
    }

    /// Whether a directory of tests lies somewhere below a directory of modules, or around one.
    private static func isTestOfModule(_ path: [UInt8]) -> Bool {
        var (isModule, isTest) = (false, false)
        var start = 0
        for place in path.indices where path[place] == UInt8(ascii: "/") {
            // The first directory and the file itself do not count.
            if start > 0 {
                let part = path[start..<place]
                switch part.count {
                case 4, 5, 9:
                    isTest = isTest || equals(part, "test") || equals(part, "tests") || equals(part, "__tests__")
                case 12, 13:
                    isModule =
                        isModule || equals(part, "node_modules") || equals(part, "site-packages")
                        || equals(part, "dist-packages")
                default: break
                }
            }
            start = place + 1
        }
        return isModule && isTest
    }

    private static func begins(_ path: [UInt8], _ text: StaticString) -> Bool {
        equals(path.prefix(text.utf8CodeUnitCount), text)
    }

    private static func ends(_ path: [UInt8], _ text: StaticString) -> Bool {
        equals(path.suffix(text.utf8CodeUnitCount), text)
    }

    private static func equals(_ part: ArraySlice<UInt8>, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { part.elementsEqual($0) }
    }

    /// Whether a file of messages is for another language than the image's.
    private static func isOther(_ path: String, _ locale: String?) -> Bool {
        let parts = path.split(separator: "/")
        guard parts.count > 3, let locale else { return parts.count > 3 && parts[3] != "locale.alias" }
        let language = locale.prefix { $0 != "." && $0 != "@" }
        return parts[3] != language && parts[3] != language.prefix { $0 != "_" } && parts[3] != "locale.alias"
    }
}
