import SystemPackage
import TestSupport
import Testing

@testable import LinuxSystem

/// Control groups in a directory that looks like a tree of hierarchies, of either version.
@Suite struct ControlGroupTests {
    private static let settings = [
        ControlGroup.Setting(
            "memory", first: [.init("memory.limit_in_bytes", "7")], second: [.init("memory.max", "7")]),
        ControlGroup.Setting("cpuset", first: [.init("cpuset.cpus", "0-1")], second: [.init("cpuset.cpus", "0-1")]),
        ControlGroup.Setting("pids", first: [.init("pids.max", "9")], second: [.init("pids.max", "9")]),
    ]

    /// - Parameter own: what the kernel says of the process.
    private func withTree(_ files: [String], own: String, _ body: (ControlGroup.Hierarchies, String) throws -> Void)
        async throws
    {
        try await Files.withTemporaryDirectory { root in
            for file in files {
                let parts = file.split(separator: "=", maxSplits: 1).map(String.init)
                try Files.write(parts.count == 2 ? parts[1] : "", to: "\(root)/\(parts[0])")
            }
            try body(.init(top: Directory(opening: FilePath(root)), own: Array(own.utf8)), root)
        }
    }

    @Test func isOneGroupOfTheSecondVersion() async throws {
        try await withTree(["cgroup.controllers"], own: "0::/me\n") { all, root in
            let group = try ControlGroup(named: "g", Self.settings, in: all)
            // The kernel takes each line for itself; of a plain file the last one is seen.
            #expect(try Files.text("\(root)/cgroup.subtree_control").hasPrefix("+pids"))
            for (file, text) in [("memory.max", "7"), ("cpuset.cpus", "0-1"), ("pids.max", "9")] {
                #expect(try Files.text("\(root)/g/\(file)") == text)
            }
            try group.add(42)
            #expect(try Files.text("\(root)/g/cgroup.procs") == "42")
            #expect(try group.entrances().count == 1)
            // The kernel's own files go with a group.
            for file in try Directory(opening: FilePath("\(root)/g")).names() {
                try Directory(opening: FilePath("\(root)/g")).removeFile(file)
            }
            group.remove()
            #expect(!Files.exists("\(root)/g"))
        }
    }

    /// What a process that was killed left goes with the next group, and what another holds stays.
    @Test func abandonedOnesGo() async throws {
        try await withTree(["cgroup.controllers"], own: "0::/\n") { all, root in
            for name in ["distill-dead", "distill-held", "others"] {
                try Directory(opening: FilePath(root)).makeDirectory(Array(name.utf8), mode: 0o755)
            }
            let held = try FileLock.attempt(on: Directory(opening: FilePath("\(root)/distill-held")))
            let group = try ControlGroup(named: "g", Self.settings, in: all)
            #expect(held != nil && !Files.exists("\(root)/distill-dead"))
            #expect(Files.exists("\(root)/distill-held") && Files.exists("\(root)/others") && Files.exists("\(root)/g"))
            withExtendedLifetime((group, held)) {}
        }
    }

    /// Under all names of a hierarchy, under one of them, and with a path that is outside of what is mounted.
    @Test func isAGroupInEachHierarchyOfTheFirst() async throws {
        let own = "5:memory:/me\n4:cpuset,other:/\n3:pids:/elsewhere/me\n0::/\n"
        try await withTree(
            ["memory/me/x", "cpuset/cpuset.mems=0-3\n", "pids/x"], own: own
        ) { all, root in
            let group = try ControlGroup(named: "g", Self.settings, in: all)
            #expect(try Files.text("\(root)/memory/me/g/memory.limit_in_bytes") == "7")
            #expect(try Files.text("\(root)/cpuset/g/cpuset.cpus") == "0-1")
            #expect(try Files.text("\(root)/cpuset/g/cpuset.mems") == "0-3")
            #expect(try Files.text("\(root)/pids/g/pids.max") == "9")
            try group.add(7)
            #expect(try group.entrances().count == 3)
            for place in ["memory/me", "cpuset", "pids"] {
                #expect(try Files.text("\(root)/\(place)/g/cgroup.procs") == "7")
            }
        }
    }

    @Test func needsItsController() async throws {
        try await withTree(["pids/x", "memory/x"], own: "5:memory:/\n3:pids:/\n") { all, root in
            #expect(throws: ControlGroup.Obstacle.noController("cpuset")) {
                try ControlGroup(named: "g", Self.settings, in: all)
            }
            // What was made before is removed as far as the kernel's files let it be.
            #expect(throws: ControlGroup.Obstacle.self) { try ControlGroup(named: "x", [Self.settings[0]], in: all) }
            #expect(!Files.exists("\(root)/pids/g"))
        }
    }

    /// What the kernel says of memory that ran out, in either version's words.
    @Test(arguments: [
        ("memory.events", "low 0\noom 4\noom_kill 0\n", false), ("memory.events", "oom_kill 2\n", true),
        ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", true),
        ("memory.oom_control", "", false),
        ("other", "oom_kill 1\n", false),
    ])
    func tellsWhetherMemoryRanOut(file: String, text: String, expected: Bool) async throws {
        try await withTree(["cgroup.controllers"], own: "") { all, root in
            let group = try ControlGroup(named: "g", Self.settings, in: all)
            try Files.write(text, to: "\(root)/g/\(file)")
            #expect(group.hasRunOutOfMemory == expected)
        }
    }
}
