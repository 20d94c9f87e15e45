package import Attestation
package import BuildGraph
import Dockerfile
package import LinuxSystem
package import OCI
package import Storage
package import SystemPackage

/// Where a build context comes from: what stands for CONTEXT on the command line.
package enum ContextSource {
    case directory(FilePath)
    /// An archive, or a Dockerfile without a context.
    case standardInput
    /// An archive, or a Dockerfile without a context.
    case url(String)
    case repository(GitReference)
    /// Files that were received already.
    case opened(OpenedContext)

    /// - Parameter environment: a relative path is relative to its directory.
    package init(_ text: String, _ environment: HostEnvironment) throws {
        if text == "-" {
            self = .standardInput
        } else if let repository = try GitReference(text) {
            self = .repository(repository)
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            self = .url(text)
        } else {
            // What cannot be opened is no directory.
            guard let path = ProcessFacts.realPath(environment.absolute(FilePath(text))),
                (try? Directory(opening: path)) != nil
            else {
                // A name without a scheme that docker takes for a repository where there is no such directory.
                if text.hasPrefix("github.com/"), let repository = try GitReference(Self.withScheme(text)) {
                    self = .repository(repository)
                    return
                }
                throw EngineError.missingContext(path: text)
            }
            self = .directory(path)
        }
    }

    private static func withScheme(_ text: String) -> String {
        let path = text.prefix { $0 != "#" && $0 != "?" }
        return "https://" + path + (path.hasSuffix(".git") ? "" : ".git") + text[path.endIndex...]
    }

    /// Makes the context's files available.
    ///
    /// - Parameters:
    ///   - git: what git is given where this is a repository.
    ///   - keepsHistory: whether `.git` of a repository stays (`BUILDKIT_CONTEXT_KEEP_GIT_DIR`).
    package func open(in engine: Engine, git: GitAccess, keepsHistory: Bool = false) async throws -> OpenedContext {
        let store = engine.store
        switch self {
        case .directory(let path): return OpenedContext(path: path, remembers: true)
        case .opened(let context): return context
        case .standardInput:
            let archive = ContextArchive(store)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
            defer { buffer.deallocate() }
            while true {
                let count = try StandardStream.input.read(into: buffer)
                if count == 0 { break }
                try archive.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            return try OpenedContext(archive.finish(), store)
        case .url(let url):
            var archive = ContextArchive(store)
            let files = FetchedSources(SharedRemoteFiles(environment: engine.environment))
            try await files.fetch(url, maximumSize: 64 << 30, progress: { _, _ in }) {
                archive = ContextArchive(store)
            } body: { bytes in
                try archive.consume(bytes)
            }
            var context = try OpenedContext(archive.finish(), store)
            context.origin = .init(uri: PublicURL.text(of: url), files.digest(of: url))
            return context
        case .repository(let source):
            let directory = try store.makeTemporaryDirectory()
            let checkout = try await GitCheckout(source, keepsHistory: keepsHistory, git).fetch(into: directory.path)
            let origin = Provenance.Material(repository: PublicURL.text(of: source.text), commit: checkout.commit)
            return OpenedContext(
                path: checkout.path, directory: directory, fetchedCommitTime: checkout.time, origin: origin,
                placeholder: checkout.placeholder)
        }
    }
}

/// Where a further context comes from, by its name.
package enum NamedContextSource {
    case image(ImageReference)
    case stage(String)
    /// An image of an OCI layout.
    case layout(path: String, ImageLayout.Selection)
    /// An image of the store, whatever its names are.
    case stored(Digest)
    /// What another build made, an image for each of its platforms.
    case results([Image])
    case files(ContextSource)
}

/// A context whose files are there.
package struct OpenedContext {
    package let path: FilePath
    /// Keeps what was fetched for as long as it is needed.
    package var directory: TemporaryDirectory?
    /// The Dockerfile that came in place of a context.
    package var dockerfile: [UInt8]?
    /// Whether the directory will be there the next time, so that digests are worth remembering.
    package var remembers = false
    /// What is known of files that are nobody else's, if they are kept.
    package var digests: KeptDigests?
    /// Whether the client that sent the files left out what is ignored.
    package var isFiltered = false
    /// When the commit was made that the files are of, in seconds since 1970.
    package var fetchedCommitTime: Int64?
    /// The repository or archive that was fetched; nil for what was on this machine.
    package var origin: Provenance.Material?
    /// A file of a repository whose content git-lfs(1) keeps elsewhere; nil if there is none.
    package var placeholder: String?

    package init(path: FilePath, remembers: Bool) { (self.path, self.remembers) = (path, remembers) }

    init(
        path: FilePath, directory: TemporaryDirectory, fetchedCommitTime: Int64?, origin: Provenance.Material,
        placeholder: String?
    ) {
        (self.path, self.directory, self.fetchedCommitTime) = (path, directory, fetchedCommitTime)
        (self.origin, self.placeholder) = (origin, placeholder)
    }

    /// Files of a directory that goes with this value.
    ///
    /// - Parameter digests: of a directory that a client sent, without what is ignored.
    package init(_ directory: TemporaryDirectory, _ digests: KeptDigests? = nil) {
        (path, self.directory, self.digests) = (directory.path, directory, digests)
        isFiltered = digests != nil
    }

    /// What an archive held: files, or a Dockerfile without any.
    package init(_ content: ContextArchive.Content, _ store: Store) throws {
        switch content {
        case .directory(let directory): self.init(directory)
        case .dockerfile(let bytes):
            self.init(try store.makeTemporaryDirectory())
            dockerfile = bytes
        }
    }

    /// What a directory of this machine is checked out from; nil if that is not known.
    package func revision(_ store: Store) async -> Provenance.Revision? {
        guard directory == nil, origin == nil, let repository = ContextRepository(of: path, in: store),
            let differs = await repository.differs()
        else { return nil }
        return Provenance.Revision(
            source: await repository.source(), commit: repository.commit + (differs ? "-dirty" : ""))
    }

    /// When the commit was made that is checked out where the files are; nil if they are of no repository.
    package func commitTime(_ store: Store) async -> Int64? {
        if let fetchedCommitTime { return fetchedCommitTime }
        return directory == nil ? await ContextRepository(of: path, in: store)?.time() : nil
    }
}
