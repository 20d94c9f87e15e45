package import OCI
package import SystemPackage

/// Composes base images from the packages of a Debian archive.
///
/// Everything is checked from the archive's key down: the signature of `InRelease`, the digests of the indexes in it,
/// and the digests of the packages in those. Packages are kept in the content store and used again.
package struct Composer: Sendable {
    let files: any RemoteFiles
    let store: any ContentStore

    package init(files: any RemoteFiles, store: any ContentStore) { (self.files, self.store) = (files, store) }

    package struct Request: Sendable {
        package var recipe: BaseRecipe
        package var platform: Platform
        /// From ``MirrorConfiguration/sources(for:components:)``.
        package var sources: [MirrorSource]
        /// The archive's public keys, for sources that name none.
        package var keyring: FilePath
        /// Seconds since 1970, to tell an archive that is no longer kept up to date.
        package var now: Int64
        package var parallelDownloads = 4
        /// The packages to take in place of what the archive has now.
        package var lock: PackageLock?

        package init(recipe: BaseRecipe, platform: Platform, sources: [MirrorSource], keyring: FilePath, now: Int64) {
            self.recipe = recipe
            self.platform = platform
            self.sources = sources
            self.keyring = keyring
            self.now = now
        }
    }

    package enum Progress: Hashable, Sendable {
        case fetchingIndexes(suites: [String])
        /// The set is known; `bytes` of it are to be downloaded.
        case resolved(packages: Int, downloads: Int, bytes: Int64)
        case downloading(received: Int64, total: Int64)
        case unpacking(package: String, index: Int, count: Int)
    }

    /// Composes an image.
    ///
    /// - Throws: ``DebianError``, ``OCI/RemoteFileError``, and what the store throws. Nothing but checked downloads
    /// stays
    ///   in the store then.
    package func compose(
        _ request: Request, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> ComposedBase {
        let architecture = try DebianArchitecture(request.platform)
        let request = try request.expanded(for: architecture)
        let plan = try await plan(request, architecture, progress)
        try await fetchPackages(plan, request, progress)
        let assembly = Assembly(request: request, architecture: architecture, plan: plan, store: store)
        return try await assembly.assemble(plan.resolution, progress)
    }

    /// The set of packages that a recipe stands for, without downloading them.
    package func resolve(
        _ request: Request, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Resolution {
        let architecture = try DebianArchitecture(request.platform)
        return try await plan(try request.expanded(for: architecture), architecture, progress).resolution
    }

    /// Which packages are taken, and from where: what the lock says, or what the archive has now.
    func plan(
        _ request: Request, _ architecture: DebianArchitecture, _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> Plan {
        if let lock = request.lock { return try Plan(lock, architecture, archives: archives(request)) }
        let suites = try await fetchSuites(request, architecture, progress)
        let resolution = try resolve(request.recipe, try await index(of: suites, architecture))
        return Plan(
            resolution: resolution, archives: suites.map(\.suite), dates: suites.map(\.release.date),
            date: suites.map(\.release.date).max() ?? 0)
    }

    /// The suites of all mirrors.
    private func archives(_ request: Request) -> [ArchiveSuite] {
        request.sources.flatMap { source in
            source.suites.map {
                ArchiveSuite(
                    uri: source.uri, name: $0, components: source.components,
                    keyring: source.keyring ?? request.keyring, isOptional: source.isOptional)
            }
        }
    }

    func index(of suites: [FetchedSuite], _ architecture: DebianArchitecture) async throws -> PackageIndex {
        try await IndexLoader(store: store, architecture: architecture.name).load(suites)
    }

    private func resolve(_ recipe: BaseRecipe, _ index: PackageIndex) throws(DebianError) -> Resolution {
        var requests: [Dependency] = []
        if recipe.foundation == .minimalSystem {
            requests = index.namesOfMinimalSystem().map { Dependency([PackageRelation(name: $0)]) }
        }
        for package in recipe.packages {
            do {
                requests += try Dependency.parse(package, architecture: index.architecture)
            } catch { throw .unknownPackage(package) }
        }
        let resolver = Resolver(index: index, excluding: recipe.excludedPackages, assuming: recipe.assumedPackages)
        return try resolver.resolve(requests)
    }

    func fetchSuites(
        _ request: Request, _ architecture: DebianArchitecture, _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> [FetchedSuite] {
        let wanted = archives(request)
        guard !wanted.isEmpty else { throw DebianError.noMirror(suite: request.recipe.suite) }
        progress(.fetchingIndexes(suites: wanted.map(\.name)))
        let downloads = Downloads(files: files, store: store, meter: DownloadMeter { _ in })
        let fetcher = SuiteFetcher(downloads: downloads, architecture: architecture.name, now: request.now)
        return try await withThrowingTaskGroup(of: (Int, FetchedSuite?).self) { group in
            for (place, suite) in wanted.enumerated() { group.addTask { (place, try await fetcher.fetch(suite)) } }
            var found = [FetchedSuite?](repeating: nil, count: wanted.count)
            for try await (place, suite) in group { found[place] = suite }
            return found.compactMap { $0 }
        }
    }

    /// Downloads what the store does not have, a few files at a time.
    private func fetchPackages(
        _ plan: Plan, _ request: Request, _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws {
        let packages = plan.resolution.packages
        var missing: [BinaryPackage] = []
        for package in packages where !(try await store.contains(package.digest)) { missing.append(package) }
        let total = missing.reduce(0) { $0 + $1.size }
        progress(.resolved(packages: packages.count, downloads: missing.count, bytes: total))
        let meter = DownloadMeter { progress(.downloading(received: $0, total: total)) }
        let downloads = Downloads(files: files, store: store, meter: meter)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (started, package) in missing.enumerated() {
                if started >= max(1, request.parallelDownloads) { try await group.next() }
                let urls = plan.urls(of: package)
                group.addTask {
                    do {
                        try await downloads.store(package.digest, size: package.size, urls: urls)
                    } catch RemoteFileError.status(_, code: 404)
                        where request.lock != nil
                    {
                        throw DebianError.packageGone(package.label)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
