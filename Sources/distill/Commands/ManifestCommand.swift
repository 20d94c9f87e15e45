import ArgumentParser
import Diagnosis
import Distribution
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

struct ManifestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Join images for several platforms under one name, and look at manifests.",
        subcommands: [
            CreateManifestCommand.self, AnnotateManifestCommand.self, InspectManifestCommand.self,
            PushManifestCommand.self,
            RemoveManifestCommand.self,
        ])

    /// The draft of a name.
    static func draft(_ name: ImageReference, _ store: Store) throws -> DraftIndex {
        guard let draft = try store.drafts.draft(named: name) else { throw UsageError.noSuchList(name) }
        return draft
    }
}

struct CreateManifestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Begin a list of images, or add to one.")
    @Flag(name: [.short, .long], help: "Add to a list that is there.")
    var amend = false
    @OptionGroup var credentials: CredentialOptions
    @Argument(help: ArgumentHelp("The list's name, which says where it will be pushed.", valueName: "LIST"))
    var list: String
    @Argument(
        help: ArgumentHelp("Images of this store, else of a registry; of an index all its images.", valueName: "IMAGE"))
    var images: [String]

    func run() async throws {
        let name = try ImageReference(list).withDefaultTag
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        // Before registries are asked; another may have made it by then.
        _ = try draft(after: store.drafts.draft(named: name))
        let origins = ManifestOrigins(store: store, registries: try credentials.registries())
        var entries: [DraftIndex.Entry] = []
        for image in images { entries += try await origins.entries(of: image) }
        try store.drafts.change(name) { known in
            var draft = try draft(after: known)
            draft.add(entries)
            return draft
        }
        StandardStream.output.show("Created manifest list \(name.familiar)\n")
    }

    private func draft(after known: DraftIndex?) throws -> DraftIndex {
        guard known == nil || amend else {
            throw InvalidOption(
                name: "LIST", value: list, reason: "it exists; --amend adds to it, 'manifest rm' removes it")
        }
        return known ?? DraftIndex()
    }
}

/// Finds the manifests that an image's name stands for.
struct ManifestOrigins {
    let store: Store
    let registries: RegistryAccess

    func entries(of text: String) async throws -> [DraftIndex.Entry] {
        if let id = try? store.images.resolve(text) {  // else a registry is asked
            return try await store.perform {
                try store.images.members(of: id).map { member in
                    DraftIndex.Entry(try store.publish(store.images.image(member)).manifest, origin: nil)
                }
            }
        }
        return try await registries.asMeant(ImageReference(text).withDefaultTag) { reference in
            try await registries.withClient { try await remoteEntries(of: reference, $0) }
        }
    }

    private func remoteEntries(
        of reference: ImageReference, _ client: RegistryClient
    ) async throws -> [DraftIndex.Entry] {
        let root = try await client.manifest(reference)
        let descriptors: [Descriptor]
        switch root.content {
        case .index(let index): descriptors = index.manifests
        case .manifest:
            let pinned = reference.pinned(to: root.descriptor.digest)
            let image = try await client.image(pinned, platform: .host, keptIn: store.content)
            descriptors = [root.descriptor.with(platform: image.image.config.platform)]
        }
        return descriptors.map { DraftIndex.Entry($0, origin: reference.pinned(to: $0.digest)) }
    }
}

