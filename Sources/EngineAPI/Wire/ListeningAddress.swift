package import LinuxSystem
import NIOSSL
package import SystemPackage

/// Where clients connect.
package enum ListeningAddress: Sendable {
    /// A socket in the file system. With a group its members may connect too; else its owner alone.
    case socket(FilePath, group: UInt32?)
    /// A TCP port, for clients that have a certificate.
    case secured(host: String, port: Int, Certificates)
    /// A socket that somebody else has bound already (sd_listen_fds(3)).
    case inherited(Int32)

    /// Files in PEM.
    package struct Certificates: Sendable {
        package let authority: FilePath
        package let certificate: FilePath
        package let key: FilePath

        package init(authority: FilePath, certificate: FilePath, key: FilePath) {
            (self.authority, self.certificate, self.key) = (authority, certificate, key)
        }

        /// TLS that asks each client for a certificate of the authority.
        func context() throws -> NIOSSLContext {
            let chain = try Self.reading(certificate, .certificate) {
                try NIOSSLCertificate.fromPEMFile($0).map { NIOSSLCertificateSource.certificate($0) }
            }
            let secret = try Self.reading(key, .key) { try NIOSSLPrivateKey(file: $0, format: .pem) }
            let authorities = try Self.reading(authority, .authority) { try NIOSSLCertificate.fromPEMFile($0) }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(secret))
            configuration.minimumTLSVersion = .tlsv12
            configuration.trustRoots = .certificates(authorities)
            configuration.certificateVerification = .noHostnameVerification
            // The key is another certificate's.
            return try Self.reading(key, .key) { _ in try NIOSSLContext(configuration: configuration) }
        }

        private static func reading<Result>(
            _ path: FilePath, _ kind: ListeningError.Certificate, _ body: (String) throws -> Result
        ) throws -> Result {
            do { return try body(path.string) } catch { throw ListeningError.certificate(path: path.string, kind) }
        }
    }

    /// The usual place: that of root, else the user's own.
    package static func usualSocket(_ environment: HostEnvironment) -> FilePath? {
        if environment.isRoot, UserNamespace.isInitial { return "/run/distill.sock" }
        return environment.text("XDG_RUNTIME_DIR").map { FilePath($0).appending("distill.sock") }
    }

    /// The sockets that the process was started with.
    package static func inherited(_ environment: HostEnvironment) -> [ListeningAddress] {
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == ProcessFacts.identifier,
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...64).contains(count)
        else { return [] }
        return (3..<3 + count).map(ListeningAddress.inherited)
    }

    /// The number of a group of this machine, by its name or number.
    package static func group(_ text: String) -> UInt32? {
        if let number = UInt32(text) { return number }
        guard let bytes = HostFiles.read("/etc/group") else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count >= 3, fields[0] == text { return UInt32(fields[2]) }
        }
        return nil
    }
}
