import LinuxSystem
import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// Stores of earlier, of later and of unfinished layouts.
@Suite struct StoreFormatTests {
    struct Interruption: Error {}

    /// A layout two steps later than the first, whose steps note that they were done.
    private static func later(failing: Set<Int> = [], _ log: LogOfSteps = LogOfSteps()) -> StoreFormat {
        func step(_ number: Int) -> StoreFormat.Step {
            { root in
                log.add(number)
                try root.ensureDirectory(Array("made-by-\(number)".utf8))
                if failing.contains(number) { throw Interruption() }
            }
        }
        return StoreFormat(version: 3, steps: [1: step(1), 2: step(2)])
    }

    final class LogOfSteps: Sendable {
        private let numbers = Mutex<[Int]>([])
        func add(_ number: Int) { numbers.withLock { $0.append(number) } }
        var all: [Int] { numbers.withLock { $0 } }
    }

    private static let first = StoreFormat(version: 1, steps: [:])

    private func withStore(_ body: (_ path: FilePath) throws -> Void) async throws {
        try await Files.withTemporaryDirectory { try body(FilePath("\($0)/store")) }
    }

    private func version(_ path: FilePath) throws -> String { try Files.text("\(path)/version") }

    @Test func bringsAnEarlierStoreUp() async throws {
        try await withStore { path in
            do {
                try Store(path: path, format: Self.first).cache.put(
                    .init(layer: nil, created: 7), for: .init(sha256: [1]))
            }
            #expect(try version(path) == "1\n")
            let log = LogOfSteps()
            let store = try Store(path: path, format: Self.later(log))
            #expect(try version(path) == "3\n")
            #expect(log.all == [1, 2])
            #expect(try store.cache.record(for: .init(sha256: [1]))?.created == 7, "what was there is there")
            // Once more there is nothing to do, and other processes of this version come in at once.
            _ = try Store(path: path, format: Self.later(log))
            #expect(log.all == [1, 2])
        }
    }

    @Test(arguments: ["4\n", "99", "1>4\n", "", "one\n", "0\n", "-1\n", "1>\n", "3>x"]) func refusesWhatItDoesNotKnow(
        text: String
    ) async throws {
        try await withStore { path in
            try Files.write(text, to: "\(path)/version")
            #expect {
                _ = try Store(path: path, format: Self.later())
            } throws: { error in
                guard case StorageError.unsupportedVersion(_, let found, known: 3)? = error as? StorageError else {
                    return false
                }
                return found == text.filter { !$0.isWhitespace }
            }
            #expect(try version(path) == text, "nothing is changed")
        }
    }

    /// An earlier version of Distill compares the whole text with its own number: it refuses the store from the first mark on.
    @Test func takesUpAnInterruptedUpgrade() async throws {
        try await withStore { path in
            _ = try Store(path: path, format: Self.first)
            #expect(throws: Interruption.self) { try Store(path: path, format: Self.later(failing: [2])) }
            #expect(try version(path) == "2>3\n")
            #expect(throws: StorageError.self) { try Store(path: path, format: Self.first) }
            let log = LogOfSteps()
            _ = try Store(path: path, format: Self.later(log))
            #expect(log.all == [2], "what was done is not done again")
            #expect(try version(path) == "3\n")
        }
    }

    @Test func isRefusedWhileAnEarlierVersionUsesIt() async throws {
        try await withStore { path in
            let user = try Store(path: path, format: Self.first)
            #expect {
                _ = try Store(path: path, format: Self.later())
            } throws: { error in
                if case StorageError.earlierVersionInUse? = error as? StorageError { true } else { false }
            }
            #expect(try version(path) == "1\n", "the user is not disturbed")
            withExtendedLifetime(user) {}
        }
    }

    /// Many commands of both versions at once: each either works on the layout that it knows, or is refused.
    @Test func bothAtOnceAreSafe() async throws {
        try await Files.withTemporaryDirectory { directory in
            let path = FilePath("\(directory)/store")
            _ = try Store(path: path, format: Self.first)
            let log = LogOfSteps()
            let wrong = LogOfSteps()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        let isLater = number % 3 == 0
                        do {
                            let store = try Store(path: path, format: isLater ? Self.later(log) : Self.first)
                            let text = try Files.text("\(path)/version")
                            if text != (isLater ? "3\n" : "1\n") { wrong.add(1) }
                            withExtendedLifetime(store) {}
                        } catch is StorageError {} catch { wrong.add(1) }
                    }
                }
            }
            #expect(wrong.all.isEmpty)
            #expect(log.all == [1, 2])
            _ = try Store(path: path, format: Self.later(log))
            #expect(log.all == [1, 2], "once")
        }
    }
}
