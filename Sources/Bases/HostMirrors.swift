package import Debian
package import LinuxSystem
import SystemPackage

/// The Debian mirrors that this machine's own apt uses.
package enum HostMirrors {
    /// - Parameter option: the value of `--mirror`.
    package static func configuration(option: String?, environment: HostEnvironment) throws -> MirrorConfiguration {
        MirrorConfiguration(
            option: option, environment: environment["DISTILL_DEBIAN_MIRROR"], host: try sources())
    }

    private static func sources() throws -> [MirrorSource] {
        var result: [MirrorSource] = []
        var paths: [FilePath] = ["/etc/apt/sources.list"]
        if let directory = try? Directory(opening: "/etc/apt/sources.list.d") {  // no apt: no sources
            for name in try directory.names() {
                paths.append(FilePath("/etc/apt/sources.list.d").appending(String(decoding: name, as: UTF8.self)))
            }
        }
        for path in paths {
            guard let name = path.lastComponent, let bytes = HostFiles.read(path) else { continue }
            result += try AptSources.parse(String(decoding: bytes, as: UTF8.self), file: name.string)
        }
        return result
    }
}
