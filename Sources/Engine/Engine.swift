import Bases
package import Distribution
package import LinuxSystem
import OCI
package import Sandbox
import Solver
package import Storage
package import SystemPackage

/// Everything that Distill does with images, behind one door: a store, what surrounds the command, and the registries that
/// can be reached from there. A command line, a Compose file and a server each fill its specifications in their own way.
package struct Engine: Sendable {
    package let store: Store
    package let environment: HostEnvironment
    package var registries: RegistryAccess
    /// Finds what executes commands; called only when something must run.
    package var runtime: @Sendable () throws -> any ContainerRuntime

    /// - Parameters:
    ///   - asked: knows credentials before this machine's files do.
    ///   - credentialFile: the one file of credentials; nil for those of docker and podman.
    ///   - warn: hears of settings for registries that have no effect.
    package init(
        store: Store, environment: HostEnvironment, asking asked: Credentials.Asking? = nil,
        credentialFile: FilePath? = nil, warn: @escaping @Sendable (RegistryWarning) -> Void = { _ in }
    ) {
        (self.store, self.environment) = (store, environment)
        registries = RegistryAccess(environment, asking: asked, credentialFile: credentialFile, warn: warn)
        runtime = { try OCIRuntime.installed(searchPath: environment.searchPath, store: store) }
    }

    /// An engine on the store that the environment names. ``close()`` ends it.
    package static func open(
        _ environment: HostEnvironment, asking asked: Credentials.Asking? = nil, credentialFile: FilePath? = nil,
        warn: @escaping @Sendable (RegistryWarning) -> Void = { _ in }
    ) throws -> Engine {
        Engine(
            store: try StoreLocation.open(environment), environment: environment, asking: asked,
            credentialFile: credentialFile, warn: warn)
    }

    package func close() { store.close() }

    /// The same engine, for which the registries of some names need no certificate that is believed.
    func insecurely(_ names: [ImageReference]) -> Engine {
        var engine = self
        engine.registries = registries.allowingInsecure(Set(names.map(\.domain)))
        return engine
    }

    /// Runs what consists of several operations, with one registry session and on one lease of the store.
    package func together<Result>(_ body: (Engine) async throws -> Result) async throws -> Result {
        try await store.use { try await withSession(body) }
    }

    /// Runs several things that are asked for one after the other, with one registry session. Each has a lease of its own: what it
    /// leaves behind can be collected before the next.
    package func withSession<Result>(_ body: (Engine) async throws -> Result) async throws -> Result {
        try await registries.withSession { registries in
            var engine = self
            engine.registries = registries
            return try await body(engine)
        }
    }
}
