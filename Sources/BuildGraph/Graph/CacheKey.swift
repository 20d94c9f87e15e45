package import OCI

/// The identity of a step by everything that its result depends on (architecture decision 5).
///
/// The encoding is written by hand, field by field, each with its length in front; the first field is a version, which
/// changes with the meaning of any other.
struct CacheKeyEncoder {
    private var hasher = ContentHasher()

    init(_ kind: String) {
        add("distill-key-3")
        add(kind)
    }

    mutating func add(_ text: String) { add(Array(text.utf8)) }

    mutating func add(_ bytes: [UInt8]) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update($0) }
        hasher.update(bytes)
    }

    mutating func add(_ number: Int) { add(String(number)) }

    mutating func add(_ texts: [String]) {
        add(texts.count)
        for text in texts { add(text) }
    }

    mutating func add(_ digest: Digest?) { add(digest.map(\.description) ?? "") }

    consuming func finalize() -> Digest { hasher.finalize() }
}

extension RunOperation {
    /// - Parameters:
    ///   - parent: the content identity of the file system that the command runs in; nil for an empty one.
    ///   - sources: the content identities of what each mount shows, in the order of the mounts, and of what a cache mount
    ///     begins with; nil for those that show nothing that counts (caches, secrets).
    package func cacheKey(parent: Digest?, sources: [Digest?]) -> Digest {
        var encoder = CacheKeyEncoder("run")
        encoder.add(parent)
        encoder.add(arguments)
        encoder.add(environment)
        encoder.add(user)
        encoder.add(workingDirectory.bytes)
        encoder.add(network.rawValue)
        encoder.add(hostname)
        encoder.add(isInsecure ? 1 : 0)
        encoder.add(surroundings)
        encoder.add(platform.description)
        encoder.add(files.count)
        for file in files {
            encoder.add(file.name)
            encoder.add(file.content)
        }
        encoder.add(mounts.count)
        for (index, mount) in mounts.enumerated() {
            encoder.add(mount.target.map { [1] + $0.bytes } ?? [])
            encoder.add(mount.kind.keyFields)
            encoder.add(index < sources.count ? sources[index] : nil)
        }
        return encoder.finalize()
    }
}

extension RunOperation.Mount.Kind {
    var keyFields: [String] {
        switch self {
        case .bind(_, let path, let isWritable): ["bind", path.description, String(isWritable)]
        case .cache(let id, let sharing, let source, let path, let mode, let user, let group, let isReadOnly):
            [
                "cache", id, sharing.rawValue, source == nil ? "empty" : "seeded", path.description, String(mode),
                String(user),
                String(group), String(isReadOnly),
            ]
        case .tmpfs(let size): ["tmpfs", size.map(String.init) ?? ""]
        case .secret(let id, let environment, let isRequired, let mode, let user, let group):
            [
                "secret", id, environment.map { "$" + $0 } ?? "", String(isRequired), String(mode), String(user),
                String(group),
            ]
        case .ssh(let id, let isRequired, let mode, let user, let group):
            ["ssh", id, String(isRequired), String(mode), String(user), String(group)]
        }
    }
}

extension CopyOperation {
    /// A linked layer stands on nothing, but for the account files that give the owner's name a number.
    var dependsOnParent: Bool { !isLink || namesOwner }

    /// - Parameters:
    ///   - parent: the content identity of the file system that is copied into; it decides where links lead, and who a
    ///     named owner is.
    ///   - content: the identity of what is copied.
    package func cacheKey(parent: Digest?, content: Digest) -> Digest {
        var encoder = CacheKeyEncoder("copy")
        encoder.add(dependsOnParent ? parent : nil)
        encoder.add(content)
        addOptions(to: &encoder)
        return encoder.finalize()
    }

    /// A key that needs no look at any file: sources by the identity of the file system they come from.
    ///
    /// - Parameter sources: in the order of the sources; inline content has none.
    /// - Returns: nil when a source is not of another stage, for its identity is then not known beforehand.
    package func definitionKey(parent: Digest?, sources identities: [Digest?]) -> Digest? {
        var encoder = CacheKeyEncoder("copy-definition")
        encoder.add(dependsOnParent ? parent : nil)
        for (source, identity) in zip(sources, identities) {
            switch source {
            case .vertex(_, let pattern):
                encoder.add("stage")
                encoder.add(identity)
                encoder.add(pattern)
            case .inline(let file):
                encoder.add("inline")
                encoder.add(file.name)
                encoder.add(file.content)
            case .context, .url, .git: return nil
            }
        }
        addOptions(to: &encoder)
        return encoder.finalize()
    }

    private func addOptions(to encoder: inout CacheKeyEncoder) {
        encoder.add(destination.bytes)
        encoder.add(destinationIsDirectory ? 1 : 0)
        encoder.add(owner ?? "")
        encoder.add(mode ?? "")
        encoder.add(excludes)
        encoder.add(keepsParents ? 1 : 0)
        encoder.add(isLink ? 1 : 0)
        encoder.add(unpacking.rawValue)
        encoder.add(checksum ?? "")
        encoder.add(keepsGitDirectory ? 1 : 0)
        // What a source is decides how it is taken: whether it is unpacked, and whose it is.
        encoder.add(sources.map(\.kindText))
    }
}

extension CopyOperation.Source {
    fileprivate var kindText: String {
        switch self {
        case .context: "context"
        case .vertex: "stage"
        case .inline: "inline"
        case .url: "url"
        case .git: "git"
        }
    }
}

/// The key of WORKDIR.
package func makeDirectoryCacheKey(parent: Digest?, path: ImagePath, owner: String) -> Digest {
    var encoder = CacheKeyEncoder("directory")
    encoder.add(parent)
    encoder.add(path.bytes)
    encoder.add(owner)
    return encoder.finalize()
}

/// The content identity of a stack of layers, from those of its layers; nil for none.
package func stackIdentity(_ layers: [Digest]) -> Digest? {
    guard !layers.isEmpty else { return nil }
    var encoder = CacheKeyEncoder("stack")
    for layer in layers { encoder.add(layer) }
    return encoder.finalize()
}
