import Bases
import Distribution
import LinuxSystem
import SystemPackage

/// Whose signatures git believes: `SSL_CERT_FILE` and `SSL_CERT_DIR` by its own variables, unless the caller has set those, and what
/// certs.d has for one host, for that host alone.
struct GitAuthorities {
    private let environment: HostEnvironment

    init(_ environment: HostEnvironment) { self.environment = environment }

    func add(for remote: GitRemote, to settings: inout GitSettings, _ surroundings: inout GitAccess.Surroundings) throws
    {
        let isSet = ["GIT_SSL_CAINFO", "GIT_SSL_CAPATH"].contains { environment[$0] != nil }
        let all = TrustedAuthorities(environment)
        let file = environment.text("SSL_CERT_FILE").map { environment.absolute(FilePath($0)).string }
        let folders = environment.text("SSL_CERT_DIR")?.split(separator: ":").map {
            environment.absolute(FilePath(String($0))).string
        }
        let own = remote.origin.map { CertificateDirectories(environment).files(of: Self.names(of: $0, remote)) }
        if !isSet {
            var general = file
            if let folders, let first = folders.first {
                // The library reads one directory, and of that what has a name of a hash: it is given the certificates themselves.
                general = try hold(all.bundle, &surroundings)
                surroundings.variables["GIT_SSL_CAPATH"] = first
            }
            if let general {
                // The variable would go before what holds for one host.
                if own?.authorities.isEmpty ?? true {
                    surroundings.variables["GIT_SSL_CAINFO"] = general
                } else {
                    settings.add("http.sslCAInfo", general)
                }
            }
        }
        guard let own, let origin = remote.origin, !own.isEmpty else { return }
        let section = "http.\(origin)/."
        if !own.authorities.isEmpty {
            let texts = [all.bundle] + own.authorities.compactMap(CertificateDirectories.text)
            settings.add(section + "sslCAInfo", try hold(texts.joined(separator: "\n"), &surroundings))
        }
        if let client = own.client {
            settings.add(section + "sslCert", client.certificate.string)
            settings.add(section + "sslKey", client.key.string)
        }
    }

    private func hold(_ text: String, _ surroundings: inout GitAccess.Surroundings) throws -> String {
        let file = try HeldFile(text)
        surroundings.files.append(file)
        return file.path
    }

    /// How certs.d calls a host: with its port, and without where that is the usual one.
    private static func names(of origin: String, _ remote: GitRemote) -> [String] {
        guard origin.hasPrefix("https://") else { return [] }
        if remote.hostName == remote.host { return [remote.host, remote.host + ":443"] }
        return remote.host.hasSuffix(":443") ? [remote.hostName, remote.host] : [remote.host]
    }
}

/// A text that git can read by a path as long as this is held.
final class HeldFile: Sendable {
    private let descriptor: OwnedDescriptor
    let path: String

    init(_ text: String) throws {
        descriptor = try OwnedDescriptor.inMemory(Array(text.utf8))
        path = "/proc/\(ProcessFacts.identifier)/fd/\(descriptor.raw)"
    }
}
