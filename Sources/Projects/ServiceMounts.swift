import Compose
import Engine
import LinuxSystem
import OCI
import Storage
import SystemPackage

/// What a service sees of this machine's directories: volumes, bind mounts and secrets.
struct ServiceMounts {
    private(set) var bindings: [Binding] = []
    /// Directories that go with the container.
    private(set) var volumes: [(target: ImagePath, access: Binding.Access)] = []

    init(_ service: Service, _ layers: [DiffID], _ around: PreparedService.Surroundings) throws {
        for use in service.volumes {
            let seed = Binding.Seed(layers: layers, path: use.target)
            let access: Binding.Access = use.isReadOnly ? .readOnly : .readWrite
            let source: FilePath
            switch use.source {
            case .named(let key): source = try Self.volume(key, use, seed, around)
            case .bind(let path, let createsMissing):
                source = try Self.host(around.files.path(path), createsMissing, use.place)
            case .anonymous:
                volumes.append((use.target, access))
                continue
            }
            bindings.append(Binding(source: .host(source.string), target: use.target, access: access))
        }
        for use in service.secrets {
            let bytes = try Self.secret(use, around)
            bindings.append(
                Binding(
                    source: .secret(bytes, mode: use.mode, user: use.user, group: use.group), target: use.target,
                    access: .readOnly))
        }
    }

    private static func volume(
        _ key: String, _ use: VolumeUse, _ seed: Binding.Seed, _ around: PreparedService.Surroundings
    ) throws -> FilePath {
        guard let volume = around.project.volumes.first(where: { $0.key == key }) else {
            throw ProjectError.missingVolume(key, use.place)
        }
        let name = volume.storedName(in: around.project.name)
        if volume.isExternal, try !around.store.volumes.exists(name) {
            throw ProjectError.missingVolume(name, volume.place)
        }
        return try around.store.volumes.path(of: name, seed: use.copiesImage ? seed : nil)
    }

    private static func host(_ path: FilePath, _ createsMissing: Bool, _ place: Place) throws -> FilePath {
        if let real = ProcessFacts.realPath(path) { return real }
        guard createsMissing else { throw ProjectError.missingMountSource(path.string, place) }
        try makeDirectory(path)
        return path
    }

    private static func makeDirectory(_ path: FilePath) throws {
        let parent = path.removingLastComponent()
        guard let name = path.lastComponent else { return }
        if ProcessFacts.realPath(parent) == nil { try makeDirectory(parent) }
        try Directory(opening: parent).ensureDirectory(Array(name.string.utf8))
    }

    private static func secret(_ use: SecretUse, _ around: PreparedService.Surroundings) throws -> [UInt8] {
        guard let secret = around.project.secrets.first(where: { $0.name == use.secret }) else { return [] }
        switch secret.source {
        case .file(let path):
            guard let bytes = HostFiles.read(around.files.path(path)) else {
                throw ProjectError.missingSecret(secret.name, .file(path), secret.place)
            }
            return bytes
        case .environment(let name):
            guard let value = around.files.environment[name] else {
                throw ProjectError.missingSecret(secret.name, .variable(name), secret.place)
            }
            return Array(value.utf8)
        }
    }
}
