import BuildGraph
import Engine
import LinuxSystem
import OCI
import Solver
import Storage

extension ServedEngine {
    /// GET /images/get?names=, GET /images/{name}/get
    func saveImages(_ exchange: Exchange, _ names: [String]) async throws {
        guard !names.isEmpty else { throw APIError.missingParameter("names") }
        try await withEngine { engine in
            let store = engine.store
            let selected = try await store.perform { try Self.selected(names, store) }
            try await exchange.begin(type: "application/x-tar", isStream: false)
            try await store.perform {
                var writer = ImageArchiveWriter(
                    store, format: .docker, sink: ArchiveSink { try exchange.writeBlocking($0) })
                try writer.write(selected)
            }
            for image in selected {
                if let id = image.root { events.tell("save", image: id.digest.description) }
            }
        }
    }

    /// Images in the order in which they are named, each once, with the names that were asked for.
    private static func selected(_ texts: [String], _ store: Store) throws -> [ArchivedImage] {
        var found: [(id: Digest, names: [ImageReference])] = []
        for text in texts {
            let id = try ImageLookup.id(text, store)
            let reference = try? ImageReference(text).withDefaultTag  // perhaps an ID
            let names = try reference.flatMap { try store.images.id(of: $0) == id ? [$0] : nil } ?? []
            if let index = found.firstIndex(where: { $0.id == id }) {
                found[index].names += names
            } else {
                found.append((id, names))
            }
        }
        return try found.map { try store.pack($0.id, nil, names: $0.names) }
    }

    /// POST /images/load
    func loadImages(_ exchange: Exchange) async throws {
        try await withEngine { engine in
            let reader = ImageArchiveReader(engine.store)
            let loaded: [ImageArchiveReader.Loaded]
            do {
                try await exchange.forEachPiece { try reader.consume($0) }
                loaded = try reader.finish()
            } catch {
                // Clients look for what is wrong with an archive in the stream.
                if !(error is APIError), !exchange.hasBegun { try await exchange.begin(type: "application/json") }
                throw error
            }
            for image in loaded {
                let lines = image.names.map { "Loaded image: \($0.familiar)\n" }
                for line in lines.isEmpty ? ["Loaded image ID: \(image.id)\n"] : lines {
                    try await exchange.write(.object(["stream": .string(line)]))
                }
                events.tell("load", image: image.id.description)
            }
        }
    }

    /// POST /images/create?fromSrc=: a root file system becomes an image, as `FROM scratch` and `ADD` make one.
    func importImage(_ exchange: Exchange, from source: String) async throws {
        let query = exchange.request.query
        let reference = try query["repo"].map { try Self.reference($0, tag: query["tag"]) }
        let changes = query.all("changes").flatMap { $0.split(separator: "\n").map(String.init) }
        let platform = try query["platform"].map { try Platform(parsing: $0) } ?? .host
        try await withEngine { engine in
            let directory = try engine.store.makeTemporaryDirectory()
            let name = Array("layer.tar".utf8)
            if source == "-" {
                let file = try Directory(opening: directory.path).createFile(name)
                try await exchange.forEachPiece { try file.write($0) }
            }
            let archive = source == "-" ? "layer.tar" : source
            let text =
                (["FROM scratch", "ADD --unpack=true [\"\(archive)\", \"/\"]"] + changes).joined(separator: "\n") + "\n"
            var specification = BuildSpecification(context: .opened(OpenedContext(directory)), contextName: "import")
            specification.dockerfile = .inline(Array(text.utf8))
            specification.platforms = [platform]
            specification.names = [reference].compactMap { $0 }
            specification.check = .off
            specification.cache.ignored = .all
            let outcome = try await engine.build(specification) { _ in }
            events.tell("import", image: outcome.receipt.id.description, ["name": reference?.familiar ?? ""])
            try await exchange.write(.object(["status": .string(outcome.receipt.id.description)]))
        }
    }
}
