import ArgumentParser
import Engine
import LinuxSystem
import SystemPackage

/// Where a command's credentials for registries are.
struct CredentialOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The one file of credentials for registries. (default: those of docker and podman)", valueName: "file"))
    var authfile: String?

    func registries(_ environment: HostEnvironment = .ofProcess()) throws -> RegistryAccess {
        RegistryAccess(environment, credentialFile: try file(environment), warn: RegistryAccess.show)
    }

    func engine(_ environment: HostEnvironment = .ofProcess()) throws -> Engine {
        try Engine.opened(environment, credentialFile: try file(environment))
    }

    /// The file that was named.
    func file(_ environment: HostEnvironment) throws -> FilePath? {
        guard let authfile else { return nil }
        let path = environment.absolute(FilePath(authfile))
        guard !authfile.isEmpty, HostFiles.read(path) != nil else {
            throw InvalidOption(name: "--authfile", value: authfile, reason: "there is no such file that can be read")
        }
        return path
    }
}
