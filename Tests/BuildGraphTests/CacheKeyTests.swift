import BuildGraph
import OCI
import Testing

/// Every field of an operation is in its key: two steps that differ anywhere have different keys.
@Suite struct CacheKeyTests {
    private static let parent = Digest(sha256: "parent".utf8)
    private static let content = Digest(sha256: "content".utf8)

    private static func path(_ text: String) -> ImagePath { ImagePath(text) ?? .root }

    // MARK: RUN

    private static let run = RunOperation(
        arguments: ["a", "b"], environment: ["A=1"], unkeyedEnvironment: ["http_proxy=p"], user: "u",
        workingDirectory: path("/w"),
        network: .default, hostname: "h", mounts: [], files: [InlineFile(name: "f", content: [1])],
        platform: Platform(os: "linux", architecture: "amd64"))

    /// By the field that each changes; a name may stand several times.
    private static let runChanges: [(field: String, change: @Sendable (inout RunOperation) -> Void)] = [
        ("arguments", { $0.arguments = ["a b"] }), ("arguments", { $0.arguments = ["a", "b", ""] }),
        ("environment", { $0.environment = ["A=2"] }), ("environment", { $0.environment = [] }),
        ("user", { $0.user = "v" }), ("workingDirectory", { $0.workingDirectory = path("/v") }),
        ("network", { $0.network = .none }), ("network", { $0.network = .host }), ("hostname", { $0.hostname = "i" }),
        ("isInsecure", { $0.isInsecure = true }), ("surroundings", { $0.surroundings = ["--add-host a:127.0.0.1"] }),
        ("surroundings", { $0.surroundings = ["--add-host a:127.0.0.2"] }),
        ("mounts", { $0.mounts = [.init(kind: .tmpfs(size: nil), target: path("/t"))] }),
        ("files", { $0.files = [] }), ("files", { $0.files = [InlineFile(name: "g", content: [1])] }),
        ("files", { $0.files = [InlineFile(name: "f", content: [2])] }),
        ("platform", { $0.platform = Platform(os: "linux", architecture: "arm64") }),
        ("platform", { $0.platform = Platform(os: "linux", architecture: "amd64", variant: "v2") }),
    ]

