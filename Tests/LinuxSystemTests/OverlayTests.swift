import SystemPackage
import TestSupport
import Testing

@testable import LinuxSystem

extension Trait where Self == ConditionTrait {
    /// Mounts need root; in continuous integration a test that lacks it fails instead of being skipped.
    static var needsRoot: Self {
        .enabled(if: ProcessFacts.isRoot || ProcessFacts.environment["CI"] != nil, "needs root")
    }
}

/// Directories that are shown as one: by the kernel, and by a program where the kernel keeps that for root.
@Suite(.timeLimit(.minutes(5))) struct OverlayTests {
    private struct Stack {
        let root: String
        let overlay: Mount.Overlay
        var target: FilePath { FilePath("\(root)/target") }

        func seen(_ name: String) -> String? { try? Files.text("\(root)/target/\(name)") }  // not there
    }

    /// - Parameter count: how many layers, each with a file of its own number, and all with one of the same name.
    private func withStack(_ count: Int, isWritten: Bool = true, _ body: (Stack) throws -> Void) async throws {
        // Overlayfs takes no upper directory on itself.
        try await Files.withTemporaryDirectory(in: "/dev/shm") { root in
            for number in 0..<count {
                try Files.write("\(number)", to: "\(root)/l/\(number)/\(number)")
                try Files.write("\(number)", to: "\(root)/l/\(number)/same")
            }
            for name in ["upper", "work", "links", "target"] { try Files.makeDirectory("\(root)/\(name)") }
            let upper = isWritten ? (content: FilePath("\(root)/upper"), work: FilePath("\(root)/work")) : nil
            let lower = (0..<count).reversed().map { FilePath("\(root)/l/\($0)") }
            try body(Stack(root: root, overlay: .init(lower: lower, upper: upper, links: FilePath("\(root)/links"))))
        }
    }

    @Test(.needsRoot) func showsLayersAndKeepsWhatIsWritten() async throws {
        try await withStack(3) { stack in
            try Mount.overlay(stack.overlay, at: stack.target)
            #expect(stack.seen("0") == "0" && stack.seen("same") == "2")
            try Files.write("new", to: "\(stack.root)/target/same")
            try Mount.detach(stack.target)
            #expect(try Files.text("\(stack.root)/upper/same") == "new" && Files.text("\(stack.root)/l/2/same") == "2")
            #expect(stack.seen("same") == nil)
        }
    }

    @Test(.needsRoot) func isReadOnlyWithoutAnUpperDirectory() async throws {
        try await withStack(2, isWritten: false) { stack in
            try Mount.overlay(stack.overlay, at: stack.target)
            #expect(stack.seen("same") == "1")
            #expect(throws: Errno.readOnlyFileSystem) { try Files.write("x", to: "\(stack.root)/target/x") }
            try Mount.detach(stack.target)
        }
    }

    /// More layers than one overlay takes: the lowest become one.
    @Test(.needsRoot) func showsMoreLayersThanOneOverlayHas() async throws {
        let count = Mount.largestStack + 2
        try await withStack(count) { stack in
            try Mount.overlay(stack.overlay, at: stack.target)
            #expect(stack.seen("0") == "0" && stack.seen("\(count - 1)") == "\(count - 1)")
            #expect(stack.seen("same") == "\(count - 1)")
            try Mount.detach(stack.target)
        }
    }

    @Test(.needsRoot) func tellsOfALayerThatIsNotThere() async throws {
        try await withStack(1) { stack in
            var overlay = stack.overlay
            overlay.lower.append(FilePath("\(stack.root)/none"))
            #expect(throws: SystemCallError.self) { try Mount.overlay(overlay, at: stack.target) }
            #expect(stack.seen("same") == nil)
        }
    }

    /// Options of the older call: links with short names, whatever the directories are called.
    @Test func namesDirectoriesByLinks() async throws {
        try await withStack(40) { stack in
            let links = try Directory(opening: stack.overlay.links)
            let words = try Mount.linkedDirectories(stack.overlay, links)
            #expect(words.count == 3 && words[0].hasPrefix("lowerdir=0:1:") && words[0].hasSuffix(":z:10:11:12:13"))
            #expect(words[1...] == ["upperdir=upperdir", "workdir=workdir"])
            #expect(try Files.text("\(stack.root)/links/13/same") == "0")
            #expect(try links.readLink(Array("upperdir".utf8)) == Array("\(stack.root)/upper".utf8))
        }
    }

    /// The older call shows the same.
    @Test(.needsRoot) func mountsByNames() async throws {
        try await withStack(3) { stack in
            try Mount.mountByNames(stack.overlay, at: stack.target)
            #expect(stack.seen("0") == "0" && stack.seen("same") == "2")
            try Mount.detach(stack.target)
        }
    }

    @Test(
        .needsRoot, .enabled(if: OverlayProgram.find() != nil && Files.exists("/dev/fuse"), "fuse-overlayfs is missing")
    )
    func isServedByAProgram() async throws {
        let program = try #require(OverlayProgram.find())
        try await withStack(2) { stack in
            let served = try OverlayProgram(program, stack.overlay, at: stack.target)
            #expect(stack.seen("0") == "0" && stack.seen("same") == "1")
            try Files.write("new", to: "\(stack.root)/target/same")
            try Mount.detach(stack.target)
            try served.waitForEnd()
            #expect(try Files.text("\(stack.root)/upper/same") == "new")
        }
    }

    /// A program that ends without having served anything is no way to stack.
    @Test func tellsOfAProgramThatEnds() async throws {
        try await withStack(1) { stack in
            #expect {
                _ = try OverlayProgram("/bin/true", stack.overlay, at: stack.target)
            } throws: { error in
                (error as? SystemCallError)?.errno == .operationNotSupportedByDevice
            }
        }
    }

    @Test(.needsRoot) func mountsMemoryAndWhatIsElsewhere() async throws {
        try await withStack(1) { stack in
            try Mount.bind(FilePath("\(stack.root)/l"), at: stack.target)
            #expect(stack.seen("0/same") == "0")
            try Mount.detach(stack.target)
            try Mount.memory(at: stack.target)
            try Files.write("x", to: "\(stack.root)/target/x")
            #expect(FileSystemKind.of(stack.target) == .tmpfs)
            try Mount.detach(stack.target)
            #expect(stack.seen("x") == nil)
            #expect(throws: SystemCallError.self) { try Mount.detach(stack.target) }
            #expect(throws: SystemCallError.self) { try Mount.bind("/nonexistent", at: stack.target) }
        }
    }
}
