import Engine
import LinuxSystem
import OCI
import Sandbox
import Storage
import SystemPackage
import TestSupport
import Testing

/// One process, one store, and several that use it at once, as behind a server's socket.
@Suite struct EngineTogetherTests {
    private func build(_ name: String, turn: Int, in directory: String, _ store: Store) async throws {
        let environment = HostEnvironment(variables: [:], workingDirectory: FilePath(directory))
        var engine = Engine(store: store, environment: environment)
        engine.runtime = { RecordedRuntime { _ in .init(files: ["/made": "\(name)\(turn)"]) } }
        let context = "\(directory)/context"
        var specification = BuildSpecification(context: try ContextSource(context, environment), contextName: context)
        specification.dockerfile = .inline(
            Array("FROM scratch\nCOPY file /\(name)\nRUN [\"/x\", \"\(turn % 3)\"]\nLABEL turn=\(turn)\n".utf8))
        specification.names = [try ImageReference("\(name):\(turn)")]
        specification.check = .off
        _ = try await engine.build(specification) { _ in }
    }

    /// Two builds, a prune and a removal, each many times: nothing that a build stands on goes, and what is left is whole.
    @Test func buildsWhileOthersRemove() async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.write(String(repeating: "hello\n", count: 1000), to: "\(directory)/context/file")
            let store = try Store(path: FilePath("\(directory)/store"))
            defer { store.close() }
            try await withThrowingTaskGroup { group in
                for name in ["a", "b"] {
                    group.addTask { for turn in 0..<40 { try await build(name, turn: turn, in: directory, store) } }
                }
                group.addTask {
                    for _ in 0..<200 {
                        _ = try store.prune(Store.PrunePolicy())
                        await Task.yield()
                    }
                }
                group.addTask {
                    for _ in 0..<200 {
                        _ = try store.removeImages { $0.references.contains { $0.description.contains("a:") } }
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
            let report = try #require(try store.check(repairing: false))
            #expect(report.findings == [] && report.images >= 40)
        }
    }

    /// What is on a lease is not collected, and a lease that ends with an error has ended.
    @Test func collectsWhenNoLeaseIsLeft() async throws {
        struct Failure: Error {}
        try await Files.withTemporaryDirectory { directory in
            let store = try Store(path: FilePath("\(directory)/store"))
            defer { store.close() }
            let collected = try await store.use { try store.collect() }
            #expect(collected == nil)
            await #expect(throws: Failure.self) { try await store.use { throw Failure() } }
            #expect(try store.collect() != nil)
        }
    }
}
