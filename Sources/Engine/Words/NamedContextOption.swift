package import LinuxSystem
import OCI
import Storage

/// One `--build-context NAME=VALUE`.
package enum NamedContextOption {
    /// - Throws: ``InvalidOption``, and what a malformed reference or a missing directory throws.
    package static func read(_ option: String, _ environment: HostEnvironment) throws -> (
        name: String, source: NamedContextSource
    ) {
        let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw InvalidOption(name: "--build-context", value: option, reason: "the form is NAME=VALUE")
        }
        return (parts[0].lowercased(), try source(parts[1], environment))
    }

    private static func source(_ value: String, _ environment: HostEnvironment) throws -> NamedContextSource {
        if value.hasPrefix("docker-image://") {
            return .image(try ImageReference(String(value.dropFirst("docker-image://".count))).withDefaultTag)
        }
        if value.hasPrefix("target:") { return .stage(String(value.dropFirst("target:".count))) }
        if value.hasPrefix("oci-layout://") { return try layout(String(value.dropFirst("oci-layout://".count))) }
        return .files(try ContextSource(value, environment))
    }

    /// Reads `path[:tag][@digest]` (buildx, `--build-context`).
    private static func layout(_ text: String) throws -> NamedContextSource {
        var path = text
        var selection = ImageLayout.Selection.unnamed
        if let at = path.lastIndex(of: "@") {
            selection = .digest(try Digest(String(path[path.index(after: at)...])))
            path = String(path[..<at])
        }
        if let colon = path.lastIndex(of: ":"), !path[colon...].contains("/") {
            if selection == .unnamed { selection = .tag(String(path[path.index(after: colon)...])) }
            path = String(path[..<colon])
        }
        return .layout(path: path, selection)
    }
}
