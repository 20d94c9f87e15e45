import Distribution
import LinuxSystem
import SystemPackage

/// Where this machine keeps credentials for registries (containers-auth.json(5), docker's config.json), in the order in which
/// they are asked.
struct CredentialPlaces: Sendable {
    struct Place: Hashable, Sendable {
        let path: FilePath
        var form = CredentialFile.Form.config
        /// Whether `login` may choose it.
        var isWritable = true
    }

    /// The variable whose value is a file; it goes before all files.
    static let variable = "DOCKER_AUTH_CONFIG"

    let files: [Place]
    /// Where `login` writes what no file has yet.
    let primary: FilePath
    private let given: String?
    private let warn: @Sendable (RegistryWarning) -> Void

    /// - Parameter only: a file that stands for all places.
    init(
        _ environment: HostEnvironment, only: FilePath? = nil, warn: @escaping @Sendable (RegistryWarning) -> Void
    ) {
        self.warn = warn
        if let only {
            (files, primary, given) = ([Place(path: only)], only, nil)
            return
        }
        given = environment.text(Self.variable)
        let home = FilePath(environment.text("HOME") ?? "/root")
        let docker = environment.text("DOCKER_CONFIG").map { FilePath($0) } ?? home.appending(".docker")
        primary = environment.text("REGISTRY_AUTH_FILE").map { FilePath($0) } ?? docker.appending("config.json")
        let runtime = environment.text("XDG_RUNTIME_DIR")
        let own = environment.text("XDG_CONFIG_HOME").map { FilePath($0) } ?? home.appending(".config")
        var places: [Place] = []
        if environment.text("REGISTRY_AUTH_FILE") != nil {
            // It stands for podman's own file; the others are looked into behind it.
            places.append(Place(path: primary))
        } else if let runtime {
            places.append(Place(path: FilePath(runtime).appending("containers/auth.json")))
        } else if environment.isRoot {
            // Without a runtime directory, podman has root's file here.
            places.append(Place(path: "/run/containers/0/auth.json"))
        }
        places.append(Place(path: own.appending("containers/auth.json")))
        places.append(Place(path: docker.appending("config.json")))
        places.append(Place(path: home.appending(".dockercfg"), form: .entries, isWritable: false))
        files = places
    }

    /// The variable's credentials, then those of the files that are there.
    var all: [@Sendable () throws -> CredentialFile?] {
        var all: [@Sendable () throws -> CredentialFile?] = [{ variable() }]
        for place in files { all.append { try read(place) } }
        return all
    }

    /// The variable's credentials; as with docker's command line, a value that is none is told, and passed over.
    func variable() -> CredentialFile? {
        guard let given else { return nil }
        do { return try CredentialFile(bytes: Array(given.utf8), named: Self.variable) } catch {
            warn(.noCredentials(variable: Self.variable))
            return nil
        }
    }

    /// A place's file; nil when there is none.
    func read(_ place: Place) throws -> CredentialFile? {
        let bytes: [UInt8]
        do { bytes = try OwnedDescriptor(opening: place.path).readAll(limit: 64 << 20) } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .notDirectory: return nil
            // Another user's, who is root here in a namespace.
            case .permissionDenied where place.path != primary: return nil
            default: throw EngineError.unusableFile(path: place.path.string, .reading(error.errno))
            }
        }
        do { return try CredentialFile(bytes: bytes, form: place.form, named: place.path.string) } catch {
            throw EngineError.unusableFile(path: place.path.string, .noCredentials)
        }
    }
}
