internal import BuildGraph
internal import OCI
internal import Storage

extension Solver {
    func copy(_ operation: CopyOperation, _ vertex: Vertex, _ inputs: Inputs) async throws -> Outcome {
        let parent = inputs.parent.identity
        let identities = operation.sources.map { source -> Digest? in
            if case .vertex(let id, _) = source { inputs.snapshot(id).identity } else { nil }
        }
        let definition = operation.definitionKey(parent: parent, sources: identities)
        let description = operation.description(parent: parent, sources: identities, content: nil)
        if let definition, let outcome = try cached(definition, vertex, inputs) {
            memory.note(description, of: vertex)
            return outcome
        }

        // What it is put on may be one of them.
        for case .vertex(let source, _) in operation.sources { try await fetch(inputs.snapshot(source), vertex) }
        var fetched: [String: FileTree] = [:]
        // What is fetched lives until the step is done.
        var keepers: [any Sendable & AnyObject] = []
        for source in operation.sources {
            switch source {
            case .url(let url):
                let (file, modified) = try await fetch(url, operation, vertex)
                fetched[url] = try file.tree(modified: modified ?? 0)
                keepers.append(file)
            case .git(let repository):
                let directory = try context.store.makeTemporaryDirectory()
                fetched[repository.text] = try await checkOut(repository, operation, into: directory)
                keepers.append(directory)
            case .context, .vertex, .inline: break
            }
        }
        defer { withExtendedLifetime(keepers) {} }
        let (downloads, known) = (fetched, description)
        let step = try await context.store.perform {
            Step(
                operation: operation,
                sources: try operation.sources.map { try self.source($0, operation, inputs, downloads, vertex) },
                vertex: vertex, inputs: inputs, definition: definition, description: known)
        }
        let outcome = if let outcome = try await copyOfUnseenContext(step) { outcome } else { try await copy(step) }
        try await context.store.perform { try self.warn(step) }
        return outcome
    }

    /// Tells of patterns that find nothing: mostly they are misspelt, or what makes the files did not.
    private func warn(_ step: Step) throws {
        for (source, origin) in zip(step.sources, step.operation.sources) {
            switch origin {
            case .context(_, let pattern), .vertex(_, let pattern):
                if try source.findsNothing() { events(BuildEvent(.foundNothing(pattern: pattern), step.vertex.id)) }
            case .inline, .url, .git: continue
            }
        }
    }

    /// A COPY whose sources are at hand.
    private struct Step {
        let operation: CopyOperation
        let sources: [CopySource]
        let vertex: Vertex
        let inputs: Inputs
        let definition: Digest?
        /// Without the identity of what is copied.
        let description: StepDescription

        func key(_ content: Digest) -> Digest { operation.cacheKey(parent: inputs.parent.identity, content: content) }
    }

    private func copy(_ step: Step) async throws -> Outcome {
        let (content, changes) = try await context.store.perform {
            try measured("digest", step.vertex) { try digest(step.sources, step.operation) }
        }
        var description = step.description
        if step.definition == nil { description.add(.content, content.description) }
        memory.note(description, of: step.vertex)
        let key = step.key(content)
        let reason = description
        var outcome = try await once(key, step.vertex, step.inputs) {
            try await fetchParent(step)
            return try await context.store.perform {
                try explain(reason, step.vertex) { try changes + (changes.isEmpty ? removals(step) : []) }
                events(BuildEvent(.started, step.vertex.id))
                let layer = try assemble(
                    step, digests: try soleContext(of: step).map { try memory.digests(of: $0).current })
                try context.store.keep(layer)
                let keys = layer.copiedOtherFiles ? try keyOfWhatWasCopied(layer, step).map { [$0] } ?? [] : [key]
                return try keep(layer.facts, keys: keys + [step.definition].compactMap { $0 }, step.inputs)
            }
        }
        if outcome.isCached, let definition = step.definition {
            // The short way serves the next time.
            try keepAgain(outcome, definition)
            outcome.keys.append(definition)
        }
        return outcome
    }

