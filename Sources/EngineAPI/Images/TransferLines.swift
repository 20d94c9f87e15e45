import Distribution
import OCI
import Synchronization

/// What moves between a registry and the store, in the lines that docker's clients show.
final class TransferLines: Sendable {
    enum Direction: Sendable { case pull, push }

    struct Line {
        let json: JSON
        /// Whether a later line says more.
        var isDispensable = false
    }

    private struct State {
        /// The layers, told by digest; configs are no lines.
        var layers: Set<Digest> = []
        var hasBegun = false
        var told: [Digest: Int64] = [:]
    }

    /// Bytes between two lines about a layer.
    private static let step: Int64 = 1 << 19

    private let direction: Direction
    private let reference: ImageReference
    private let state = Mutex(State())

    init(_ direction: Direction, of reference: ImageReference) {
        (self.direction, self.reference) = (direction, reference)
    }

    func take(_ event: TransferEvent) -> [Line] {
        state.withLock { state in
            switch event {
            case .planned(let blobs): return begin(blobs.filter { !Self.isDocument($0) }, &state)
            case .began(let blob): return begin([blob].filter { !Self.isDocument($0) }, &state)
            case .progressed(let blob, let completed): return progress(blob, completed, &state)
            case .finished(let blob, let outcome): return finish(blob, outcome, &state)
            }
        }
    }

    /// A config is shown to nobody.
    private static func isDocument(_ blob: Descriptor) -> Bool {
        blob.mediaType == .config || blob.mediaType == .dockerConfig
    }

    private func begin(_ layers: [Descriptor], _ state: inout State) -> [Line] {
        var lines: [Line] = []
        if !state.hasBegun {
            state.hasBegun = true
            switch direction {
            case .pull:
                let id = reference.tag ?? reference.digest?.description ?? "latest"
                lines.append(
                    Line(json: .object(["status": .string("Pulling from \(reference.repository)"), "id": .string(id)])))
            case .push:
                let words = "The push refers to repository [\(reference.untagged.description)]"
                lines.append(Line(json: .object(["status": .string(words)])))
            }
        }
        let word = direction == .pull ? "Pulling fs layer" : "Preparing"
        for layer in layers where state.layers.insert(layer.digest).inserted { lines.append(line(word, layer)) }
        return lines
    }

    private func progress(_ blob: Descriptor, _ completed: Int64, _ state: inout State) -> [Line] {
        guard state.layers.contains(blob.digest) else { return [] }
        let told = state.told[blob.digest] ?? 0
        guard completed < told || completed - told >= Self.step else { return [] }
        state.told[blob.digest] = completed
        let word = direction == .pull ? "Downloading" : "Pushing"
        let detail: JSON = .object(["current": .integer(completed), "total": .integer(blob.size)])
        return [
            Line(
                json: .object(["status": .string(word), "progressDetail": detail, "id": .string(blob.digest.short)]),
                isDispensable: true)
        ]
    }

    private func finish(_ blob: Descriptor, _ outcome: TransferOutcome, _ state: inout State) -> [Line] {
        guard state.layers.contains(blob.digest) else { return [] }
        switch (direction, outcome) {
        case (.pull, .transferred):
            return ["Verifying Checksum", "Download complete", "Pull complete"].map { line($0, blob) }
        case (.pull, _): return [line("Already exists", blob)]
        case (.push, .transferred): return [line("Pushed", blob)]
        case (.push, .mounted(let repository)): return [line("Mounted from \(repository.path)", blob)]
        case (.push, _): return [line("Layer already exists", blob)]
        }
    }

    private func line(_ word: String, _ blob: Descriptor) -> Line {
        Line(
            json: .object(["status": .string(word), "progressDetail": .object([:]), "id": .string(blob.digest.short)]))
    }
}
