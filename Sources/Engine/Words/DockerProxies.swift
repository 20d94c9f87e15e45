import BuildGraph
import LinuxSystem
import OCI
import SystemPackage

/// The proxies that docker's config.json has for builds (docker's manual, "Use a proxy server with the Docker CLI"): build arguments in both
/// spellings, which go behind those that are given. Settings for a single daemon are not for us, who are none.
enum DockerProxies {
    private static let members = [
        ("httpProxy", "HTTP_PROXY"), ("httpsProxy", "HTTPS_PROXY"), ("ftpProxy", "FTP_PROXY"), ("noProxy", "NO_PROXY"),
        ("allProxy", "ALL_PROXY"),
    ]

    static func arguments(_ environment: HostEnvironment) -> [String: String] {
        let folder =
            environment.text("DOCKER_CONFIG").map { FilePath($0) }
            ?? environment.text("HOME").map { FilePath($0).appending(".docker") }
        guard let folder, let bytes = HostFiles.read(environment.absolute(folder).appending("config.json")),
            // A file that cannot be read is told by who needs a credential of it.
            let given = (try? JSON.parse(bytes))?["proxies"]?["default"]
        else { return [:] }
        var result: [String: String] = [:]
        for (member, name) in members {
            guard let value = given[member]?.string, !value.isEmpty else { continue }
            (result[name], result[name.lowercased()]) = (value, value)
        }
        return result
    }
}

extension BuildRequest {
    /// Whether a build argument says by which way commands reach others: it may have a password in it, and is no part of the result.
    static func isProxy(_ name: String) -> Bool {
        ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"].contains(name.lowercased())
    }
}