    /// The context that all sources of a step are from, if its files are remembered.
    private func soleContext(of step: Step) -> ContextMemory? {
        guard case .context(let name, _) = step.operation.sources.first,
            step.operation.sources.allSatisfy({ if case .context(name, _) = $0 { true } else { false } })
        else { return nil }
        return context.contexts[name]?.memory
    }

    /// The key of a layer whose files were something else when the step's own key was made.
    ///
    /// - Returns: nil if there are other files now than those that were copied; the layer has no key then.
    private func keyOfWhatWasCopied(_ layer: AssembledLayer, _ step: Step) throws -> Digest? {
        guard var digests = layer.digests else { return nil }
        var content = CopyDigest()
        for source in step.sources { try content.add(source, remembered: &digests) }
        return content.filesRead == 0 ? step.key(content.finalize()) : nil
    }

    private func removals(_ step: Step) throws -> [CacheMiss.FileChange] {
        try zip(step.sources, step.operation.sources).flatMap { source, origin -> [CacheMiss.FileChange] in
            guard case .context(let name, _) = origin, let place = context.contexts[name]?.memory else { return [] }
            return try CopyDigest.removals(from: source, since: memory.digests(of: place).earlier).map {
                CacheMiss.FileChange(kind: .removed, path: String(decoding: $0.dropFirst(), as: UTF8.self))
            }
        }
    }

    /// Fetches what a copy is put on: only where it is made, for the key needs none of it.
    private func fetchParent(_ step: Step) async throws {
        if !step.operation.isLink || step.operation.namesOwner { try await fetch(step.inputs.parent, step.vertex) }
    }

    /// Copies files of a context that no build has seen: each is read once, for the layer and for the key at once. It is
    /// most likely that nothing is found under the key, but where a cache comes from elsewhere.
    ///
    /// - Returns: nil if the context is known, or changes meanwhile.
    private func copyOfUnseenContext(_ step: Step) async throws -> Outcome? {
        guard context.importedCaches.isEmpty, step.operation.unpacking == .never, let place = soleContext(of: step)
        else { return nil }
        let known = try memory.digests(of: place)
        guard known.earlier.isEmpty else { return nil }
        events(BuildEvent(.started, step.vertex.id))
        try await fetchParent(step)
        let copied = try await context.store.perform { try copy(step, learning: known.current, place) }
        guard let (layer, identity) = copied else { return nil }
        var description = step.description
        description.add(.content, identity.description)
        memory.note(description, of: step.vertex)
        let key = step.key(identity)
        return try await once(key, step.vertex, step.inputs) {
            try explain(description, step.vertex)
            return try await context.store.perform {
                try context.store.keep(layer)
                return try keep(layer.facts, keys: [key], step.inputs)
            }
        }
    }

    /// - Returns: the layer and the identity of its content; nil if files changed meanwhile.
    private func copy(
        _ step: Step, learning known: ContextDigests, _ place: ContextMemory
    ) throws -> (AssembledLayer, Digest)? {
        let layer = try assemble(step, digests: known)
        guard var digests = layer.digests else { return nil }
        var content = CopyDigest()
        for source in step.sources { try content.add(source, remembered: &digests) }
        // What had to be read again is not what was copied.
        guard content.filesRead == 0 else { return nil }
        try memory.learn(digests, of: place)
        return (layer, content.finalize())
    }

    private func assemble(_ step: Step, digests: ContextDigests?) throws -> AssembledLayer {
        let operation = step.operation
        // A linked layer stands on nothing: it does not see where links of the base lead.
        let base = operation.isLink ? FileTree(layers: []) : try tree(step.inputs.parent, step.vertex)
        let owner = try operation.owner.map { try self.owner($0, step.inputs.parent, step.vertex) }
        return try measured("copy", step.vertex) {
            try context.store.assembleLayer(on: base, digests: digests, made: context.fixedTime) { assembler in
                try copy(step.sources, operation, assembler, owner)
                try Task.checkCancellation()
            }
        }
    }

