import Attestation
import Engine
import LinuxSystem
import Storage
import SystemPackage
import TestSupport
import Testing

/// What a `.git` in a context says, of which git itself never sees the settings.
@Suite(.needsGit, .timeLimit(.minutes(5))) struct ContextRepositoryTests {
    private func withProject(_ body: (Repositories, Store) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            let repositories = Repositories(directory: directory)
            try await repositories.script(Repositories.project)
            let store = try Store(path: FilePath("\(directory)/store"))
            defer { store.close() }
            try await body(repositories, store)
        }
    }

    @Test func tellsCommitTimeAndSource() async throws {
        try await withProject { repositories, store in
            let head = try await repositories.script("git -C w rev-parse HEAD")
            try await repositories.script("git -C w config remote.origin.url https://me:secret@h.example/w.git")
            // A directory below the work tree is of it too.
            for place in ["w", "w/sub"] {
                let found = ContextRepository(of: FilePath("\(repositories.served)/\(place)"), in: store)
                let repository = try #require(found, "\(place)")
                #expect(repository.commit == head)
                #expect(await repository.time() == 1_700_000_000)
                #expect(await repository.source() == "https://h.example/w.git")
                #expect(await repository.differs() == false)
            }
            try Files.write("changed\n", to: "\(repositories.served)/w/f")
            let changed = try #require(ContextRepository(of: FilePath("\(repositories.served)/w"), in: store))
            #expect(await changed.differs() == true)
            let context = OpenedContext(path: FilePath("\(repositories.served)/w"), remembers: true)
            #expect(await context.revision(store) == .init(source: "https://h.example/w.git", commit: head + "-dirty"))
            #expect(await context.commitTime(store) == 1_700_000_000)
        }
    }

    /// Each changes what lies in `w`: where HEAD leads then (1 for the tip of main), or nil.
    @Test(
        arguments: [
            ("git -C w pack-refs --all", "main"), ("git -C w checkout -q --detach same", "same"),
            (
                "g -C w worktree add -q ../linked same; rm -rf w/.gitx; mv w w0; mv linked w; mv w0/.git/worktrees w0/.git/wt;"
                    + " mv w0/.git/wt w0/.git/worktrees; printf 'gitdir: ../w0/.git/worktrees/linked\\n' > w/.git",
                "same"
            ),
            ("rm w/.git/refs/heads/main", nil), ("echo 'ref: ../../x' > w/.git/HEAD", nil),
            ("echo x > w/.git/HEAD", nil),
            ("echo 'ref: refs/heads/a' > w/.git/HEAD; echo 'ref: refs/heads/a' > w/.git/refs/heads/a", nil),
            ("rm -rf w/.git; echo nothing > w/.git", nil), ("rm -rf w/.git; echo 'gitdir: /nonexistent' > w/.git", nil),
            ("rm -rf w/.git; ln -s ../p.git w/.git", nil), ("rm w/.git/HEAD; ln -s refs/heads/main w/.git/HEAD", nil),
            ("rm w/.git/HEAD", nil),
        ] as [(String, String?)])
    func followsReferences(script: String, branch: String?) async throws {
        try await withProject { repositories, store in
            try await repositories.script(script)
            let found = ContextRepository(of: FilePath("\(repositories.served)/w"), in: store)
            if let branch {
                #expect(try await found?.commit == repositories.script("git -C p.git rev-parse refs/heads/\(branch)"))
                #expect(await found?.time() == 1_700_000_000)
            } else {
                #expect(found == nil, "\(found?.commit ?? "")")
            }
        }
    }

    /// A program that a repository's settings name is never executed.
    @Test func executesNothingOfTheRepository() async throws {
        try await withProject { repositories, store in
            try await repositories.script(
                """
                printf '#!/bin/sh\\ntouch %s/ran\\n' "$PWD" > evil; chmod +x evil
                git -C w config core.fsmonitor "$PWD/evil"; git -C w config diff.external "$PWD/evil"
                git -C w config filter.x.clean "$PWD/evil"; echo '* filter=x' > w/.gitattributes; echo 3 > w/f
                """)
            let repository = try #require(ContextRepository(of: FilePath("\(repositories.served)/w"), in: store))
            #expect(await repository.differs() == true)
            #expect(await repository.time() == 1_700_000_000)
            #expect(!Files.exists("\(repositories.served)/ran"))
        }
    }

    /// Objects that are not there tell nothing, and neither does a directory without a repository.
    @Test func tellsNothingOfWhatIsNotThere() async throws {
        try await withProject { repositories, store in
            try await repositories.script("rm -rf w/.git/objects/??; mkdir -p bare")
            let repository = try #require(ContextRepository(of: FilePath("\(repositories.served)/w"), in: store))
            #expect(await repository.time() == nil)
            #expect(await repository.differs() == nil)
            #expect(ContextRepository(of: FilePath("\(repositories.served)/nosuch"), in: store) == nil)
        }
    }
}
