import TestSupport
import Testing

/// Repositories that come over HTTP, as a context and by ADD.
@Suite(.requires(.root), .requires(.program("git")), .requires(.program("python3")))
struct GitContextTests {
    private struct Bench: Sendable {
        let distill: Distill
        let home: String

        /// Runs a script with git and what a repository needs, below the directory that is served.
        @discardableResult
        func script(_ text: String) async throws -> String {
            let head = """
                export GIT_CONFIG_NOSYSTEM=1 HOME="\(home)"
                g() { git -c user.name=t -c user.email=t@example.invalid -c protocol.file.allow=always -c init.defaultBranch=main "$@"; }

                """
            try Files.makeDirectory("\(distill.directory)/served")
            let outcome = try await Command(
                "sh", ["-euc", head + text], workingDirectory: "\(distill.directory)/served"
            ).run()
            try #require(outcome.succeeded, "\(outcome)")
            return outcome.line
        }

        /// Serves what the scripts made.
        func serve(isSmart: Bool = true, login: String? = nil, _ body: @Sendable (String) async throws -> Void)
            async throws
        {
            let script = LanguageCase.fixtures + "/git-server.py"
            try await GitServer.with(
                script: script, in: "\(distill.directory)/served", isSmart: isSmart, login: login, body)
        }

        /// Builds a context of which everything is copied to /c.
        func build(_ arguments: [String], _ variables: [String: String] = [:]) async throws -> (
            outcome: Command.Outcome, root: String
        ) {
            let root = try Files.makeTemporaryDirectory(in: distill.directory)
            var environment: [String: String?] = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": home]
            for (name, value) in variables { environment[name] = value }
            let command = distill.command(
                ["build", "--progress", "plain", "--no-cache", "--check=off", "-o", root] + arguments,
                environment: environment)
            return (try await command.run(), root + "/c")
        }

        /// The same with ADD.
        func add(_ url: String, _ options: [String] = []) async throws -> (outcome: Command.Outcome, root: String) {
            let context = try distill.context("added", ["Dockerfile": "FROM scratch\nADD \(url) /c/\n"])
            return try await build(options + [context])
        }
    }

    private func withBench(_ body: (Bench) async throws -> Void) async throws {
        try await Distill.withStore { distill in
            let home = "\(distill.directory)/home"
            try Files.makeDirectory(home)
            try await body(Bench(distill: distill, home: home))
        }
    }

    /// A work tree `w` with two commits, a branch and tags, and a bare copy of it.
    private static let project = """
        g init -q w; printf 'FROM scratch\\nCOPY . /c/\\n' >w/Dockerfile; echo 1 >w/f; mkdir w/sub; cp w/Dockerfile w/sub; echo s >w/sub/f
        g -C w add .; g -C w commit -qm 1; echo 2 >w/f; g -C w commit -qam 2; g -C w tag -a -m t v2
        g -C w checkout -q -b same; echo branch >w/f; g -C w commit -qam branch; g -C w tag same main
        g -C w checkout -q -b tmp; echo pull >w/f; g -C w commit -qam pull; g -C w update-ref refs/pull/1/head HEAD
        g -C w checkout -q main; g -C w branch -q -D tmp
        git clone -q --mirror w p.git; git -C p.git update-server-info

        """

    /// What is asked for, and the content of `f`.
    private static func forms(_ first: String) -> [(String, String)] {
        [
            ("", "2"), ("#main", "2"), ("#v2", "2"), ("#same", "branch"), ("#refs/tags/same", "2"), ("?tag=same", "2"),
            ("?branch=same", "branch"),
            ("#refs/pull/1/head", "pull"), ("#pull/1/head", "pull"), ("#:sub", "s"), ("#main:sub", "s"),
            ("#\(first)", "1"),
            ("#\(first.prefix(9))", "1"), ("?ref=HEAD", "2"),
        ]
    }