    private func keepAgain(_ outcome: Outcome, _ key: Digest) throws {
        guard let created = outcome.created else { return }
        let layer = outcome.snapshot.layers.last?.layer.diffID
        try context.store.cache.put(.init(layer: layer, created: created), for: key)
    }

    /// WORKDIR.
    func makeDirectory(
        _ path: ImagePath, owner: String, _ vertex: Vertex, _ inputs: Inputs
    ) async throws -> Outcome {
        let key = makeDirectoryCacheKey(parent: inputs.parent.identity, path: path, owner: owner)
        var description = StepDescription()
        description.add(.instruction, [path.description, owner].joined(separator: " "))
        description.add(.parent, inputs.parent.identity?.description ?? "")
        memory.note(description, of: vertex)
        let reason = description
        return try await once(key, vertex, inputs) {
            try explain(reason, vertex)
            try await fetch(inputs.parent, vertex)
            return try await context.store.perform {
                events(BuildEvent(.started, vertex.id))
                var isNew = false
                let base = try tree(inputs.parent, vertex)
                let owner = try directoryOwner(owner, inputs.parent, vertex)
                let layer = try context.store.assembleLayer(on: base, made: context.fixedTime) {
                    isNew = try $0.makeDirectory(path, owner: owner)
                }
                if isNew { try context.store.keep(layer) }
                return try keep(isNew ? layer.facts : nil, keys: [key], inputs)
            }
        }
    }

    /// Whose a directory of WORKDIR is: root's where the image does not know the user (reference backend, readUser), for the
    /// account files may come with a later step.
    private func directoryOwner(_ text: String, _ parent: Snapshot, _ vertex: Vertex) throws -> (
        user: UInt32, group: UInt32
    )? {
        if text.isEmpty { return nil }
        do { return try owner(text, parent, vertex) } catch is AccountError { return nil }
    }

    /// The files of a snapshot, unpacked if they are not yet.
    func tree(_ snapshot: Snapshot, _ vertex: Vertex) throws -> FileTree {
        for layer in snapshot.layers where try !context.store.layers.hasFiles(layer.layer.diffID) {
            events(
                BuildEvent(
                    .progress(label: "unpacking \(layer.layer.diffID.digest.short)", completed: 0, total: nil),
                    vertex.id))
            try context.store.unpack(layer.layer)
        }
        return try context.store.layers.tree(snapshot.diffIDs)
    }

    private func digest(
        _ sources: [CopySource], _ operation: CopyOperation
    ) throws -> (content: Digest, changes: [CacheMiss.FileChange]) {
        let places = operation.sources.map { source -> ContextMemory? in
            if case .context(let name, _) = source { context.contexts[name]?.memory } else { nil }
        }
        let known = try places.compactMap { $0 }.first.map { try memory.digests(of: $0) }
        var copyDigest = CopyDigest(comparingWith: known?.earlier)
        for (source, place) in zip(sources, places) {
            guard let place else {
                var none = ContextDigests.none
                try copyDigest.add(source, remembered: &none)
                continue
            }
            var digests = try memory.digests(of: place).current
            try copyDigest.add(source, remembered: &digests)
            try memory.learn(digests, of: place)
        }
        let changes = copyDigest.changes.map { change -> CacheMiss.FileChange in
            func told(_ kind: CacheMiss.FileChange.Kind, _ path: [UInt8]) -> CacheMiss.FileChange {
                CacheMiss.FileChange(kind: kind, path: String(decoding: path.dropFirst(), as: UTF8.self))
            }
            return switch change {
            case .content(let path): told(.changed, path)
            case .mode(let path): told(.mode, path)
            case .added(let path): told(.added, path)
            }
        }
        return (copyDigest.finalize(), changes)
    }

