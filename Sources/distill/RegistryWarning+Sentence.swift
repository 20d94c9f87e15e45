import Distribution
import Engine
import LinuxSystem
import Rendering
import Synchronization
import SystemPackage

extension RegistryWarning {
    var sentence: String {
        switch self {
        case .missingHelper(let helper):
            "there is no program docker-credential-\(helper.name), which '\(helper.file)' names: no credentials are taken from it"
        case .unknownSetting(let file, let line, let name):
            "'\(file)', line \(line): the setting '\(name)' is not known, and has no effect"
        case .stillKnown(let registry, let place):
            "credentials for '\(registry)' are still in \(place), which is only read"
        case .noCredentials(let variable):
            "the value of \(variable) is not a file of credentials as docker's config.json is (JSON with 'auths'): none are taken from it"
        }
    }
}

extension RegistryAccess {
    private static let told = Mutex<Set<RegistryWarning>>([])

    /// What surrounds this process; each warning is shown once.
    ///
    /// - Parameter credentialFile: the one file of credentials, which need not be there yet.
    static func ofProcess(_ credentialFile: String? = nil) -> RegistryAccess {
        let environment = HostEnvironment.ofProcess()
        return RegistryAccess(
            environment, credentialFile: credentialFile.map { environment.absolute(FilePath($0)) }, warn: show)
    }

    static let show: @Sendable (RegistryWarning) -> Void = { warning in
        guard told.withLock({ $0.insert(warning).inserted }) else { return }
        StandardStream.error.show("warning: \(warning.sentence)\n")
    }
}

extension Engine {
    /// An engine whose registries warn as those of every command do.
    static func opened(_ environment: HostEnvironment, credentialFile: FilePath? = nil) throws -> Engine {
        try open(environment, credentialFile: credentialFile, warn: RegistryAccess.show)
    }
}
