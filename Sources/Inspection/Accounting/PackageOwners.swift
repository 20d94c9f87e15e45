internal import OCI

/// Finds for each file of an image the package that it belongs to.
struct PackageOwners {
    private let account: ImageAccount
    private let reader: PackageReader
    private var result: [Int]
    private var folders: [PathKey: [UInt8]] = [:]

    init(_ account: ImageAccount, _ reader: PackageReader) {
        (self.account, self.reader) = (account, reader)
        result = Array(repeating: -1, count: account.visible.count)
    }

    consuming func owners() -> [Int] {
        for claim in reader.claims { take(claim.path, for: claim.package) }
        takeDirectories()
        takeCompiled()
        takeMade()
        return result
    }

    private mutating func take(_ path: [UInt8], for package: Int) {
        // Paths of before and after the merge of /usr are the same file.
        guard let place = account.place(of: path) ?? account.place(of: canonical(path)), result[place] < 0 else {
            return
        }
        // Many packages have a directory; it has no bytes.
        guard account.entry(account.visible[place]).kind != .directory else { return }
        result[place] = package
    }

    // MARK: Links on the way

    private mutating func canonical(_ path: [UInt8]) -> [UInt8] {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return path }
        let folder = Array(path[..<slash])
        let real = folders[PathKey(folder)] ?? account.resolving(folder)
        folders[PathKey(folder)] = real
        return (real.isEmpty ? [] : real + [UInt8(ascii: "/")]) + path[(slash + 1)...]
    }

    // MARK: What no list names

    /// The nearest directory that a package has as a whole.
    private mutating func takeDirectories() {
        guard !reader.directories.isEmpty else { return }
        var known: [PathKey: Int] = [:]
        for place in result.indices where result[place] < 0 {
            let path = account.visible[place].path
            guard account.entry(account.visible[place]).kind != .directory else { continue }
            let folder = PackageReader.parent(path)
            let owner = known[PathKey(folder)] ?? owner(of: folder)
            known[PathKey(folder)] = owner
            result[place] = owner
        }
    }

    private func owner(of folder: [UInt8]) -> Int {
        var rest = folder[...]
        while !rest.isEmpty {
            if let owner = reader.directories[Array(rest)] { return owner }
            rest = rest.lastIndex(of: UInt8(ascii: "/")).map { rest[..<$0] } ?? []
        }
        return -1
    }

    /// `__pycache__/name.cpython-311.pyc` belongs to whom `name.py` beside the directory does (PEP 3147).
    private mutating func takeCompiled() {
        for place in result.indices where result[place] < 0 {
            let path = account.visible[place].path
            guard path.suffix(4).elementsEqual(".pyc".utf8), let slash = path.lastIndex(of: UInt8(ascii: "/")) else {
                continue
            }
            let folder = path[..<slash]
            guard folder.suffix(12).elementsEqual("/__pycache__".utf8) else { continue }
            let stem = path[(slash + 1)...].prefix { $0 != UInt8(ascii: ".") }
            let source = Array(folder.dropLast(11)) + stem + Array(".py".utf8)
            if let found = account.place(of: source) { result[place] = result[found] }
        }
    }

    /// What packages' scripts made: the paths begin with these words, and the package has this name.
    private static let made: [(path: String, package: String)] = [
        ("etc/ld.so.cache", "libc-bin"), ("var/cache/ldconfig/", "libc-bin"), ("usr/lib/locale/", "locales"),
        ("etc/ssl/certs/java/", "ca-certificates-java"), ("etc/ssl/certs/", "ca-certificates"),
        ("etc/ca-certificates.conf", "ca-certificates"),
        ("etc/alternatives/", "dpkg"), ("var/lib/dpkg/", "dpkg"), ("var/log/dpkg.log", "dpkg"),
        ("var/log/alternatives.log", "dpkg"),
        ("var/cache/debconf/", "debconf"), ("var/lib/apt/", "apt"), ("var/cache/apt/", "apt"), ("var/log/apt/", "apt"),
        ("etc/passwd", "base-passwd"), ("etc/group", "base-passwd"), ("etc/shadow", "passwd"),
        ("etc/gshadow", "passwd"),
        ("var/lib/systemd/", "init-system-helpers"), ("var/lib/pam/", "libpam-runtime"),
        ("etc/pam.d/common-", "libpam-runtime"),
        ("usr/share/info/dir", "install-info"), ("etc/localtime", "tzdata"), ("etc/timezone", "tzdata"),
        ("etc/shells", "debianutils"),
        ("usr/share/mime/", "shared-mime-info"), ("var/cache/fontconfig/", "fontconfig"),
        ("etc/python3/", "python3-minimal"),
        ("lib/apk/", "apk-tools"), ("usr/lib/apk/", "apk-tools"), ("etc/apk/", "apk-tools"),
        ("var/cache/apk/", "apk-tools"),
        ("var/cache/man/", "man-db"), ("usr/share/glib-2.0/schemas/gschemas.compiled", "libglib2.0-0"),
    ]

    private mutating func takeMade() {
        var packages: [String: Int] = [:]
        for (place, package) in reader.packages.enumerated()
        where package.ecosystem == .debian || package.ecosystem == .alpine {
            packages[package.name] = packages[package.name] ?? place
        }
        guard !packages.isEmpty else { return }
        let rules = Self.made.compactMap { rule in
            packages[rule.package].map { (path: Array(rule.path.utf8), package: $0) }
        }
        for place in result.indices where result[place] < 0 {
            let visible = account.visible[place]
            guard account.entry(visible).kind != .directory else { continue }
            if let rule = rules.first(where: { visible.path.starts(with: $0.path) }) { result[place] = rule.package }
        }
    }
}