    private func source(
        _ source: CopyOperation.Source, _ operation: CopyOperation, _ inputs: Inputs, _ downloads: [String: FileTree],
        _ vertex: Vertex
    ) throws -> CopySource {
        let excludes = try excludeFilter(operation)
        switch source {
        case .inline(let file):
            return CopySource(kind: .inline(name: Array(file.name.utf8), content: file.content), ownership: .root)
        case .context(let name, let pattern):
            guard let buildContext = context.contexts[name] else {
                throw StepFailure(cause: .missingSource(pattern, name))
            }
            return CopySource(
                kind: try kind(
                    buildContext.files, SourcePattern(pattern, allowsDepth: operation.keepsParents), name,
                    buildContext.filter), ownership: .root,
                filter: buildContext.filter, excludes: excludes, placement: placement(pattern, operation))
        case .vertex(let id, let pattern):
            let files = try tree(inputs.snapshot(id), vertex)
            return CopySource(
                kind: try kind(files, SourcePattern(pattern, allowsDepth: operation.keepsParents), nil, .everything),
                ownership: .kept, excludes: excludes,
                placement: placement(pattern, operation))
        case .url(let url):
            guard let files = downloads[url] else { throw StepFailure(cause: .missingSource(url, nil)) }
            return CopySource(kind: .matching(files) { _ in true }, ownership: .root)
        case .git(let repository):
            guard let files = downloads[repository.text] else {
                throw StepFailure(cause: .missingSource(repository.text, nil))
            }
            return CopySource(kind: .path(files, .root), ownership: .root, excludes: excludes)
        }
    }

    private func placement(_ pattern: String, _ operation: CopyOperation) -> CopySource.Placement {
        operation.keepsParents ? .underParents(dropping: SourcePattern(pattern).pivotDepth) : .flat
    }

    private func kind(
        _ files: FileTree, _ pattern: SourcePattern, _ name: ContextName?, _ filter: FileFilter
    ) throws -> CopySource.Kind {
        guard let path = pattern.path else {
            // The reference walks the directory in front of the first wildcard, which must be there.
            if !pattern.fixedDirectory.isRoot { try check(pattern.fixedDirectory, pattern, files, name, filter) }
            return .matching(files, below: pattern.fixedDirectory) { pattern.matches($0) }
        }
        // `scratch` has no files, but a root that can be copied (Dockerfile reference, FROM scratch).
        if path.isRoot, files.isEmpty { return .emptyRoot }
        try check(path, pattern, files, name, filter)
        return .path(files, path)
    }

    /// - Throws: ``StepFailure`` where a path is not there or an ignore file hides it.
    private func check(
        _ path: ImagePath, _ pattern: SourcePattern, _ files: FileTree, _ name: ContextName?, _ filter: FileFilter
    ) throws {
        let (real, found) = try files.resolve(path, links: .followAll)
        guard let node = found else {
            if let context = name.flatMap({ context.contexts[$0] }), context.isFiltered,
                let reason = context.explanation(path.relativeBytes) ?? context.explanation(real.relativeBytes)
            {
                throw StepFailure(cause: .ignoredSource(pattern.text, by: reason))
            }
            throw StepFailure(
                cause: .missingSource(pattern.text, name, siblings: try siblings(of: path, in: files, filter)))
        }
        if let hidden = try filter.hides(path, real, node, of: files) {
            let reason = name.flatMap { context.contexts[$0]?.explanation(hidden.relativeBytes) }
            throw StepFailure(
                cause: reason.map { .ignoredSource(pattern.text, by: $0) } ?? .missingSource(pattern.text, name))
        }
    }

    /// What is there in the directory of a path that is not; perhaps it is misspelt.
    private func siblings(of path: ImagePath, in files: FileTree, _ filter: FileFilter) throws -> [String] {
        guard let (parent, node) = try files.lookUp(path.parent, links: .followAll), node.isDirectory else { return [] }
        return try files.entries(of: node).prefix(1000).compactMap { name, entry in
            let verdict = filter.verdict(parent.appending(name).relativeBytes, entry.isDirectory)
            return verdict == .include
                ? String(decoding: path.parent.appending(name).relativeBytes, as: UTF8.self) : nil
        }
    }