    @Test func everyFieldOfRunCounts() {
        var keys: Set<Digest> = [Self.run.cacheKey(parent: Self.parent, sources: [])]
        #expect(keys.insert(Self.run.cacheKey(parent: nil, sources: [])).inserted)
        for (field, change) in Self.runChanges {
            var changed = Self.run
            change(&changed)
            #expect(
                keys.insert(changed.cacheKey(parent: Self.parent, sources: [])).inserted, "\(field) is not in the key")
        }
        let fields = Set(Mirror(reflecting: Self.run).children.compactMap(\.label))
        // The proxies are left out on purpose (Dockerfile reference, "Predefined ARGs").
        #expect(
            fields == Set(Self.runChanges.map(\.field)).union(["unkeyedEnvironment"]),
            "this table does not know every field")
        var proxied = Self.run
        proxied.unkeyedEnvironment = []
        #expect(keys.contains(proxied.cacheKey(parent: Self.parent, sources: [])))
    }

    /// Each list begins with what the others differ from in one field.
    private static let mounts: [[RunOperation.Mount]] = [
        [
            .init(kind: .bind(source: .context(.main), path: path("/s"), isWritable: false), target: path("/t")),
            .init(kind: .bind(source: .context(.main), path: path("/r"), isWritable: false), target: path("/t")),
            .init(kind: .bind(source: .context(.main), path: path("/s"), isWritable: true), target: path("/t")),
            .init(kind: .bind(source: .context(.main), path: path("/s"), isWritable: false), target: path("/u")),
        ],
        [
            cache(), cache(id: "j"), cache(sharing: .locked), cache(sharing: .private), cache(source: .vertex(nil)),
            cache(path: "/r"), cache(mode: 0o700), cache(user: 1), cache(group: 1), cache(isReadOnly: true),
            cache(target: "/u"),
        ],
        [
            .init(kind: .tmpfs(size: nil), target: path("/t")), .init(kind: .tmpfs(size: 1), target: path("/t")),
            .init(kind: .tmpfs(size: nil), target: path("/u")),
        ],
        [
            secret(), secret(id: "j"), secret(environment: "E"), secret(environment: ""), secret(isRequired: true),
            secret(mode: 0o444),
            secret(user: 1), secret(group: 1), secret(target: "/u"), secret(target: nil),
        ],
        [ssh(), ssh(id: "j"), ssh(isRequired: true), ssh(mode: 0o666), ssh(user: 1), ssh(group: 1), ssh(target: "/u")],
    ]

    private static func cache(
        id: String = "i", sharing: RunOperation.Mount.Sharing = .shared, source: RunOperation.Mount.Source? = nil,
        path: String = "/",
        mode: UInt32 = 0o755, user: UInt32 = 0, group: UInt32 = 0, isReadOnly: Bool = false, target: String = "/t"
    ) -> RunOperation.Mount {
        .init(
            kind: .cache(
                id: id, sharing: sharing, source: source, path: Self.path(path), mode: mode, user: user, group: group,
                isReadOnly: isReadOnly), target: Self.path(target))
    }

    private static func secret(
        id: String = "i", environment: String? = nil, isRequired: Bool = false, mode: UInt32 = 0o400, user: UInt32 = 0,
        group: UInt32 = 0,
        target: String? = "/t"
    ) -> RunOperation.Mount {
        .init(
            kind: .secret(
                id: id, environment: environment, isRequired: isRequired, mode: mode, user: user, group: group),
            target: target.map(path))
    }

    private static func ssh(
        id: String = "i", isRequired: Bool = false, mode: UInt32 = 0o600, user: UInt32 = 0, group: UInt32 = 0,
        target: String = "/t"
    ) -> RunOperation.Mount {
        .init(kind: .ssh(id: id, isRequired: isRequired, mode: mode, user: user, group: group), target: path(target))
    }

    @Test func everyFieldOfAMountCounts() {
        var keys: Set<Digest> = []
        for mount in Self.mounts.joined() {
            var run = Self.run
            run.mounts = [mount]
            #expect(keys.insert(run.cacheKey(parent: Self.parent, sources: [nil])).inserted, "\(mount)")
            #expect(
                keys.insert(run.cacheKey(parent: Self.parent, sources: [Self.content])).inserted, "what \(mount) shows")
        }
    }

    // MARK: COPY and ADD

    private static var copy: CopyOperation {
        CopyOperation(
            sources: [.vertex(.init(index: 0), pattern: "a")], destination: path("/d"), destinationIsDirectory: false)
    }

    private static let copyChanges: [(field: String, change: @Sendable (inout CopyOperation) -> Void)] = [
        ("sources", { $0.sources.append(.inline(InlineFile(name: "f", content: [1]))) }),
        ("sources", { $0.sources = [.inline(InlineFile(name: "f", content: [1]))] }),
        ("destination", { $0.destination = path("/e") }),
        ("destinationIsDirectory", { $0.destinationIsDirectory = true }),
        ("owner", { $0.owner = "app" }), ("owner", { $0.owner = "1:2" }), ("mode", { $0.mode = "755" }),
        ("excludes", { $0.excludes = ["a"] }), ("excludes", { $0.excludes = ["a", "b"] }),
        ("excludes", { $0.excludes = ["a b"] }),
        ("keepsParents", { $0.keepsParents = true }), ("isLink", { $0.isLink = true }),
        ("unpacking", { $0.unpacking = .local }),
        ("unpacking", { $0.unpacking = .all }), ("checksum", { $0.checksum = "0123456" }),
        ("keepsGitDirectory", { $0.keepsGitDirectory = true }),
    ]

    @Test func everyFieldOfCopyCounts() {
        var keys: Set<Digest> = [Self.copy.cacheKey(parent: Self.parent, content: Self.content)]
        #expect(keys.insert(Self.copy.cacheKey(parent: nil, content: Self.content)).inserted)
        #expect(keys.insert(Self.copy.cacheKey(parent: Self.parent, content: Self.parent)).inserted)
        for (field, change) in Self.copyChanges {
            var changed = Self.copy
            change(&changed)
            #expect(
                keys.insert(changed.cacheKey(parent: Self.parent, content: Self.content)).inserted,
                "\(field) is not in the key")
        }
        let fields = Set(Mirror(reflecting: Self.copy).children.compactMap(\.label))
        #expect(fields == Set(Self.copyChanges.map(\.field)), "this table does not know every field")
    }

    @Test func everyFieldOfADefinitionCounts() throws {
        func key(_ operation: CopyOperation, _ identity: Digest? = Self.content) throws -> Digest {
            try #require(
                operation.definitionKey(
                    parent: Self.parent,
                    sources: operation.sources.map { source in
                        if case .vertex = source { identity } else { nil }
                    }))
        }
        var keys: Set<Digest> = [try key(Self.copy), try key(Self.copy, nil), try key(Self.copy, Self.parent)]
        #expect(keys.count == 3)
        for (field, change) in Self.copyChanges {
            var changed = Self.copy
            change(&changed)
            #expect(keys.insert(try key(changed)).inserted, "\(field) is not in the key")
        }
        for pattern in ["b", "/a", "./a", "a/./b", "a/b"] {
            var changed = Self.copy
            changed.sources = [.vertex(.init(index: 0), pattern: pattern)]
            #expect(keys.insert(try key(changed)).inserted, "\(pattern)")
        }
    }

    /// A linked layer stands on nothing, unless a name has to be looked up in what lies below.
    @Test(arguments: [
        (nil, false), ("1", false), ("1:2", false), (":2", false), ("1:", false), ("app", true), ("app:2", true),
        ("1:staff", true),
        (":staff", true),
    ])
    func aLinkedLayerDependsOnAccountsOnly(owner: String?, depends: Bool) throws {
        var copy = Self.copy
        (copy.isLink, copy.owner) = (true, owner)
        let other = Digest(sha256: "other".utf8)
        #expect(
            (copy.cacheKey(parent: Self.parent, content: Self.content)
                != copy.cacheKey(parent: other, content: Self.content)) == depends)
        let definitions = [Self.parent, other].map { copy.definitionKey(parent: $0, sources: [Self.content]) }
        #expect((definitions[0] != definitions[1]) == depends)
    }

    // MARK: WORKDIR

    @Test func everyFieldOfWorkdirCounts() {
        let keys = [
            makeDirectoryCacheKey(parent: Self.parent, path: Self.path("/a"), owner: ""),
            makeDirectoryCacheKey(parent: nil, path: Self.path("/a"), owner: ""),
            makeDirectoryCacheKey(parent: Self.parent, path: Self.path("/b"), owner: ""),
            makeDirectoryCacheKey(parent: Self.parent, path: Self.path("/a"), owner: "app"),
        ]
        #expect(Set(keys).count == keys.count)
    }
}
