package import OCI

extension Composer {
    /// Which packages are taken, and from where.
    struct Plan {
        let resolution: Resolution
        let archives: [ArchiveSuite]
        /// Of the archives, in seconds since 1970; none for a lock.
        let dates: [Int64]
        let date: Int64

        init(resolution: Resolution, archives: [ArchiveSuite], dates: [Int64], date: Int64) {
            (self.resolution, self.archives, self.dates, self.date) = (resolution, archives, dates, date)
        }

        /// The packages of a lock.
        ///
        /// - Throws: ``DebianError/lockWithoutArchitecture(_:)``, and ``DebianError/noMirror(suite:)`` for a suite that no
        ///   mirror is known for.
        init(_ lock: PackageLock, _ architecture: DebianArchitecture, archives: [ArchiveSuite]) throws(DebianError) {
            guard let packages = lock.packages[architecture.name] else {
                throw .lockWithoutArchitecture(architecture.name)
            }
            var chosen: [String: BinaryPackage] = [:]
            for package in packages {
                guard let archive = archives.firstIndex(where: { $0.name == package.suite }) ?? archives.indices.first
                else {
                    throw .noMirror(suite: package.suite)
                }
                chosen[package.name] = try package.binaryPackage(archive: archive)
            }
            self.init(
                resolution: Resolution(chosen: chosen, reasons: [:]), archives: archives, dates: [], date: lock.date)
        }

        /// Where a package may be: in its own archive first, then in the others, into which it may have moved.
        func urls(of package: BinaryPackage) -> [String] {
            let own = archives[package.archive].uri
            var uris = [own]
            if dates.isEmpty { for archive in archives where !uris.contains(archive.uri) { uris.append(archive.uri) } }
            return uris.map { "\($0)/\(package.filename)" }
        }
    }

    /// The lock of a recipe for some platforms, of what the archive has now. No package is downloaded.
    ///
    /// - Parameters:
    ///   - request: for any of the platforms.
    ///   - recipe: how the lock names the recipe.
    package func lock(
        _ request: Request, platforms: [Platform], recipe: String,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> PackageLock {
        var lock = PackageLock(recipe: recipe, suite: request.recipe.suite, date: 0, releases: [], packages: [:])
        for platform in platforms {
            var request = request
            request.platform = platform
            request.lock = nil
            let architecture = try DebianArchitecture(platform)
            let plan = try await plan(try request.expanded(for: architecture), architecture, progress)
            lock.packages[architecture.name] = plan.resolution.packages.map {
                PackageLock.Package($0, suite: plan.archives[$0.archive].name)
            }
            lock.date = max(lock.date, plan.date)
            lock.releases = zip(plan.archives, plan.dates).map { .init(suite: $0.name, date: ArchiveDate.rfc3339($1)) }
        }
        return lock
    }
}