struct AnnotateManifestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "annotate", abstract: "Say for which platform an image of a list is.")
    @Option(help: ArgumentHelp("The operating system.", valueName: "name")) var os: String?
    @Option(help: ArgumentHelp("The architecture.", valueName: "name")) var arch: String?
    @Option(help: ArgumentHelp("The architecture's variant.", valueName: "name")) var variant: String?
    @Option(help: ArgumentHelp("The system's version, as Windows' images need it.", valueName: "version"))
    var osVersion: String?
    @Option(help: ArgumentHelp("What the system must have; repeatable.", valueName: "feature")) var osFeatures:
        [String] = []
    @Option(help: ArgumentHelp("An annotation of the image's entry; repeatable.", valueName: "name=value"))
    var annotation: [String] = []
    @OptionGroup var credentials: CredentialOptions
    @Argument(help: ArgumentHelp("The list's name.", valueName: "LIST")) var list: String
    @Argument(help: ArgumentHelp("A digest, or a name as it was given to 'create'.", valueName: "IMAGE")) var image:
        String

    func run() async throws {
        let name = try ImageReference(list).withDefaultTag
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        _ = try ManifestCommand.draft(name, store)
        let wanted = try await digests(store)
        try store.drafts.change(name) { known in
            guard var draft = known else { throw UsageError.noSuchList(name) }
            guard let place = draft.entries.firstIndex(where: { wanted.contains($0.descriptor.digest) }) else {
                throw InvalidOption(name: "IMAGE", value: image, reason: "the list \(name.familiar) does not have it")
            }
            draft.entries[place].descriptor = try annotated(draft.entries[place].descriptor)
            return draft
        }
    }

    private func annotated(_ old: Descriptor) throws -> Descriptor {
        let base = old.platform ?? .host
        var annotations = old.annotations
        for option in annotation {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw InvalidOption(name: "--annotation", value: option, reason: "the form is NAME=VALUE")
            }
            annotations[parts[0]] = parts[1]
        }
        var platform = Platform(
            os: os ?? base.os, architecture: arch ?? base.architecture,
            variant: variant ?? (arch == nil ? base.variant : nil))
        platform.osVersion = osVersion ?? base.osVersion
        platform.osFeatures =
            osFeatures.isEmpty ? base.osFeatures : osFeatures.flatMap { $0.split(separator: ",").map(String.init) }
        return Descriptor(
            mediaType: old.mediaType, digest: old.digest, size: old.size, platform: platform, annotations: annotations)
    }

    private func digests(_ store: Store) async throws -> Set<Digest> {
        if let digest = try? Digest(image) { return [digest] }  // else a name
        let origins = ManifestOrigins(store: store, registries: try credentials.registries())
        return Set(try await origins.entries(of: image).map(\.descriptor.digest))
    }
}

struct InspectManifestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Print a list in the making, or a manifest or index of a registry.")
    @OptionGroup var credentials: CredentialOptions
    @Argument(help: ArgumentHelp("A list's or an image's name.", valueName: "NAME")) var name: String

    func run() async throws {
        let reference = try ImageReference(name).withDefaultTag
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let bytes: [UInt8]
        if let draft = try store.drafts.draft(named: reference) {
            bytes = draft.index.bytes
        } else {
            let registries = try credentials.registries()
            bytes = try await registries.asMeant(reference) { meaning in
                try await registries.withClient { try await $0.manifest(meaning).bytes }
            }
        }
        StandardStream.output.show("\(ShownText(json: try JSON.parse(bytes).indentedText))\n")
    }
}

struct PushManifestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Send a list's images, as far as they are not there, and the list.")
    @Flag(name: [.short, .long], help: "Forget the list afterwards.")
    var purge = false
    @OptionGroup var gate: SecretOptions
    @OptionGroup var credentials: CredentialOptions
    @Argument(help: ArgumentHelp("The list's name.", valueName: "LIST")) var list: String

    func run() async throws {
        let name = try ImageReference(list).withDefaultTag
        let engine = try credentials.engine()
        defer { engine.close() }
        let store = engine.store
        let draft = try ManifestCommand.draft(name, store)
        for entry in draft.entries where entry.origin == nil {
            // One that is no image of the store is a copy of what a registry has.
            guard let id = try? Manifest(bytes: store.content.bytes(of: entry.descriptor.digest)).config.digest,
                (try? store.images.members(of: id)) != nil
            else { continue }
            try await gate.check(id, list, on: engine, pushes: true)
        }
        let index = draft.index.bytes
        let observer = TransferLines.observer(isQuiet: false)
        try await engine.registries.withClient { client in
            for entry in draft.entries {
                let target = name.pinned(to: entry.descriptor.digest)
                if let origin = entry.origin {
                    if RemoteRepository(origin) == RemoteRepository(target) { continue }
                    _ = try await client.copy(origin, .all, to: target, observer: observer)
                } else {
                    try await client.push(entry.descriptor, from: store.content, to: target, observer: observer)
                }
            }
            try await client.putManifest(index, mediaType: .index, to: name)
        }
        if purge { _ = try store.drafts.remove(name) }
        StandardStream.output.show("\(Digest(sha256: index))\n")
    }
}

struct RemoveManifestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Forget lists that are not needed any more.")
    @Argument(help: ArgumentHelp("Names of lists.", valueName: "LIST")) var lists: [String]

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        for list in lists {
            let name = try ImageReference(list).withDefaultTag
            guard try store.drafts.remove(name) else { throw UsageError.noSuchList(name) }
        }
    }
}

extension Descriptor {
    func with(platform: Platform) -> Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: size, platform: platform, annotations: annotations)
    }
}
