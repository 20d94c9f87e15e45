package import Distribution
import LinuxSystem
import SystemPackage

extension RegistryAccess {
    /// The main `registries.conf`, and what lies beside it in `registries.conf.d` of the system and of the user
    /// (containers-registries.conf(5), containers-registries.conf.d(5)). A later file goes before an earlier one.
    package func rules() throws -> RegistryRules {
        var result = RegistryRules()
        for path in try ruleFiles() {
            if let rules = try rules(of: path) { result.add(rules) }
        }
        // What others have recorded has precedence, and is nothing but aliases.
        if let recorded = try rules(of: aliasFile) {
            var aliases = RegistryRules()
            aliases.aliases = recorded.aliases
            result.add(aliases)
        }
        return result
    }

    /// - Returns: nil where there is no such file.
    private func rules(of path: FilePath) throws -> RegistryRules? {
        guard let bytes = HostFiles.read(path) else { return nil }
        do {
            let reading = try RegistryRules.reading(String(decoding: bytes, as: UTF8.self))
            for setting in reading.unknown {
                warn(.unknownSetting(file: path.string, line: setting.line, name: setting.name))
            }
            return reading.rules
        } catch {
            throw EngineError.unusableFile(path: path.string, .registryRules(line: error.line))
        }
    }

    /// Where podman keeps what a person has once answered (containers-registries.conf(5), "Short-Name Aliasing: Modes").
    private var aliasFile: FilePath {
        let cache: FilePath =
            environment.isRoot
            ? "/var/cache"
            : environment.text("XDG_CACHE_HOME").map { FilePath($0) }
                ?? FilePath(environment.text("HOME") ?? "/root").appending(".cache")
        return cache.appending("containers/short-name-aliases.conf")
    }

    private func ruleFiles() throws -> [FilePath] {
        let system: FilePath = "/etc/containers"
        let own =
            environment.text("XDG_CONFIG_HOME").map { FilePath($0) }
            ?? FilePath(environment.text("HOME") ?? "/root").appending(".config")
        let user = own.appending("containers")
        let named = environment.text("CONTAINERS_REGISTRIES_CONF").map { FilePath($0) }
        let main = named ?? [user, system].map { $0.appending("registries.conf") }.first { HostFiles.read($0) != nil }
        let dropIns = [system, user].flatMap { names(of: $0.appending("registries.conf.d")) }
        return (main.map { [$0] } ?? []) + dropIns
    }

    private func names(of path: FilePath) -> [FilePath] {
        // not there
        guard let directory = try? Directory(opening: path), let names = try? directory.names() else { return [] }
        return names.map { String(decoding: $0, as: UTF8.self) }.filter { $0.hasSuffix(".conf") }.sorted().map {
            path.appending($0)
        }
    }
}
