import OCI
import TestSupport
import Testing

/// A context may come from anybody: nothing in it is executed, and nothing of it is believed.
@Suite(.requires(.program("git")))
struct HostileContextTests {
    /// A repository whose settings name programs in every place in which git executes some.
    private static let repository = """
        cd "$1"
        git init -q . && git config user.name a && git config user.email a@example.org
        printf 'FROM scratch\\nCOPY f /f\\n' > Dockerfile
        echo text > f
        printf '* filter=evil diff=evil\\n' > .gitattributes
        GIT_COMMITTER_DATE=2020-02-03T04:05:06Z GIT_AUTHOR_DATE=2020-02-03T04:05:06Z git -c filter.evil.clean=cat add .
        GIT_COMMITTER_DATE=2020-02-03T04:05:06Z GIT_AUTHOR_DATE=2020-02-03T04:05:06Z git commit -q -m x
        touch f
        evil="touch $2"
        for key in core.sshCommand core.fsmonitor core.pager core.editor core.askPass credential.helper gpg.program diff.external \\
            filter.evil.clean filter.evil.smudge filter.evil.process diff.evil.textconv diff.evil.command log.showSignature; do
            git config "$key" "$evil"
        done
        git config alias.log "!$evil" && git config alias.status "!$evil" && git config core.hooksPath "$PWD/hooks"
        git config include.path "$PWD/more"
        mkdir hooks
        for hook in post-index-change reference-transaction pre-auto-gc fsmonitor-watchman post-checkout; do
            printf '#!/bin/sh\\ntouch "%s"\\n' "$2" > hooks/$hook && chmod +x hooks/$hook
        done
        cp hooks/* .git/hooks/
        git config --unset log.showSignature
        """

    /// The same, with a promised object that a command of the repository's own would fetch.
    private static let promise = """
        git config core.repositoryFormatVersion 1
        git config extensions.partialClone origin
        git config remote.origin.url ssh://127.0.0.1/x
        git config remote.origin.promisor true
        find .git/objects -type f -delete
        """

    private func make(_ distill: Distill, _ more: String = "") async throws -> (context: String, mark: String) {
        let (context, mark) = ("\(distill.directory)/context", "\(distill.directory)/mark")
        try Files.makeDirectory(context)
        try await Command("sh", ["-euc", Self.repository + "\n" + more, "sh", context, mark]).run().mustSucceed()
        return (context, mark)
    }

    @Test func executesNothingOfARepository() async throws {
        try await Distill.withStore { distill in
            let (context, mark) = try await make(distill)
            try await distill.succeed("build", "-q", "--reproducible", "--provenance=true", "-t", "made", context)
            #expect(!Files.exists(mark), "something was executed")
            // The commit is known all the same.
            #expect(try await distill.inspect("made")["Created"]?.string == "2020-02-03T04:05:06Z")
            let below = "\(context)/below"
            try Files.makeDirectory(below)
            try Files.write("FROM scratch\nCOPY Dockerfile /\n", to: "\(below)/Dockerfile")
            try await distill.succeed("build", "-q", "--reproducible", "-t", "below", below)
            #expect(
                try await distill.inspect("below")["Created"]?.string == "2020-02-03T04:05:06Z",
                "of a directory of the repository")
            #expect(!Files.exists(mark))
        }
    }

    @Test func fetchesNothingThatARepositoryPromises() async throws {
        try await Distill.withStore { distill in
            let (context, mark) = try await make(distill, Self.promise)
            try await distill.succeed("build", "-q", "--reproducible", "--provenance=true", "-t", "made", context)
            #expect(!Files.exists(mark), "something was executed")
            #expect(try await distill.inspect("made")["Created"]?.string == "1970-01-01T00:00:00Z")
        }
    }

    /// Names that lead out, loops, and what is no repository at all: the build goes on without a commit.
    @Test(arguments: [
        "rm .git/HEAD && mkfifo .git/HEAD", "echo 'ref: refs/../../../../etc/passwd' > .git/HEAD",
        "echo 'ref: HEAD' > .git/HEAD",
        "rm -r .git && echo 'gitdir: /nowhere' > .git", "rm -r .git && ln -s /etc .git",
        "head -c 100000000 /dev/zero > .git/HEAD",
        "printf 'gitdir: ../context/.git\\n' > .git/commondir",
        "rm -r .git/objects && ln -s /proc/self/fd .git/objects",
    ])
    func goesOnWithoutACommit(spoil: String) async throws {
        try await Distill.withStore { distill in
            let (context, mark) = try await make(distill, spoil)
            let outcome = try await distill("build", "-q", "--reproducible", "--provenance=true", "-t", "made", context)
            #expect(outcome.succeeded && !Files.exists(mark), "\(outcome)")
        }
    }
}
