import LinuxSystem
import SystemPackage
import TestSupport
import Testing

@Suite struct LockTests {
    /// Asking takes nothing, so that nobody who wants the lock is refused for it.
    @Test func isAskedForWithoutBeingTaken() async throws {
        try await Files.withTemporaryDirectory { path in
            let directory = try Directory(opening: FilePath(path))
            let name = Array("lock".utf8)
            #expect(try !RangeLock.isHeld(0, of: name, in: directory))
            #expect(try directory.status(name) == nil, "asking makes no file")
            var lock = try RangeLock.attempt(0, of: name, in: directory)
            #expect(lock != nil)
            #expect(try RangeLock.isHeld(0, of: name, in: directory))
            #expect(try !RangeLock.isHeld(1, of: name, in: directory))
            lock = nil
            #expect(try !RangeLock.isHeld(0, of: name, in: directory))
            let refusals = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    for _ in 0..<5000 { _ = try RangeLock.isHeld(0, of: name, in: directory) }
                    return 0
                }
                group.addTask {
                    var refusals = 0
                    for _ in 0..<5000 where try RangeLock.attempt(0, of: name, in: directory) == nil { refusals += 1 }
                    return refusals
                }
                return try await group.reduce(0, +)
            }
            #expect(refusals == 0)
        }
    }

    @Test func namesOfUnfinishedThingsAreTheirOwn() {
        #expect(Set((0..<1000).map { _ in ProcessFacts.temporaryName }).count == 1000)
    }
}

@Suite struct LinkTests {
    @Test(arguments: [
        ("plain", "plain"), ("new", "new"), ("link", "d/target"), ("chain", "d/target"), ("dangling", "d/none"),
        ("up", "d/../plain"),
        ("/dev/stdout", "/dev/stdout"), ("out", "/proc/self/fd/1"), ("/dev/fd/7", "/dev/fd/7"),
    ])
    func leadWhereTheyLead(path: String, expected: String) async throws {
        try await Files.withTemporaryDirectory { root in
            try Files.makeDirectory("\(root)/d")
            try Files.write("", to: "\(root)/plain")
            let directory = try Directory(opening: FilePath(root))
            for (name, target) in [
                ("link", "d/target"), ("chain", "link"), ("dangling", "\(root)/d/none"), ("up", "d/../plain"),
                ("out", "/proc/self/fd/1"), ("circle", "circle"),
            ] { try directory.makeSymbolicLink(Array(name.utf8), to: Array(target.utf8)) }
            func absolute(_ path: String) -> FilePath { FilePath(root).pushing(FilePath(path)) }
            #expect(try absolute(path).followingLinks() == absolute(expected))
            #expect(throws: SystemCallError.self) { try absolute("circle").followingLinks() }
        }
    }

    @Test(arguments: [
        ("/dev/stdin", 0), ("/dev/stdout", 1), ("/dev/fd/63", 63), ("/proc/self/fd/2", 2), ("/dev/fd/x", nil),
        ("/dev/fd", nil), ("/dev/null", nil), ("stdin", nil),
    ])
    func ofDescriptorsAreNumbers(path: String, number: Int32?) {
        #expect(OwnedDescriptor.descriptorNumber(FilePath(path)) == number)
    }
}
