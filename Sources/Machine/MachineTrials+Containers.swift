import Engine
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage
import Synchronization
import SystemPackage

extension MachineTrials {
    /// Shows two directories of the store as one, and writes into what comes of it.
    func overlay(_ store: Store) -> Trial.Finding {
        let kind = FileSystemKind.of(store.path)
        do {
            let place = try store.makeTemporaryDirectory()
            let overlay = try Self.layout(place.path)
            let target = place.path.appending("target")
            do {
                try Mount.overlay(overlay, at: target)
                defer { Self.detach(target) }
                try Self.write(into: target)
                return .overlay(byProgram: false, kind)
            } catch {
                guard !ProcessFacts.isRoot || !UserNamespace.isInitial, let program = OverlayProgram.find() else {
                    throw error
                }
                let second = try store.makeTemporaryDirectory()
                let served = try OverlayProgram(program, Self.layout(second.path), at: second.path.appending("target"))
                defer { withExtendedLifetime(served) {} }
                try Self.write(into: second.path.appending("target"))
                Self.detach(second.path.appending("target"))
                return .overlay(byProgram: true, kind)
            }
        } catch { return .noOverlay(error) }
    }

    private static func layout(_ place: FilePath) throws -> Mount.Overlay {
        let directory = try Directory(opening: place)
        for name in ["lower", "upper", "work", "links", "target"] {
            try directory.makeDirectory(Array(name.utf8), mode: 0o755)
        }
        return Mount.Overlay(
            lower: [place.appending("lower")], upper: (place.appending("upper"), place.appending("work")),
            links: place.appending("links"))
    }

    private static func write(into target: FilePath) throws {
        let directory = try Directory(opening: target)
        try directory.makeDirectory(Array("made".utf8), mode: 0o755)
        try directory.removeTree(Array("made".utf8))
    }

    private static func detach(_ target: FilePath) {
        // It goes with this process's namespace otherwise.
        try? Mount.detach(target)
    }

    /// Runs a program of this machine in a container whose root is this machine's own, read-only and without a network.
    func runtime(_ store: Store) async -> Trial.Finding {
        do {
            let runtime = try OCIRuntime.installed(searchPath: environment.searchPath, store: store)
            let place = try store.makeTemporaryDirectory()
            let directory = try Directory(opening: place.path)
            for name in ["root", "bundle"] { try directory.makeDirectory(Array(name.utf8), mode: 0o755) }
            let root = place.path.appending("root")
            try Mount.bind("/", at: root)
            defer { Self.detach(root) }
            let words = Mutex<[UInt8]>([])
            let end = try await runtime.run(
                process(root), bundle: place.path.appending("bundle"),
                streams: .together { bytes in
                    words.withLock { $0 += $0.count < 4096 ? Array(bytes) : [] }
                    return true
                })
            guard end.status == 0 else {
                let text = String(decoding: words.withLock { $0 }, as: UTF8.self)
                return .runtimeEnded(name: runtime.name, status: end.status, words: text)
            }
            return .runtime(name: runtime.name, version: await version(of: runtime))
        } catch { return .noRuntime(error) }
    }

    private func process(_ root: FilePath) -> ProcessSpec {
        let program = ["/bin/true", "/usr/bin/true"].first { ProcessFacts.isExecutable(FilePath($0)) }
        let own = ProcessFacts.realPath("/proc/self/exe")?.string ?? "/bin/true"
        var process = ProcessSpec(
            arguments: program.map { [$0] } ?? [own, "--version"], environment: ["PATH=/usr/bin:/bin"],
            workingDirectory: .root,
            hostname: "doctor", root: root.string)
        process.isRootReadOnly = true
        process.sharesNetwork = false
        return process
    }

    private func version(of runtime: OCIRuntime) async -> String {
        guard case .programs(let found, _) = await programs([[runtime.name, "--version"]]) else { return "" }
        return found.first?.version ?? ""
    }
}
