package import Distribution
import LinuxSystem
import SystemPackage

extension RegistryAccess {
    /// Keeps a credential: in the first file that has one for the registry already, for that is the one that is asked, else in
    /// docker's, or with the helper that the file names.
    package func remember(_ credential: Credential, for registry: String) async throws {
        try checkHome()
        let known = try places.files.first { try $0.isWritable && places.read($0)?.mentions(registry) == true }
        try await change(known ?? CredentialPlaces.Place(path: places.primary)) { file in
            try await file.remembering(credential, for: registry, helpers: helpers)
        }
    }

    /// Removes a registry's credentials from all files, and has helpers forget them.
    ///
    /// - Returns: whether there were any.
    package func forget(_ registry: String) async throws -> Bool {
        var wasKnown = false
        for place in places.files {
            guard let file = try places.read(place), file.mentions(registry) else { continue }
            guard place.isWritable else {
                warn(.stillKnown(registry: registry, place: place.path.string))
                continue
            }
            wasKnown = true
            try await change(place) { try await $0.forgetting(registry, helpers: helpers) }
        }
        if places.variable()?.mentions(registry) == true {
            warn(.stillKnown(registry: registry, place: CredentialPlaces.variable))
        }
        return wasKnown
    }

    /// Reads a file, changes it and writes it, readable by its owner alone, while no other command of ours does so.
    private func change(
        _ place: CredentialPlaces.Place, _ body: (CredentialFile) async throws -> CredentialFile
    ) async throws {
        // Where it is a link, it stays one.
        let path = try followed(place.path)
        let directory = try makeDirectory(path.removingLastComponent())
        guard let name = path.lastComponent.map({ Array($0.string.utf8) }) else { return }
        let lock = try await exclusive(directory)
        defer { withExtendedLifetime(lock) {} }
        let file = try await body(try places.read(place) ?? CredentialFile(named: place.path.string))
        let temporary = ProcessFacts.temporaryName
        let descriptor = try directory.createFile(temporary, mode: 0o600)
        if environment.isRoot, let earlier = try directory.status(name) {
            // Root writes for whoever owns the file (sudo); in a namespace it may not.
            try? descriptor.setOwner(user: earlier.user, group: earlier.group)
        }
        try descriptor.write(file.bytes)
        try descriptor.synchronize()
        try directory.rename(temporary, to: name, in: directory)
    }

    /// The lock is the directory's own: no file is left beside the credentials.
    private func exclusive(_ directory: Directory) async throws -> FileLock {
        while true {
            if let lock = try FileLock.attempt(on: directory) { return lock }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func checkHome() throws {
        let isNamed = ["REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "HOME"].contains { environment.text($0) != nil }
        guard isNamed || environment.isRoot else { throw EngineError.noHome }
    }

    private func followed(_ path: FilePath) throws -> FilePath {
        do { return try path.followingLinks() } catch  where error.errno == .noSuchFileOrDirectory { return path }
    }

    private func makeDirectory(_ path: FilePath) throws -> Directory {
        // A file that is named without a directory lies where the command was called.
        if path.isEmpty { return try Directory(opening: environment.workingDirectory) }
        do { return try Directory(opening: path) } catch  where error.errno == .noSuchFileOrDirectory {
            guard let name = path.lastComponent else { throw error }
            let parent = try makeDirectory(path.removingLastComponent())
            try parent.ensureDirectory(Array(name.string.utf8), mode: 0o700)
            return try parent.openDirectory(Array(name.string.utf8))
        }
    }
}
