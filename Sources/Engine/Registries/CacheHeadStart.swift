import Distribution
import LinuxSystem
import OCI
import Solver
import Storage
import Synchronization

/// Layers on their way to the registries of build caches while later steps are being done: packed on one thread before which everything
/// else goes, and sent as an image's blobs are.
///
/// It saves time and decides nothing: what does not get there so is sent afterwards, and what is wrong is told then. The manifest
/// is written at the end of a build that succeeds; until then nothing names what is there.
struct CacheHeadStart: Sendable {
    let engine: Engine
    /// What is no registry is passed over.
    let places: [BuildCachePlace]
    /// Whether a stack's last layer may leave this machine before the whole image was looked at; nil lets all go.
    let gate: (@Sendable ([Image.Layer], @escaping PackingPace) throws -> Bool)?
    /// Hears of what is still on its way when the steps are done.
    let observer: TransferObserver

    typealias Layer = SolveContext.MadeLayer

    /// Blobs that arrived, by the place that they are for.
    typealias Arrived = [ImageReference: Set<Digest>]

    /// How many blobs are sent at once, while one more is packed.
    private static let parallelUploads = 2

    /// Runs the steps, and sends what they come to. Layers that are not begun when the steps are done are left to who exports the cache.
    func run<Result>(
        _ steps: (@escaping @Sendable (Layer) -> Void) async throws -> Result
    ) async throws -> (result: Result, arrived: Arrived) {
        let targets = targets
        guard !targets.isEmpty else { return (try await steps { _ in }, [:]) }
        let (layers, announcement) = AsyncStream<Layer>.makeStream()
        let pace = Pace()
        async let arrived = send(layers, to: targets, pace)
        // A failure cancels what is on its way: nobody waits for it then.
        let result = try await steps { announcement.yield($0) }
        pace.hurry()
        announcement.finish()
        return (result, await arrived)
    }

    /// A registry's place of a cache.
    private struct Target: Sendable {
        let place: BuildCachePlace
        let reference: ImageReference
    }

    private var targets: [Target] {
        places.compactMap { place in
            guard case .registry(let reference) = place.location else { return nil }
            return Target(place: place, reference: reference)
        }
    }

    private func send(_ layers: AsyncStream<Layer>, to targets: [Target], _ pace: Pace) async -> Arrived {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Upload.self) { group in
                var (running, known, broken) = (0, Set<Upload.Subject>(), Set<ImageReference>())
                var arrived: Arrived = [:]
                func take(_ upload: Upload?) {
                    guard let upload else { return }
                    running -= 1
                    if upload.isThere {
                        arrived[upload.subject.reference, default: []].insert(upload.subject.digest)
                    } else {
                        // Whatever is wrong there, the export tells it.
                        broken.insert(upload.subject.reference)
                    }
                }
                for await layer in layers {
                    for target in targets where target.place.extent == .maximal || layer.isOwn {
                        guard pace.isUnhurried, !broken.contains(target.reference),
                            let blob = await packed(layer, for: target, pace),
                            known.insert(.init(reference: target.reference, digest: blob.digest)).inserted
                        else { continue }
                        if running >= Self.parallelUploads { take(await group.next()) }
                        running += 1
                        group.addTask { await upload(blob, to: target, pace) }
                    }
                }
                while let upload = await group.next() { take(upload) }
                return arrived
            }
        } onCancel: {
            pace.end()
        }
    }

    /// - Returns: nil for what does not leave now.
    private func packed(_ layer: Layer, for target: Target, _ pace: Pace) async -> Descriptor? {
        // What came from a cache and is not unpacked is taken over from there at the end.
        guard let own = layer.stack.last, own.blobs.isEmpty else { return nil }
        let (store, gate) = (engine.store, gate)
        let isUnhurried: PackingPace = { try pace.isUnhurriedStill() }
        // What cannot be packed, or looked through, is told by who must.
        let blob = try? await unhurried { () throws -> Descriptor? in
            _ = try isUnhurried()
            guard try gate?(layer.stack, isUnhurried) ?? true else { return nil }
            return try store.cacheBlob(of: own.diffID, target.place.compression, isUnhurried)
        }
        guard let blob else { return nil }
        // What the registry had in one of its repositories, as this machine has seen by now, need not be sent; without that it is asked.
        let seen = try? SeenBlobs(of: target.reference, store)
        guard seen?.repositories(blob.digest).isEmpty != false else { return nil }
        return blob
    }

    private struct Upload: Sendable {
        struct Subject: Hashable { let reference: ImageReference, digest: Digest }

        let subject: Subject
        let isThere: Bool
    }

    private func upload(_ blob: Descriptor, to target: Target, _ pace: Pace) async -> Upload {
        let subject = Upload.Subject(reference: target.reference, digest: blob.digest)
        do {
            try await target.place.engine(engine).registries.withClient { client in
                try await client.push(blob: blob, from: engine.store.content, to: target.reference) { event in
                    if case .progressed = event, !pace.isUnhurried { observer(event) }
                }
            }
            return Upload(subject: subject, isThere: true)
        } catch {
            return Upload(subject: subject, isThere: false)
        }
    }
}

/// How eagerly layers are packed and sent: behind all else while steps are done, then as one waits for, or not at all any more.
private final class Pace: Sendable {
    private enum State { case unhurried, hurried, ended }

    private let state = Mutex(State.unhurried)

    var isUnhurried: Bool { state.withLock { $0 == .unhurried } }

    /// - Throws: `CancellationError` where nobody wants them any more.
    func isUnhurriedStill() throws -> Bool {
        let state = state.withLock { $0 }
        if state == .ended { throw CancellationError() }
        return state == .unhurried
    }

    /// Somebody waits from now on.
    func hurry() { state.withLock { if $0 == .unhurried { $0 = .hurried } } }

    func end() { state.withLock { $0 = .ended } }
}
