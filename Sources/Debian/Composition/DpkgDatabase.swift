/// dpkg's own files for packages that were unpacked without it, such that `dpkg --configure -a` finishes their
/// installation (dpkg's database: `/var/lib/dpkg`).
struct DpkgDatabase {
    private static let directory = "/var/lib/dpkg"
    private static let scripts: Set = ["preinst", "postinst", "prerm", "postrm", "config"]

    let architecture: String
    let packages: [UnpackedPackage]

    func write(to root: inout RootComposer) throws {
        for name in ["alternatives", "info", "parts", "triggers", "updates"] {
            try root.addDirectory("\(Self.directory)/\(name)")
        }
        try root.addFile("\(Self.directory)/status", packages.map { $0.statusParagraph.text }.joined(separator: "\n"))
        for name in ["available", "diversions", "statoverride"] { try root.addFile("\(Self.directory)/\(name)", "") }
        try root.addFile("\(Self.directory)/arch", architecture + "\n")
        try root.addFile("\(Self.directory)/info/format", "1\n")
        for package in packages { try writeInformation(of: package, to: &root) }
        try writeTriggers(to: &root)
    }

    private func writeInformation(of package: UnpackedPackage, to root: inout RootComposer) throws {
        let base = "\(Self.directory)/info/\(package.databaseName)"
        try root.addFile(base + ".list", Array(package.paths.map { $0 + [0x0A] }.joined()))
        for (name, file) in package.control.files.sorted(by: { $0.key < $1.key })
        where name != "control" && name != "list" {
            try root.addFile("\(base).\(name)", mode: Self.scripts.contains(name) ? 0o755 : 0o644, file.bytes)
        }
    }

    /// `File` has a line for each path that someone waits for, and each named trigger a file of its own.
    private func writeTriggers(to root: inout RootComposer) throws {
        var files = ""
        var named: [String: String] = [:]
        for package in packages {
            for interest in package.triggerInterests {
                let entry = package.databaseName + (interest.isAwaited ? "" : "/noawait") + "\n"
                if interest.name.hasPrefix("/") {
                    files += "\(interest.name) \(entry)"
                } else if !interest.name.contains("/") {
                    named[interest.name, default: ""] += entry
                }
            }
        }
        if !files.isEmpty { try root.addFile("\(Self.directory)/triggers/File", files) }
        for (name, entries) in named.sorted(by: { $0.key < $1.key }) {
            try root.addFile("\(Self.directory)/triggers/\(name)", entries)
        }
    }
}
