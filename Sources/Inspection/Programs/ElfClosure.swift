package import OCI

/// Everything that a program loads when it starts, and what of it the image does not have.
package struct ElfClosure: Sendable {
    /// Objects, more than which no program loads.
    private static let objectLimit = 1024
    /// Versions that an object misses, more than which say nothing new.
    private static let missingLimit = 100

    /// The program itself.
    package let start: ImagePath
    /// The files of the program and its libraries, the loader among them.
    package private(set) var files: Set<ImagePath> = []
    /// The program's and the libraries' own names and those that they need.
    package private(set) var libraries: Set<String> = []
    package private(set) var missingLoader: String?
    /// In the order in which they were looked for.
    package private(set) var missingLibraries: [String] = []
    package private(set) var missingVersions: [MissingVersion] = []
    /// Whether the program or a library of it may ask for host names.
    package private(set) var looksUpHosts = false
    /// The newest version of glibc that the program and what it brings along need, as in `2.38`; nil without it.
    package private(set) var glibcVersion: String?

    /// A version of symbols that a library does not have.
    package struct MissingVersion: Hashable, Sendable {
        package let needer: ImagePath
        package let library: String
        package let version: String
        /// The newest that it has of the same kind; nil if there is none.
        package let newest: String?
    }

    /// - Parameter directory: where the process is, from which a relative path of the loader goes.
    init(
        of path: ImagePath, _ program: Elf, in tree: ImageTree, environment: [String], directory: ImagePath = .root
    ) throws {
        start = path
        files.insert(path)
        let search = try LibrarySearch(tree, program: program, environment: environment)
        let loaderName = try addLoader(program, tree, directory)
        var queue = [LibrarySearch.Object(path: path, elf: program, inherited: [])]
        var found: [String: Elf] = [:]
        var next = 0
        while next < queue.count, next < Self.objectLimit {
            let object = queue[next]
            next += 1
            note(object.elf, isOwn: next == 1 || !Self.isSystemPath(object.path))
            for name in object.elf.filtered + object.elf.needed
            where libraries.count < Self.objectLimit && libraries.insert(name).inserted {
                if name == loaderName || isLoader(name, program, search) { continue }
                guard let (node, elf) = try search.find(name, for: object) else {
                    missingLibraries.append(name)
                    continue
                }
                found[name] = elf
                guard files.insert(node.path).inserted else { continue }
                queue.append(.init(path: node.path, elf: elf, inherited: search.inherited(from: object)))
            }
        }
        for object in queue { checkVersions(of: object, found) }
    }

    /// Whether a file is where a base has its libraries.
    static func isSystemPath(_ path: ImagePath) -> Bool {
        ["/lib", "/lib64", "/usr/lib", "/usr/lib64"].contains { ImagePath($0).map(path.hasPrefix) ?? false }
    }

    ///
    /// - Returns: the name by which libraries need the loader.
    private mutating func addLoader(_ program: Elf, _ tree: ImageTree, _ directory: ImagePath) throws -> String? {
        guard let loader = program.interpreter else { return nil }
        guard let place = directory.resolving(loader), let node = try tree.lookUp(place) else {
            missingLoader = loader
            return nil
        }
        files.insert(node.path)
        return try tree.elf(node)?.name
    }

    /// The loader itself is loaded already; musl's is the C library too.
    private func isLoader(_ name: String, _ program: Elf, _ search: LibrarySearch) -> Bool {
        if let loader = program.interpreter, loader.hasSuffix("/" + name) { return true }
        return search.isMusl && (name == "libc.so" || name.hasPrefix("libc.musl-"))
    }

    private mutating func note(_ elf: Elf, isOwn: Bool) {
        if !looksUpHosts, elf.name != "libc.so.6" {
            looksUpHosts = elf.strings.contains(text: "getaddrinfo\0") || elf.strings.contains(text: "gethostbyname")
        }
        guard isOwn else { return }
        for (_, version) in elf.neededVersions where version.hasPrefix("GLIBC_2.") {
            let number = String(version.dropFirst(6))
            if glibcVersion.map({ VersionNumber($0) < VersionNumber(number) }) ?? true { glibcVersion = number }
        }
    }

    private mutating func checkVersions(of object: LibrarySearch.Object, _ found: [String: Elf]) {
        var defined: [String: Set<String>] = [:]
        var told: Set<MissingVersion> = []
        for (library, version) in object.elf.neededVersions {
            // A library without versions serves every one of them, with the loader's warning.
            guard let provider = found[library], !provider.definedVersions.isEmpty else { continue }
            let versions = defined[library] ?? Set(provider.definedVersions)
            defined[library] = versions
            guard !versions.contains(version), told.count < Self.missingLimit else { continue }
            let family = version.prefix { $0 != "_" } + "_"
            let newest = provider.definedVersions.filter {
                $0.hasPrefix(family) && $0.dropFirst(family.count).first?.isNumber == true
            }
            .max {
                VersionNumber(String($0.dropFirst(family.count))) < VersionNumber(String($1.dropFirst(family.count)))
            }
            let missing = MissingVersion(needer: object.path, library: library, version: version, newest: newest)
            if told.insert(missing).inserted { missingVersions.append(missing) }
        }
    }
}

/// A version of numbers and points: `2.38`.
struct VersionNumber: Comparable {
    let numbers: [Int]

    init(_ text: some StringProtocol) { numbers = text.split(separator: ".").map { Int($0) ?? 0 } }

    static func < (left: VersionNumber, right: VersionNumber) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}
