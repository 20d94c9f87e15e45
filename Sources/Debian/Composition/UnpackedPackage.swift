/// What dpkg must know about a package whose files are in the layer.
struct UnpackedPackage {
    let package: BinaryPackage
    private(set) var control = ControlArchive()
    /// Absolute paths that the package asks to be kept when an administrator changed them.
    private(set) var configurationFiles: Set<[UInt8]> = []
    /// Every path of the package from `/` on, in its order, whether it was left out or not.
    var paths: [[UInt8]] = []
    /// MD5 of the configuration files that were written.
    var checksums: [[UInt8]: String] = [:]

    init(package: BinaryPackage) { self.package = package }

    mutating func setControl(_ control: ControlArchive) {
        self.control = control
        // A line may start with a flag (`remove-on-upgrade`) for a file that is not in the package.
        let lines = control.files["conffiles"]?.bytes.split(separator: 0x0A) ?? []
        configurationFiles = Set(lines.filter { $0.first == UInt8(ascii: "/") }.map(Array.init))
    }

    /// The name in dpkg's database: with the architecture where several may be installed side by side.
    var databaseName: String {
        package.multiArch == .same ? "\(package.name):\(package.architecture)" : package.name
    }

    /// The paragraph in `/var/lib/dpkg/status` of a package that is unpacked and waits to be configured.
    ///
    /// The checksums of configuration files are those of the files as they were shipped. dpkg finds no `.dpkg-new`
    /// beside them, and leaves both the files and the checksums alone when it configures the package.
    var statusParagraph: ControlParagraph {
        var fields: [ControlParagraph.Field] = []
        for field in control.paragraph.fields where !["status", "conffiles"].contains(field.name.lowercased()) {
            fields.append(field)
            if field.name.equalsIgnoringCase("Package") { fields.append(.init("Status", "install ok unpacked")) }
        }
        let lines = checksums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            "\n \(String(decoding: $0.key, as: UTF8.self)) \($0.value)"
        }
        if !lines.isEmpty { fields.append(.init("Conffiles", lines.joined())) }
        return ControlParagraph(fields)
    }

    /// What the package waits for (deb-triggers(5)): names of triggers or absolute paths.
    var triggerInterests: [(name: String, isAwaited: Bool)] {
        var result: [(name: String, isAwaited: Bool)] = []
        for line in control.files["triggers"]?.text.split(separator: "\n") ?? [] {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count == 2, words[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { continue }
            switch words[0] {
            case "interest", "interest-await": result.append((String(words[1]), true))
            case "interest-noawait": result.append((String(words[1]), false))
            default: continue
            }
        }
        return result
    }
}
