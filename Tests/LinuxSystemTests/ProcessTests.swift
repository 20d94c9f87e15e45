import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import LinuxSystem

/// What is said of processes and said to them; where all of a process is changed, in one of its own.
@Suite(.timeLimit(.minutes(5))) struct ProcessTests {
    @Test func tellsOfThisMachine() throws {
        #expect(ProcessFacts.identifier == getpid() && ProcessFacts.effectiveUser == geteuid())
        #expect(ProcessFacts.kernelIsOlder(than: 1000, 0) && !ProcessFacts.kernelIsOlder(than: 2, 6))
        #expect(
            ProcessFacts.processorCount > 0 && ProcessFacts.hasNamespaces(of: "mnt")
                && !ProcessFacts.hasNamespaces(of: "x"))
        let (free, total) = (ProcessFacts.freeBytes(at: "/"), ProcessFacts.totalBytes(at: "/"))
        #expect(try #require(free) <= #require(total) && ProcessFacts.totalBytes(at: "/nonexistent") == nil)
        #expect(ProcessFacts.bootIdentifier?.utf8.count == 36)
        #expect(ProcessFacts.resourceLimit("nofile").map { $0.soft <= $0.hard } == true)
        #expect(ProcessFacts.resourceLimit("none") == nil && ProcessFacts.resourceLimitNames.contains("stack"))
        #expect(
            ProcessFacts.isExecutable("/bin/sh") && !ProcessFacts.isExecutable("/etc")
                && !ProcessFacts.isExecutable("/x"))
        #expect(ProcessFacts.realPath("/usr/../nonexistent") == nil && ProcessFacts.realPath("/usr/..") == "/")
        #expect(!ProcessFacts.isListening(0))
    }

    @Test func tellsOfNamespaces() {
        let rows = UserNamespace.rows("uid_map")
        #expect(!rows.isEmpty && UserNamespace.rows("none") == [[0, 0, .max]])
        #expect(UserNamespace.identifierCount == rows.reduce(0) { $0 + UInt64($1[2]) })
        #expect(UserNamespace.isInitial == (rows == [[0, 0, .max]]))
        #expect(UserNamespace.hasGroup(getegid()) && UserNamespace.hasGroup(.max) == false)
        for restriction in UserNamespace.Restriction.allCases {
            let path = "/proc/sys/" + restriction.rawValue.replacing(".", with: "/")
            guard let text = try? Files.text(path) else { continue }  // most kernels have not all of them
            let restricts = text == restriction.restrictingValue + "\n"
            if restricts { #expect(UserNamespace.restriction != nil) }
        }
    }

    @Test func sendsSignals() async throws {
        let child = try ChildProcess(starting: .init(arguments: ["/bin/sleep", "1000"], directory: "/"))
        #expect(ProcessSignal.exists(child.number) && ProcessSignal.exists(1) && !child.hasEnded)
        ProcessSignal.send(ProcessSignal.terminate, to: child.number)
        #expect(await child.end() == .signal(SIGTERM))
        child.send(SIGKILL)
        #expect(child.hasEnded)
        let other = try ChildProcess(starting: .init(arguments: ["/bin/sleep", "1000"], directory: "/"))
        ProcessSignal.kill(other.number)
        #expect(await other.end() == .signal(SIGKILL))
        #expect(throws: SystemCallError.self) {
            try ChildProcess(starting: .init(arguments: ["/nonexistent"], directory: "/"))
        }
    }

    /// Both listeners hear each signal, and the process goes on.
    @Test func hearsSignals() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var (first, second) = (
                ProcessSignal.received().makeAsyncIterator(), ProcessSignal.received(.all).makeAsyncIterator()
            )
            for signal in [SIGTERM, SIGINT, SIGHUP] {
                kill(getpid(), signal)
                guard await first.next() == signal, await second.next() == signal else { exit(1) }
            }
            kill(getpid(), SIGUSR1)
            guard await second.next() == SIGUSR1 else { exit(2) }
            exit(7)
        }
    }

    /// Once nothing must be waited for, the process ends as by the signal itself.
    @Test func endsByASignal() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            ProcessSignal.end(by: SIGTERM) { true }
            while true { try await Task.sleep(for: .seconds(1)) }
        }
    }

    @Test func readsAndWritesStandardStreams() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(7), observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            let ends = try DescriptorBox.pipe()
            dup2(ends.reading.raw, 0)
            func feed(_ text: String) { _ = write(ends.writing.raw, text, text.utf8.count) }
            feed("first")
            var buffer = [UInt8](repeating: 0, count: 64)
            let count = try buffer.withUnsafeMutableBytes { try StandardStream.input.read(into: $0) }
            guard buffer.prefix(count).elementsEqual("first".utf8) else { exit(1) }
            feed("more than eight bytes")
            do {
                _ = try StandardStream.input.readAll(limit: 8)
                exit(2)
            } catch let error as SystemCallError {
                guard error.errno == .fileTooLarge else { exit(3) }
            }
            let file = "/tmp/distill-input-\(getpid())"
            try Files.write("whole", to: file)
            dup2(open(file, O_RDONLY), 0)
            unlink(file)
            guard try StandardStream.input.readAll(limit: 8) == Array("whole".utf8) else { exit(4) }
            lseek(0, 0, SEEK_SET)
            var pieces: [UInt8] = []
            try InputFile.forEachPiece(of: nil) { pieces += $0 }
            guard pieces == Array("whole".utf8) else { exit(5) }
            StandardStream.output.write(text: "seen ")
            try OutputFile.writeToStandardOutput { write in try Array("written".utf8).withUnsafeBytes(write) }
            StandardStream.error.write(text: "told")
            StandardStream.detach()
            StandardStream.output.write(text: "unseen")
            exit(7)
        }
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output.contains("seen written") && !output.contains("unseen"))
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("told"))
    }

    /// What a person types unseen, and the size of where it is typed.
    @Test func asksATerminal() async throws {
        await #expect(processExitsWith: .exitCode(7)) {
            let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            var (lock, number): (Int32, Int32) = (0, 0)
            // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)).
            guard ioctl(master, 0x4004_5431, &lock) == 0, ioctl(master, 0x8004_5430, &number) == 0 else { exit(1) }
            let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
            guard Terminal.size(terminal) == nil else { exit(2) }
            let box = DescriptorBox(OwnedDescriptor(raw: dup(terminal)))
            box.setTerminalSize(columns: 80, rows: 24)
            guard let found = Terminal.size(terminal), found == (80, 24), Terminal.isTerminal(terminal) else { exit(3) }
            dup2(open("/dev/null", O_RDONLY), 0)
            guard Terminal.readSecret(prompt: { exit(4) }) == nil else { exit(5) }
            dup2(terminal, 0)
            let secret = Terminal.readSecret { _ = write(master, "hidden\n", 7) }
            var settings = termios()
            guard secret == "hidden", tcgetattr(0, &settings) == 0, settings.c_lflag & tcflag_t(ECHO) != 0 else {
                exit(6)
            }
            exit(7)
        }
    }

    /// In a namespace of mounts of its own, a tree of hierarchies that a runtime refuses is hidden, and groups are still made.
    @Test(.needsRoot) func hidesWhatIsMounted() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try Mount.enterPrivateNamespace()
            try Mount.maskHybridControlGroups()
            let names = try Directory(opening: "/sys/fs/cgroup").names()
            exit(names.isEmpty || names.contains(Array("cgroup.controllers".utf8)) ? 7 : 1)
        }
    }

    @Test func raisesTheLimitOfDescriptors() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var limit = rlimit(rlim_cur: 64, rlim_max: 0)
            let before = ProcessFacts.resourceLimit("nofile")
            limit.rlim_max = rlim_t(before?.hard ?? 64)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            ProcessFacts.raiseDescriptorLimit()
            guard let now = ProcessFacts.resourceLimit("nofile"), now.soft == now.hard else { exit(1) }
            exit(ProcessFacts.callersDescriptorLimit?.soft == 64 ? 7 : 2)
        }
    }

    @Test func keepsInMindWhyThereIsNoNamespace() async {
        await #expect(processExitsWith: .exitCode(7)) {
            guard UserNamespace.obstacle == nil else { exit(1) }
            UserNamespace.note(.notMapped)
            // A process with several threads cannot change its own (unshare(2)).
            do { try UserNamespace.enterAlone() } catch { exit(UserNamespace.obstacle == .notMapped ? 7 : 2) }
        }
    }
}
