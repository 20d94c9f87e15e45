/// What a program needs of the image below it.
package struct ProgramNeeds: Hashable, Sendable {
    package enum Runtime: Hashable, Sendable {
        case python, node, perl, shell
        /// - Parameter release: the Java release that the classes are made for; nil if that is not known.
        case java(release: Int?)

        /// The runtime that a program's name stands for.
        init?(program: String) {
            let name = program.split(separator: "/").last.map(String.init) ?? program
            if name.hasPrefix("python") {
                self = .python
            } else if name.hasPrefix("perl") {
                self = .perl
            } else if name == "node" || name == "nodejs" {
                self = .node
            } else if name == "java" {
                self = .java(release: nil)
            } else if ["sh", "bash", "dash", "ash", "busybox"].contains(name) {
                self = .shell
            } else {
                return nil
            }
        }
    }

    package var runtime: Runtime?
    /// Names of libraries that the program does not bring along.
    package var libraries: Set<String> = []
    package var isDynamic = false
    package var speaksTLS = false
    package var usesTimeZones = false
    /// The newest version of glibc's symbols: `2.38`.
    package var glibcVersion: String?

    package init() {}
}

/// The smallest base of the catalog for a program.
package struct BaseChoice: Hashable, Sendable {
    /// `scratch` or a name below `distroless/`.
    package let name: String
    /// Libraries that the base does not have.
    package let uncovered: [String]

    private static let glibc: Set = [
        "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2", "libutil.so.1",
        "libnsl.so.1", "libanl.so.1", "libmvec.so.1", "libthread_db.so.1", "libBrokenLocale.so.1",
    ]
    private static let openSSL: Set = ["libssl.so.3", "libcrypto.so.3"]
    private static let runtimes: Set = ["libstdc++.so.6", "libgcc_s.so.1", "libgomp.so.1"]
    /// In the bases of the newest release, below `base`.
    private static let newer: Set = ["libz.so.1", "libzstd.so.1"]
    /// What the runtimes' own packages bring.
    private static let python: Set = [
        "libexpat.so.1", "libffi.so.8", "libbz2.so.1.0", "liblzma.so.5", "libsqlite3.so.0", "libreadline.so.8",
        "libncursesw.so.6", "libtinfo.so.6", "libuuid.so.1", "libcrypt.so.1",
    ]

    /// The newest glibc of each release, the newest release first.
    static let releases = [
        (suite: "trixie", version: "13", glibc: "2.41"), (suite: "bookworm", version: "12", glibc: "2.36"),
    ]

    package init(for needs: ProgramNeeds) {
        let foreign = needs.libraries.filter { !$0.hasPrefix("ld-linux") && !$0.hasPrefix("libnss_") }
        let all = Self.glibc.union(Self.openSSL).union(Self.runtimes).union(Self.newer)
        func rest(_ provided: Set<String>) -> [String] { foreign.subtracting(provided).sorted() }
        switch needs.runtime {
        case .python: (name, uncovered) = ("distroless/python3", rest(all.union(Self.python)))
        case .node: (name, uncovered) = ("distroless/nodejs", rest(all))
        case .perl: (name, uncovered) = ("distroless/perl", rest(all))
        case .java(let release): (name, uncovered) = ("distroless/java\(Self.javaRelease(release))", rest(all))
        case .shell: (name, uncovered) = ("distroless/cc:debug", rest(all))
        case nil:
            if !foreign.isDisjoint(with: Self.runtimes) || !rest(all).isEmpty {
                (name, uncovered) = ("distroless/cc", rest(all))
            } else if !foreign.isDisjoint(with: Self.openSSL.union(Self.newer)) {
                (name, uncovered) = ("distroless/base", [])
            } else if needs.isDynamic {
                (name, uncovered) = ("distroless/base-nossl", [])
            } else {
                (name, uncovered) = (needs.speaksTLS || needs.usesTimeZones ? "distroless/static" : "scratch", [])
            }
        }
    }

    /// The oldest release of the catalog that runs a class file.
    private static func javaRelease(_ needed: Int?) -> Int {
        let releases = [17, 21, 25]
        guard let needed else { return 21 }
        return releases.first { $0 >= needed } ?? 25
    }

    /// The remedy that this choice is.
    var remedy: Finding.Remedy {
        guard name != "scratch" else { return .base("distroless/static") }
        return uncovered.isEmpty ? .base(name) : .packages(uncovered.map(Self.package(of:)), on: name)
    }

    /// The package that has a library, as Debian names such packages: `libpq.so.5` is in `libpq5` (policy 8.1).
    package static func package(of library: String) -> String {
        if let known = DebianTables.libraries[library] { return known }
        guard let range = library.firstRange(of: ".so") else { return library }
        let stem = String(library[..<range.lowerBound]).lowercased().replacing("_", with: "-")
        let version = library[range.upperBound...].dropFirst()
        return stem.last?.isNumber ?? false && !version.isEmpty ? "\(stem)-\(version)" : stem + version
    }
}
