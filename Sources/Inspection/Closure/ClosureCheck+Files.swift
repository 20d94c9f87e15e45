internal import OCI

/// The files that programs read whatever language they are in.
extension ClosureCheck {
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem", "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ]

    mutating func needCertificates(_ path: String) throws {
        report.needs.speaksTLS = true
        let named = process.environment["SSL_CERT_FILE"].map { [$0] } ?? []
        for bundle in named + Self.bundles {
            guard let node = try tree.lookUp(bundle), node.size ?? 0 > 0 else { continue }
            report.files.insert(node.path)
            return
        }
        let directory = process.environment["SSL_CERT_DIR"] ?? "/etc/ssl/certs"
        if let node = try tree.lookUp(directory), node.isDirectory, !(try tree.children(of: node).isEmpty) { return }
        // One who speaks is enough.
        for finding in report.findings { if case .noCertificates = finding.kind { return } }
        add(.noCertificates(path: path), BaseChoice(for: report.needs).remedy)
    }

    mutating func needTimeZones(_ path: String) throws {
        report.needs.usesTimeZones = true
        if let node = try tree.lookUp("/usr/share/zoneinfo/UTC"), node.size != nil { return }
        add(.noTimeZones(path: path), BaseChoice(for: report.needs).remedy)
    }

    /// glibc asks name servers first, and never reads `/etc/hosts` where they answer, without this file.
    mutating func needNameServiceSwitch(_ path: String, _ elf: Elf) throws {
        guard let loader = elf.interpreter, !loader.contains("/ld-musl-"), try tree.lookUp(loader) != nil else {
            return
        }
        if try tree.lookUp("/etc/nsswitch.conf") == nil {
            add(.noNameServiceSwitch(path: path), BaseChoice(for: report.needs).remedy)
        }
    }

    /// A zone that the environment names (tzset(3)); `CET-1` and the like need no file.
    mutating func checkTimeZone() throws {
        guard var name = process.environment["TZ"], !name.isEmpty else { return }
        if name.hasPrefix(":") { name.removeFirst() }
        let hasFile = name.contains("/") || (name.allSatisfy(\.isLetter) && name.count >= 3)
        guard hasFile, name != "UTC", name != "GMT" else { return }
        report.needs.usesTimeZones = true
        let path = name.hasPrefix("/") ? name : "/usr/share/zoneinfo/" + name
        if try tree.lookUp(path)?.size == nil { add(.noTimeZone(name: name), .base("distroless/static")) }
    }
}
