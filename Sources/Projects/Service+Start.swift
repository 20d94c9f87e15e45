package import Compose
package import Engine
import LinuxSystem
import OCI
package import Storage
import SystemPackage

extension ProjectFiles {
    /// How a service starts its image, as far as the image does not say it: for the check, which makes no volume and no
    /// directory for it.
    ///
    /// - Throws: ``ProjectError`` for files of variables that are not there.
    package func start(of service: Service, in project: Project, _ store: Store) throws -> StartChange {
        var change = StartChange()
        (change.entrypoint, change.command) = (service.entrypoint, service.command)
        (change.user, change.workingDirectory) = (service.user, service.workingDirectory)
        change.variables = try variables(of: service).compactMap { variable in
            (variable.value ?? environment[variable.name]).map { (variable.name, $0) }
        }
        change.healthcheck = service.healthcheck.flatMap(\.words)
        change.mounts = try service.volumes.compactMap { try mount($0, in: project, store) }
        change.mounts += service.temporaryFileSystems.map { .empty($0.target) }
        // Their bytes are nobody's business here; that there is a file is what counts.
        change.mounts += service.secrets.map { .file([], mode: $0.mode, user: $0.user, group: $0.group, $0.target) }
        return change
    }

    /// What a service sees at a path in place of the image's files; nil where it sees those.
    private func mount(_ use: VolumeUse, in project: Project, _ store: Store) throws -> StartChange.Mount? {
        switch use.source {
        case .anonymous: return nil
        case .bind(let text, _): return .host(path(text), use.target)
        case .named(let key):
            guard let volume = project.volumes.first(where: { $0.key == key }) else { return nil }
            let name = volume.storedName(in: project.name)
            if try store.volumes.exists(name) {
                let path = try store.volumes.path(of: name, seed: nil)
                // An empty one begins with what the image has there.
                if try !Directory(opening: path).names().isEmpty || !use.copiesImage { return .host(path, use.target) }
                return nil
            }
            return use.copiesImage ? nil : .empty(use.target)
        }
    }
}

extension HealthProbe {
    /// As an image's HEALTHCHECK has it; nil where the image's own counts.
    fileprivate var words: [String]? {
        if isDisabled { return ["NONE"] }
        return switch test {
        case .command(let words): ["CMD"] + words
        case .shell(let text): ["CMD-SHELL", text]
        case nil: nil
        }
    }
}
