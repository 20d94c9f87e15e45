package import Distribution
package import LinuxSystem
import SystemPackage

extension TrustedAuthorities {
    /// Where distributions keep their bundle, beside the two places that the TLS library knows (crypto/x509 of Go).
    private static let bundles: [FilePath] = [
        "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]
    private static let known: [FilePath] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
    private static let folder: FilePath = "/etc/ssl/certs"

    /// The system's, or what stands for them: `SSL_CERT_FILE` in place of the bundle, `SSL_CERT_DIR` (directories with colons
    /// between them) in place of the directory, each for itself, as in OpenSSL and Go.
    package init(_ environment: HostEnvironment) {
        let file = environment.text("SSL_CERT_FILE").map { environment.absolute(FilePath($0)) }
        let folders = environment.text("SSL_CERT_DIR")?.split(separator: ":").map {
            environment.absolute(FilePath(String($0)))
        }
        guard file != nil || folders != nil else {
            let isStandard = Self.known.contains(where: Self.isThere)
            let other = Self.bundles.first(where: Self.isThere)
            self.init(
                store: isStandard
                    ? .standard
                    : other.map { .path($0.string) }
                        ?? (Self.isThere(Self.folder) ? .path(Self.folder.string) : .nothing))
            return
        }
        var store = Store.nothing
        if file == nil, let bundle = (Self.known + Self.bundles).first(where: Self.isThere) {
            store = .path(bundle.string)
        }
        if folders == nil, Self.isThere(Self.folder) { store = .path(Self.folder.string) }
        let files = (file.map { [$0] } ?? []) + (folders ?? []).flatMap(Self.files)
        self.init(
            store: store, texts: files.compactMap { HostFiles.read($0).map { String(decoding: $0, as: UTF8.self) } })
    }

    /// All that are in files, as one text in PEM, for a program that reads one. Directories of hashes are not in it.
    package var bundle: String {
        var files: [FilePath] = []
        switch store {
        case .standard: files = Array((Self.known + Self.bundles).filter(Self.isThere).prefix(1))
        case .path(let path): files = [FilePath(path)]
        case .nothing: break
        }
        // A directory cannot be read as a file.
        let store = files.compactMap { HostFiles.read($0).map { String(decoding: $0, as: UTF8.self) } }
        return (store + texts).joined(separator: "\n") + "\n"
    }

    private static func isThere(_ path: FilePath) -> Bool { ProcessFacts.realPath(path) != nil }

    /// Whatever their names are: programs differ in what they want of them.
    private static func files(of path: FilePath) -> [FilePath] {
        // A directory that is not there holds none.
        guard let names = try? Directory(opening: path).names() else { return [] }
        return names.map { String(decoding: $0, as: UTF8.self) }.sorted().prefix(4096).map { path.appending($0) }
    }
}

extension TransferPolicy {
    /// The usual one, with the authorities that this machine trusts.
    package init(_ environment: HostEnvironment) {
        self.init()
        authorities = TrustedAuthorities(environment)
    }
}
