import BuildGraph
import Dockerfile
import Engine
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// Commits that git fetches from repositories of this machine.
@Suite(.needsGit, .timeLimit(.minutes(5))) struct GitCheckoutTests {
    private struct Result {
        let checkout: GitCheckout.Checkout

        func text(_ path: String) -> String? {
            // What is not there has no text.
            (try? Files.text("\(checkout.path)/\(path)")).map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
        }

        func has(_ path: String) -> Bool { Files.exists("\(checkout.path)/\(path)") }
    }

    private func fetch(
        _ text: String, in repositories: Repositories, commit: String? = nil, _ settings: [(String, String)] = []
    ) async throws -> Result {
        let source = try #require(try GitReference("https://git.example/" + text))
        let access = GitAccess(HostEnvironment(variables: repositories.variables(settings)))
        let place = try Files.makeTemporaryDirectory(in: repositories.directory)
        return Result(checkout: try await GitCheckout(source, access).fetch(into: FilePath(place), commit: commit))
    }

    private func withProject(_ body: (Repositories, _ first: String) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            let repositories = Repositories(directory: directory)
            let first = try await repositories.script(Repositories.project + "git -C p.git rev-parse main~1")
            try await body(repositories, first)
        }
    }

    /// What is asked for, and the content of `f`.
    @Test func checksOutEveryForm() async throws {
        try await withProject { repositories, first in
            let forms = [
                ("", "2"), ("#main", "2"), ("#v2", "2"), ("#same", "branch"), ("?tag=same", "2"), ("#:sub", "s"),
                ("#main:sub", "s"), ("#\(first)", "1"), ("#\(first.prefix(9))", "1"), ("?ref=HEAD", "2"),
            ]
            for (suffix, content) in forms {
                let result = try await fetch("p.git\(suffix)", in: repositories)
                #expect(result.text("f") == content, "\(suffix)")
                #expect(
                    result.checkout.time == 1_700_000_000 && result.checkout.placeholder == nil && !result.has(".git"))
            }
        }
    }

    /// A server that gives commits only by what leads to them: an old protocol that names all it gives.
    @Test func findsACommitBelowABranch() async throws {
        try await withProject { repositories, first in
            let result = try await fetch("p.git#\(first)", in: repositories, [("protocol.version", "0")])
            #expect(result.text("f") == "1" && result.checkout.commit == first)
        }
    }

    @Test func comparesTheCommit() async throws {
        try await withProject { repositories, first in
            let second = try await repositories.script("git -C p.git rev-parse main")
            let tag = try await repositories.script("git -C p.git rev-parse v2")
            for (text, commit) in [
                ("p.git", String(second.prefix(7))), ("p.git#v2", tag), ("p.git?checksum=\(second.prefix(8))", nil),
                ("p.git", second.uppercased()),
            ] {
                let result = try await fetch(text, in: repositories, commit: commit)
                #expect(result.checkout.commit == second, "\(text)")
            }
            for (text, commit) in [("p.git", first), ("p.git?checksum=\(first.prefix(8))", nil), ("p.git#same", tag)] {
                await #expect {
                    try await fetch(text, in: repositories, commit: commit)
                } throws: { error in
                    guard case GitError.otherCommit(_, _, let actual) = error else { return false }
                    return actual != first
                }
            }
        }
    }

    /// What there is no such thing of, by name and by number, and a repository that is not there: its password is told to nobody.
    @Test func tellsWhatIsMissing() async throws {
        try await withProject { repositories, _ in
            for name in ["nosuch", "0123456789", String(repeating: "0", count: 40)] {
                await #expect {
                    try await fetch("p.git#\(name)", in: repositories)
                } throws: { error in
                    switch error {
                    case GitError.noReference(_, name), GitError.failed: true
                    default: false
                    }
                }
            }
            let source = try #require(try GitReference("https://me:hunter22@git.example/none.git"))
            let access = GitAccess(HostEnvironment(variables: repositories.variables()))
            let place = try Files.makeTemporaryDirectory(in: repositories.directory)
            await #expect {
                _ = try await GitCheckout(source, access).fetch(into: FilePath(place))
            } throws: { error in
                guard case GitError.failed("https://git.example/none.git", let reason) = error else { return false }
                return reason.contains("none.git") && !reason.contains("hunter22")
            }
        }
    }

    @Test func tellsThatThereIsNoGit() async throws {
        try await withProject { repositories, _ in
            let shell = try await Command(
                "sh", ["-c", "mkdir bin; ln -s \"$(command -v sh)\" bin/sh"], workingDirectory: repositories.directory
            ).run()
            #expect(shell.succeeded)
            let source = try #require(try GitReference("https://git.example/p.git"))
            let access = GitAccess(HostEnvironment(variables: ["PATH": "\(repositories.directory)/bin"]))
            let place = try Files.makeTemporaryDirectory(in: repositories.directory)
            await #expect {
                _ = try await GitCheckout(source, access).fetch(into: FilePath(place))
            } throws: { error in
                if case GitError.notInstalled = error { true } else { false }
            }
        }
    }

    /// `.git` stays where the URL says so, else where the caller does; times are the commit's where that is asked for.
    @Test func keepsHistoryAndTimes() async throws {
        try await withProject { repositories, _ in
            let kept = try await fetch("p.git?keep-git-dir=true", in: repositories)
            #expect(kept.has(".git") && kept.text(".git/HEAD") == "ref: refs/heads/main")
            let access = GitAccess(HostEnvironment(variables: repositories.variables()))
            for (suffix, isKept) in [("", true), ("?keep-git-dir=false", false)] {
                let source = try #require(try GitReference("https://git.example/p.git\(suffix)"))
                #expect(GitCheckout(source, keepsHistory: true, access).keepsHistory == isKept)
            }
            let timed = try await fetch("p.git?mtime=commit", in: repositories)
            let root = try Directory(opening: timed.checkout.path)
            for name in ["f", "sub"] {
                #expect(try root.status(Array(name.utf8))?.modified == FileTime(seconds: 1_700_000_000), "\(name)")
            }
        }
    }

    private static let withSubmodule = """
        g init -q m; echo old >m/x; g -C m add .; g -C m commit -qm 1; echo new >m/x; g -C m commit -qam 2
        git clone -q --mirror m m.git
        g init -q w; echo w >w/f; g -C w submodule --quiet add ../m.git lib; g -C w/lib checkout -q main~1
        g -C w add .; g -C w commit -qm 1; git clone -q --mirror w p.git
        """

    /// With a commit that no branch of the submodule begins with: of a server that gives it, and of one that does not.
    @Test(arguments: [[], [("protocol.version", "0")]]) func fetchesSubmodules(settings: [(String, String)])
        async throws
    {
        try await Files.withTemporaryDirectory { directory in
            let repositories = Repositories(directory: directory)
            try await repositories.script(Self.withSubmodule)
            let whole = try await fetch("p.git", in: repositories, settings)
            #expect(
                whole.text("f") == "w" && whole.text("lib/x") == "old" && !whole.has("lib/.git") && !whole.has(".git"))
            let without = try await fetch("p.git?submodules=false", in: repositories, settings)
            #expect(without.text("f") == "w" && !without.has("lib/x"))
        }
    }

    /// A pointer of git-lfs stands for a file that was not fetched.
    @Test func findsPlaceholders() async throws {
        try await Files.withTemporaryDirectory { directory in
            let repositories = Repositories(directory: directory)
            let pointer =
                "version https://git-lfs.github.com/spec/v1\\noid sha256:\(String(repeating: "0", count: 64))\\nsize 5\\n"
            try await repositories.script(
                """
                g init -q w; mkdir w/d; printf '\(pointer)' >w/d/big; echo 1 >w/f; g -C w add .; g -C w commit -qm 1
                git clone -q --mirror w plain.git; echo '*.bin filter=lfs' >w/.gitattributes
                g -C w add .; g -C w commit -qm 2; git clone -q --mirror w p.git
                mv w/.gitattributes w/d; g -C w add .; g -C w commit -qm 3; git clone -q --mirror w below.git
                g init -q o; echo o >o/f; g -C o submodule --quiet add ../w lib; g -C o add .; g -C o commit -qm 1
                git clone -q --mirror o outer.git
                """)
            #expect(try await fetch("p.git", in: repositories).checkout.placeholder == "d/big")
            #expect(try await fetch("below.git", in: repositories).checkout.placeholder == "d/big")
            #expect(try await fetch("outer.git", in: repositories).checkout.placeholder == "lib/d/big")
            #expect(try await fetch("plain.git", in: repositories).checkout.placeholder == nil)
        }
    }

    /// Where git-lfs is installed, and the caller has not said how it is used, its files come; where he has, or where they are not there,
    /// one is named.
    @Test(.needsProgram("git-lfs")) func fetchesLargeFiles() async throws {
        try await Files.withTemporaryDirectory { directory in
            let repositories = Repositories(directory: directory)
            try await repositories.script(
                """
                g init -q w; cd w; echo '*.bin filter=lfs diff=lfs merge=lfs -text' >.gitattributes; echo large >a.bin
                mkdir d; echo below >d/b.bin
                l() { g -c filter.lfs.clean='git-lfs clean -- %f' -c filter.lfs.smudge='git-lfs smudge -- %f' -c \
                    filter.lfs.process='git-lfs filter-process' -c filter.lfs.required=true "$@"; }
                l add .; l commit -qm 1; cd ..
                git clone -q --bare w p.git; cp -r w/.git/lfs p.git/lfs; git clone -q --bare w empty.git
                """)
            let whole = try await fetch("p.git", in: repositories)
            #expect(
                whole.text("a.bin") == "large" && whole.text("d/b.bin") == "below" && whole.checkout.placeholder == nil)
            #expect(!whole.has(".git"))
            #expect(try await fetch("empty.git", in: repositories).checkout.placeholder == "a.bin")
            let own = try await fetch("p.git", in: repositories, [("filter.lfs.smudge", "git-lfs smudge --skip -- %f")])
            #expect(own.checkout.placeholder == "a.bin")
        }
    }

    /// A repository by the front door: as the context, whose commit's time is the image's, and by ADD.
    @Test func buildsFromARepository() async throws {
        try await Files.withTemporaryDirectory { directory in
            let repositories = Repositories(directory: directory)
            try await repositories.script(Repositories.project)
            try await withBench(repositories.variables()) { bench in
                let context = "https://git.example/p.git#main"
                let outcome = try await bench.build(
                    "FROM scratch\nCOPY f /\nADD https://git.example/p.git#same:sub /added/\n"
                ) {
                    $0.context = try ContextSource(context, bench.engine.environment)
                    $0.isReproducible = true
                    $0.check = .off
                }.result.get()
                #expect(outcome.results[0].epoch == 1_700_000_000)
                let tree = try bench.tree(of: outcome.results[0].image)
                #expect(tree == ["added directory", "added/f s", "f 2"])
            }
        }
    }
}