    private func excludeFilter(_ operation: CopyOperation) throws -> FileFilter {
        guard !operation.excludes.isEmpty else { return .everything }
        let patterns = try ExcludePatterns(operation.excludes)
        return FileFilter { path, isDirectory in
            guard patterns.excludes(path) else { return .include }
            return isDirectory && !patterns.canSkip(path) ? .descend : .exclude
        }
    }

    /// Names are those of the file system that is copied into; numbers need no look at it.
    private func owner(
        _ text: String, _ parent: Snapshot, _ vertex: Vertex
    ) throws -> (user: UInt32, group: UInt32) {
        let isNumeric = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ":") }
        let accounts = isNumeric ? Accounts(passwd: [], group: []) : try tree(parent, vertex).accounts()
        return try accounts.owner(of: text)
    }

    private func copy(
        _ sources: [CopySource], _ operation: CopyOperation, _ assembler: LayerAssembler,
        _ owner: (user: UInt32, group: UInt32)?
    ) throws {
        let mode = try operation.mode.map { try FileModeChange($0) }
        for (source, origin) in zip(sources, operation.sources) {
            var attributes = LayerAssembler.Attributes(owner: owner) { original, isDirectory in
                mode?.applied(to: original, isDirectory: isDirectory) ?? original
            }
            if let absolute = mode?.absolute { attributes.newDirectoryMode = absolute }
            // With several sources, too, only a slash makes a directory: without one, and without a directory that is there,
            // each file takes the last one's place.
            try assembler.copy(
                source, to: operation.destination, intoDirectory: operation.destinationIsDirectory,
                attributes: attributes,
                unpacks: operation.unpacks(origin))
        }
    }

    private func checkOut(
        _ repository: GitReference, _ operation: CopyOperation, into directory: TemporaryDirectory
    ) async throws -> FileTree {
        guard let checkOut = context.checkOutRepository else {
            throw StepFailure(cause: .unsupported("ADD of a git repository"))
        }
        let path = try await checkOut(repository, directory.path, operation.keepsGitDirectory, operation.checksum)
        return try FileTree(opening: path)
    }

    /// Fetches a file under the last part of its URL's path, readable by root alone (Dockerfile reference, ADD).
    ///
    /// - Throws: ``ContentError/digestMismatch(expected:actual:)`` when it is not what `--checksum` says.
    private func fetch(
        _ url: String, _ operation: CopyOperation, _ vertex: Vertex
    ) async throws -> (file: TemporaryFile, modified: Int64?) {
        guard let remoteFiles = context.remoteFiles else { throw StepFailure(cause: .unsupported("ADD of a URL")) }
        let name = Self.fileName(ofURL: url)
        let expected = try operation.checksum.map { try Digest($0) }
        let file = try context.store.makeTemporaryFile(named: name)
        var hasher = DigestHasher(expected?.algorithm ?? .sha256)
        let attributes = try await remoteFiles.fetch(url, maximumSize: 16 << 30) { received, total in
            events(
                BuildEvent(
                    .progress(label: String(decoding: name, as: UTF8.self), completed: received, total: total),
                    vertex.id))
        } restart: {
            try file.truncate()
            hasher = DigestHasher(expected?.algorithm ?? .sha256)
        } body: { bytes in
            hasher.update(bytes)
            try file.write(bytes)
        }
        let actual = hasher.finalize()
        if let expected, expected != actual { throw ContentError.digestMismatch(expected: expected, actual: actual) }
        return (file, attributes.modified)
    }

    /// The last part of a URL's path as it means it, an encoded slash among what divides it; where it has none the reference's
    /// frontend uses a name of its own, which shows only if the destination is a directory.
    private static func fileName(ofURL url: String) -> [UInt8] {
        let parts = url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/", omittingEmptySubsequences: true)
            .dropFirst(2)
        let last =
            parts.last.flatMap { PercentEncoding.bytes(String($0)).split(separator: UInt8(ascii: "/")).last } ?? []
        let isName =
            !last.isEmpty && !last.contains(0) && last != [UInt8(ascii: ".")]
            && last != [UInt8(ascii: "."), UInt8(ascii: ".")]
        return isName ? Array(last) : Array("__unnamed__".utf8)
    }
}
