import Distribution
import Dockerfile
package import LinuxSystem
package import Storage
package import SystemPackage

/// How much room a store may take: `DISTILL_STORE_LIMIT`, else `distill.toml` of the user or the machine, else a share of the
/// file system.
///
/// ```
/// [store]
/// limit = "20GB"          # of the build cache and images without a name
/// cache-mounts = "10GB"
/// ```
package struct StoreSettings {
    package let limit: StoreLimit

    /// The least that is a limit by itself, in bytes.
    private static let leastLimit: Int64 = 2_000_000_000

    /// - Throws: ``InvalidOption`` for a setting that has no meaning.
    package init(_ environment: HostEnvironment, store: FilePath) throws {
        var (cache, mounts): (String?, String?) = (nil, nil)
        for path in Self.files(environment) {
            guard let bytes = HostFiles.read(path) else { continue }
            let file: SettingsFile
            do { file = try SettingsFile(String(decoding: bytes, as: UTF8.self)) } catch {
                throw InvalidOption(name: path.string, value: "line \(error.line)", reason: "it is no TOML")
            }
            if let unknown = file.values.keys.sorted().first(where: {
                !["store.limit", "store.cache-mounts"].contains($0)
            }) {
                throw InvalidOption(
                    name: path.string, value: unknown, reason: "known are limit and cache-mounts of [store]")
            }
            cache = file.values["store.limit"] ?? cache
            mounts = file.values["store.cache-mounts"] ?? mounts
        }
        let share = ProcessFacts.totalBytes(at: store).map { max($0 / 10, Self.leastLimit) }
        let name = environment.text("DISTILL_STORE_LIMIT") == nil ? "store.limit" : "DISTILL_STORE_LIMIT"
        limit = StoreLimit(
            cache: try Self.bytes(environment.text("DISTILL_STORE_LIMIT") ?? cache, name) ?? share,
            mounts: try Self.bytes(mounts, "store.cache-mounts") ?? share)
    }

    /// The machine's, then the user's, which goes before it.
    private static func files(_ environment: HostEnvironment) -> [FilePath] {
        let own =
            environment.text("XDG_CONFIG_HOME").map { FilePath($0) }
            ?? environment.text("HOME").map { FilePath($0).appending(".config") }
        return ["/etc/distill/distill.toml"] + (own.map { [$0.appending("distill").appending("distill.toml")] } ?? [])
    }

    private static func bytes(_ text: String?, _ name: String) throws -> Int64? {
        guard let text else { return nil }
        guard let bytes = ByteCount.parse(text), !text.isEmpty else {
            throw InvalidOption(name: name, value: text, reason: "the form is 20GB; 0 is any number of bytes")
        }
        return bytes == 0 ? .max : bytes
    }
}
