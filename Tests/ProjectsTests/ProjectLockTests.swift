import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct ProjectLockTests {
    /// `ps` and `logs` ask; an `up` that begins meanwhile gets the lock.
    @Test func isAskedForWithoutBeingTaken() async throws {
        try await Files.withTemporaryDirectory { path in
            let store = try Store(path: FilePath("\(path)/store"))
            defer { store.close() }
            let (one, other) = (try ProjectDirectory("p", in: store), try ProjectDirectory("p", in: store))
            #expect(try !one.isLocked())
            var lock = try one.lock()
            #expect(lock != nil)
            #expect(try other.isLocked())
            #expect(try other.lock() == nil)
            lock = nil
            let refusals = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    for _ in 0..<2000 { _ = try other.isLocked() }
                    return 0
                }
                group.addTask {
                    var refusals = 0
                    for _ in 0..<2000 where try one.lock() == nil { refusals += 1 }
                    return refusals
                }
                return try await group.reduce(0, +)
            }
            #expect(refusals == 0)
        }
    }
}