    @Test(arguments: [true, false]) func checksOutEveryForm(isSmart: Bool) async throws {
        try await withBench { bench in
            let first = try await bench.script(Self.project + "git -C w rev-parse main~1")
            try await bench.serve(isSmart: isSmart) { server in
                for (suffix, content) in Self.forms(first) {
                    let (outcome, root) = try await bench.build(["\(server)/p.git\(suffix)"])
                    #expect(
                        outcome.succeeded && (try? Files.text("\(root)/f")) == content + "\n", "\(suffix) \(outcome)")
                }
                let (outcome, root) = try await bench.add("\(server)/p.git#v2")
                #expect(outcome.succeeded && Files.exists("\(root)/f") && !Files.exists("\(root)/.git"), "\(outcome)")
                for wrong in [
                    "#nosuch", "#0000000", "?branch=v2", "#\(String(repeating: "0", count: 40))", "#main:nosuch",
                    "#main:f",
                ] {
                    let (outcome, _) = try await bench.build(["\(server)/p.git\(wrong)"])
                    #expect(outcome.exitCode == 1 && outcome.errorOutput.contains("p.git"), "\(wrong) \(outcome)")
                    #expect(!outcome.errorOutput.contains("openat"), "\(wrong) \(outcome)")
                }
            }
        }
    }

    /// The beginning of a commit's name says what it must be; an annotated tag has a name of its own.
    @Test func comparesChecksums() async throws {
        try await withBench { bench in
            let names = try await bench.script(Self.project + "git -C w rev-parse main main~1 v2").split(
                separator: "\n"
            ).map(String.init)
            let (main, first, tag) = (names[0], names[1], names[2])
            try await bench.serve { server in
                for good in [
                    "checksum=\(main.prefix(12))", "commit=\(main.prefix(7))", "branch=main&checksum=\(main)",
                    "checksum=\(first)",
                    "tag=v2&checksum=\(tag.prefix(10))", "tag=v2&checksum=\(main.uppercased())",
                ] {
                    let (outcome, _) = try await bench.build(["\(server)/p.git?\(good)"])
                    #expect(outcome.succeeded, "\(good) \(outcome)")
                    #expect(try await bench.add("\(server)/p.git?\(good)").outcome.succeeded, "\(good)")
                }
                for wrong in [
                    "checksum=000000000000", "branch=same&checksum=\(main)", "checksum=\(first.prefix(12))",
                    "checksum=xyz1234",
                ] {
                    let (outcome, _) = try await bench.build(["\(server)/p.git?\(wrong)"])
                    #expect(outcome.exitCode == 1, "\(wrong) \(outcome)")
                }
            }
        }
    }

    /// A server that gives no commit by its name alone, and one whose objects have long names.
    @Test func fetchesWhatServersForbid() async throws {
        try await withBench { bench in
            let names = try await bench.script(
                Self.project + """
                    git -C p.git config protocol.version 0; git -C p.git config uploadpack.allowAnySHA1InWant false
                    git -C w rev-parse main~1
                    g init -q --object-format=sha256 long; cp w/Dockerfile w/f long; g -C long add .; g -C long commit -qm 1
                    git clone -q --bare long l.git; git -C long rev-parse HEAD
                    """
            ).split(separator: "\n").map(String.init)
            let settings = ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.version", "GIT_CONFIG_VALUE_0": "0"]
            try await bench.serve { server in
                let (outcome, root) = try await bench.build(["\(server)/p.git#\(names[0])"], settings)
                #expect(outcome.succeeded && (try? Files.text("\(root)/f")) == "1\n", "\(outcome)")
                for suffix in ["", "#main", "#\(names[1])", "#\(names[1].prefix(8))"] {
                    let (outcome, _) = try await bench.build(["\(server)/l.git\(suffix)"])
                    #expect(outcome.succeeded, "\(suffix) \(outcome)")
                }
            }
        }
    }

    /// Submodules that are relative to where the repository is, in submodules too; what stands for their repositories goes.
    @Test(arguments: [true, false]) func updatesRelativeSubmodules(isSmart: Bool) async throws {
        try await withBench { bench in
            try await bench.script(
                """
                mkdir group; g init -q lib; echo lib >lib/l; g -C lib add .; g -C lib commit -qm 1; g -C lib commit -q --allow-empty -m 2
                git clone -q --bare lib group/lib.git
                g init -q mid; g -C mid submodule --quiet add "$PWD/lib" deep; git config -f mid/.gitmodules submodule.deep.url ./../lib.git
                git -C mid/deep checkout -q HEAD~1
                g -C mid add .; g -C mid commit -qm 1; git clone -q --bare mid group/mid.git
                g init -q app; printf 'FROM scratch\\nCOPY . /c/\\n' >app/Dockerfile
                g -C app submodule --quiet add "$PWD/mid" mod; git config -f app/.gitmodules submodule.mod.url ../mid.git
                g -C app add .; g -C app commit -qm 1; git clone -q --bare app group/app.git
                for r in group/*; do git -C $r update-server-info; done
                """)
            try await bench.serve(isSmart: isSmart) { server in
                let url = "\(server)/group/app.git"
                for (outcome, root) in [
                    try await bench.build([url]), try await bench.build(["\(url)#main"]), try await bench.add(url),
                ] {
                    #expect(outcome.succeeded && (try? Files.text("\(root)/mod/deep/l")) == "lib\n", "\(outcome)")
                    #expect(!Files.exists("\(root)/mod/.git") && !Files.exists("\(root)/mod/deep/.git"))
                }
                let without = try await bench.build(["\(url)?submodules=false"])
                #expect(without.outcome.succeeded && !Files.exists("\(without.root)/mod/deep"))
            }
        }
    }

    /// What stays is what a clone is: its remote, its branch, its tag; and nothing that lets one in.
    @Test func keepsAClone() async throws {
        try await withBench { bench in
            try await bench.script(Self.project)
            try await bench.serve(login: "me:pa55word") { server in
                let url = server.replacing("http://", with: "http://me:pa55word@") + "/p.git"
                for (suffix, question, answer) in [
                    ("", "rev-parse --abbrev-ref HEAD", "main"), ("", "remote get-url origin", "\(server)/p.git"),
                    ("", "describe --tags", "v2"), ("#same", "rev-parse --abbrev-ref @{upstream}", "origin/same"),
                    ("#v2", "describe --exact-match", "v2"), ("", "status --porcelain", ""),
                ] {
                    let (outcome, root) = try await bench.build([
                        "--build-arg", "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1", url + suffix,
                    ])
                    #expect(outcome.succeeded, "\(outcome)")
                    let answered = try await bench.script("git -c safe.directory='*' -C \(root) \(question)")
                    #expect(answered == answer, "\(suffix) \(question)")
                    #expect(try await Command("grep", ["-rl", "pa55word", root]).run().output == "")
                }
            }
        }
    }

    private static let ways: [(options: [String], url: String)] = [
        (["--secret", "id=GIT_AUTH_TOKEN,env=TOKEN"], ""), (["--secret", "id=GIT_AUTH_TOKEN.HOST:PORT,env=TOKEN"], ""),
        (["--secret", "id=GIT_AUTH_TOKEN.HOST,env=TOKEN"], ""), (["--secret", "id=GIT_AUTH_HEADER,env=HEADER"], ""),
        (["--secret", "id=GIT_AUTH_HEADER.HOST:PORT,env=HEADER", "--secret", "id=GIT_AUTH_TOKEN,env=WRONG"], ""),
        (["--secret", "id=GIT_AUTH_TOKEN,src=token"], ""), ([], "x-access-token:t0ken-of-test@"),
        ([], "x-access-token:t0ken%2Dof-test@"),
    ]

    @Test func letsItselfIn() async throws {
        try await withBench { bench in
            try await bench.script(Self.project)
            try Files.write("t0ken-of-test\n", to: "\(bench.distill.directory)/token")
            let login = try await Command("sh", ["-c", "printf x-access-token:t0ken-of-test | base64 | fold -w 10"])
                .run().line
            try await bench.serve(login: "x-access-token:t0ken-of-test") { server in
                let trace = "\(bench.distill.directory)/trace"
                let variables = [
                    "TOKEN": "t0ken-of-test", "HEADER": "basic \(login)", "WRONG": "other-token", "GIT_TRACE": trace,
                ]
                let port = server.split(separator: ":").last ?? ""
                for (options, user) in Self.ways {
                    let options = options.map { $0.replacing("HOST", with: "127.0.0.1").replacing("PORT", with: port) }
                    let url = server.replacing("http://", with: "http://\(user)") + "/p.git"
                    let context = try bench.distill.context("added", ["Dockerfile": "FROM scratch\nADD \(url) /c/\n"])
                    let named = try bench.distill.context(
                        "named", ["Dockerfile": "FROM scratch\nCOPY --from=src . /c/\n"])
                    for arguments in [[url], [context], ["--build-context", "src=\(url)", named]] {
                        let (outcome, root) = try await bench.build(options + arguments, variables)
                        #expect(outcome.succeeded && Files.exists("\(root)/f"), "\(options) \(arguments) \(outcome)")
                        for secret in ["t0ken", String(login.prefix(8))] {
                            #expect(!outcome.text.contains(secret), "\(outcome)")
                        }
                        let arguments = try Files.text(trace)
                        #expect(!arguments.contains("t0ken") && arguments.contains("git"), "seen by everybody")
                    }
                }
                for options in [
                    [], ["--secret", "id=GIT_AUTH_TOKEN,env=WRONG"],
                    ["--secret", "id=GIT_AUTH_TOKEN.elsewhere.example,env=TOKEN"],
                ] {
                    let (outcome, _) = try await bench.build(options + ["\(server)/p.git"], variables)
                    #expect(outcome.exitCode == 1 && outcome.errorOutput.contains("GIT_AUTH_TOKEN"), "\(outcome)")
                    #expect(!outcome.text.contains("other-token") && !outcome.text.contains("t0ken"), "\(outcome)")
                }
            }
        }
    }

    /// Hooks of the caller's templates and settings, and a repository whose hook calls us.
    @Test func executesNoHook() async throws {
        try await withBench { bench in
            try await bench.script(
                Self.project + """
                    mkdir -p "\(bench.distill.directory)/t/hooks"; printf '#!/bin/sh\\ntouch "\(bench.distill.directory)/hooked"\\n' >"\(bench.distill.directory)/t/hooks/post-checkout"
                    chmod +x "\(bench.distill.directory)/t/hooks/post-checkout"
                    git config -f "\(bench.home)/.gitconfig" init.templateDir "\(bench.distill.directory)/t"
                    git config -f "\(bench.home)/.gitconfig" core.hooksPath "\(bench.distill.directory)/t/hooks"
                    """)
            try await bench.serve { server in
                let variables = [
                    "GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index", "GIT_WORK_TREE": "/nowhere",
                    "GIT_TEMPLATE_DIR": "\(bench.distill.directory)/t",
                ]
                let (outcome, root) = try await bench.build(["\(server)/p.git"], variables)
                #expect(outcome.succeeded && Files.exists("\(root)/f"), "\(outcome)")
                #expect(!Files.exists("\(bench.distill.directory)/hooked"))
            }
        }
    }

    @Test func tellsOfPlaceholders() async throws {
        try await withBench { bench in
            let pointer =
                "version https://git-lfs.github.com/spec/v1\\noid sha256:\(String(repeating: "a", count: 64))\\nsize 12345\\n"
            try await bench.script(
                """
                g init -q w; printf 'FROM scratch\\nCOPY . /c/\\n' >w/Dockerfile; mkdir w/d; printf '\(pointer)' >w/d/big.bin
                echo '*.bin filter=lfs diff=lfs merge=lfs -text' >w/.gitattributes
                g -C w add .; g -C w commit -qm 1; git clone -q --bare w p.git
                """)
            try await bench.serve { server in
                for (outcome, _) in [
                    try await bench.build(["\(server)/p.git"]), try await bench.add("\(server)/p.git"),
                ] {
                    #expect(
                        outcome.succeeded && outcome.errorOutput.contains("d/big.bin")
                            && outcome.errorOutput.contains("git-lfs"), "\(outcome)")
                }
            }
        }
    }
}
