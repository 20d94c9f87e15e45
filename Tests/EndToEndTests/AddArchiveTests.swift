import TestSupport
import Testing

/// ADD of archives as tar programs write them: unpacked as they unpack them, or refused with the reason; what is no archive is
/// copied (Dockerfile reference, ADD, "Adding local tar archives").
@Suite(.requires(.root), .requires(.program("bsdtar"))) struct AddArchiveTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// Makes `a.tar` of the directory `tree`.
        let command: String
        var testDescription: String { name }
    }

    private static let tree = """
        mkdir -p tree/sub; echo x > tree/f; ln tree/f tree/g; ln -s f tree/l; printf '' > tree/sub/none; chmod 4751 tree/f; mkfifo tree/p
        truncate -s 3M tree/holes; printf data | dd of=tree/holes bs=1 seek=2000000 conv=notrunc status=none
        long=$(printf 'n%.0s' $(seq 150)); echo long > "tree/sub/$long"; echo u > tree/grüße
        find tree -exec touch -h -d @1700000000 {} +

        """

    static let unpacked: [Case] = [
        Case(name: "gnu", command: "tar --format=gnu -cf a.tar tree"),
        Case(name: "posix", command: "tar --format=posix -cf a.tar tree"),
        Case(name: "gnu, sparse", command: "tar --format=gnu -S -cf a.tar tree"),
        Case(name: "pax 0.0, sparse", command: "tar --format=posix --sparse-version=0.0 -S -cf a.tar tree"),
        Case(name: "pax 0.1, sparse", command: "tar --format=posix --sparse-version=0.1 -S -cf a.tar tree"),
        Case(name: "pax 1.0, sparse", command: "tar --format=posix --sparse-version=1.0 -S -cf a.tar tree"),
        Case(name: "bsdtar's pax, sparse", command: "bsdtar --format=pax --read-sparse -cf a.tar tree"),
        Case(name: "bsdtar's gnu", command: "bsdtar --format=gnutar -cf a.tar tree"),
        Case(name: "a sparse file first, packed", command: "tar --format=posix -S -czf a.tar tree/holes tree"),
        Case(name: "a file twice", command: "tar -cf a.tar tree/f tree"),
        Case(name: "a volume's name", command: "tar --format=gnu -V label -cf a.tar tree"),
        Case(name: "incremental", command: "tar --format=gnu -g snapshot -cf a.tar tree"),
        Case(
            name: "global records",
            command: "tar --format=posix --pax-option=globexthdr.name=x,comment=hello -cf a.tar tree"),
        Case(name: "no end", command: "tar --format=gnu -b 1 -cf b.tar tree; head -c -1024 b.tar > a.tar"),
        Case(name: "half an end", command: "tar --format=gnu -b 1 -cf b.tar tree; head -c -512 b.tar > a.tar"),
        Case(name: "more behind the end", command: "tar -cf a.tar tree; echo garbage >> a.tar"),
        Case(name: "names with ./", command: "tar -cf a.tar ./tree"),
        Case(name: "absolute names", command: "tar -P --transform 's,^tree,/tree,' -cf a.tar tree"),
        Case(name: "xz", command: "tar -cJf a.tar tree"), Case(name: "bzip2", command: "tar -cjf a.tar tree"),
        Case(name: "zstd", command: "tar --zstd -cf a.tar tree"),
    ]

    @Test(arguments: unpacked) func isUnpackedAsGnuTarDoes(_ example: Case) async throws {
        try await Distill.withStore { distill in
            let list =
                "(cd $1; find tree -type d -printf '%y %m %p\\n' -o -printf '%y %m %n %T@ %s %p %l\\n' | sort; find tree -type f -print0 | sort -z | xargs -0 md5sum)"
            let outcome = try await distill.script(
                Self.tree + example.command + """

                    list() { \(list); }
                    mkdir oracle; tar -xpf a.tar -C oracle 2>/dev/null
                    printf 'FROM scratch\\nADD a.tar /d/\\n' > Dockerfile; $D build -q --check=off -t image .
                    files=$(echo "$DISTILL_ROOT"/layers/*/fs/d)
                    diff <(list oracle) <(list "$files")
                    """)
            #expect(outcome.succeeded, "\(outcome)")
        }
    }

    @Test func keepsHoles() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                """
                truncate -s 200M disk; tar --format=posix -S -cf a.tar disk
                printf 'FROM scratch\\nADD a.tar /\\n' > Dockerfile; $D build -q --check=off -t image .
                [ "$(du -k "$DISTILL_ROOT"/layers/*/fs/disk | cut -f 1)" -lt 1000 ]
                """)
            #expect(outcome.succeeded, "\(outcome)")
        }
    }

    private static func header(_ name: String, _ type: String, _ link: String = "") -> String {
        "python3 -c 'import tarfile; t = tarfile.open(\"a.tar\", \"w\"); i = tarfile.TarInfo(\"\(name)\"); i.type = \(type); i.linkname = \"\(link)\"; t.addfile(i)'"
    }

    static let refused: [(Case, reason: String)] = [
        (
            Case(
                name: "cut off",
                command: "head -c 99999 /dev/urandom > tree/f; tar -cf b.tar tree; head -c 60000 b.tar > a.tar"),
            "it is cut off"
        ),
        (
            Case(
                name: "cut off and packed",
                command: "head -c 99999 /dev/urandom > tree/f; tar -czf b.tar tree; head -c 60000 b.tar > a.tar"),
            "gzip stream is cut off"
        ),
        (
            Case(
                name: "garbage in place of the end",
                command:
                    "tar --format=gnu -b 1 -cf b.tar tree; head -c -1024 b.tar > a.tar; head -c 512 /dev/zero | tr '\\0' y >> a.tar"
            ), "checksum"
        ),
        (
            Case(name: "a type of its own", command: header("f", "b\"Q\"")),
            "at 'f': its type 'Q' stands for no kind of file"
        ),
        (Case(name: "a link before its target", command: header("l", "tarfile.LNKTYPE", "f")), "at 'l': No such file"),
        (Case(name: "a name that leads out", command: header("../f", "tarfile.REGTYPE")), "leads out"),
        (
            Case(
                name: "a wrong map",
                command:
                    "tar --format=posix -S -cf - tree/holes | sed 's/GNU.sparse.major=1/GNU.sparse.major=7/' > a.tar"),
            "a sparse file is stored in a format"
        ),
        (
            Case(
                name: "a damaged name",
                command:
                    "tar --format=gnu -cf a.tar tree/f; printf y | dd of=a.tar bs=1 seek=1024 conv=notrunc status=none; head -c 2048 a.tar > b.tar; head -c 512 /dev/zero | tr '\\0' y >> b.tar; mv b.tar a.tar"
            ), "byte"
        ),
    ]

    @Test(arguments: refused.indices) func isRefusedWithTheReason(_ index: Int) async throws {
        let (example, reason) = Self.refused[index]
        try await Distill.withStore { distill in
            try await distill.script(
                Self.tree + example.command + "\nprintf 'FROM scratch\\nADD a.tar /d/\\n' > Dockerfile"
            ).mustSucceed()
            let outcome = try await distill("build", "--check=off", ".")
            #expect(
                outcome.exitCode == 1 && outcome.sentences.last?.contains(reason) == true, "\(example.name): \(outcome)"
            )
            #expect(
                !outcome.text.contains("TarError") && !outcome.text.contains("reason:"), "\(example.name): \(outcome)")
        }
    }

    static let copied: [Case] = [
        Case(name: "text", command: "echo hello > a.tar"), Case(name: "nothing", command: "printf '' > a.tar"),
        // docker's reader finds no entry either.
        Case(name: "zeros", command: "truncate -s 10240 a.tar"),
        Case(name: "packed text", command: "echo hello | gzip > a.tar"),
        Case(name: "a packed file that is cut off", command: "head -c 9999 /dev/urandom | gzip | head -c 300 > a.tar"),
        Case(name: "something with zeros in front", command: "truncate -s 10240 a.tar; echo hello >> a.tar"),
    ]

    @Test(arguments: copied) func isCopiedWhereItIsNone(_ example: Case) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                example.command + """

                    printf 'FROM scratch\\nADD a.tar /d/\\n' > Dockerfile; $D build -q --check=off -o out .; cmp a.tar out/d/a.tar
                    """)
            #expect(outcome.succeeded, "\(outcome)")
        }
    }

    /// The same archives as a context and as a layer.
    @Test(arguments: ["--format=gnu", "--sparse-version=0.0", "--sparse-version=0.1", "--sparse-version=1.0"])
    func sparseFilesAreFilesEverywhere(option: String) async throws {
        try await Distill.withStore { distill in
            let format = option.hasPrefix("--sparse") ? "--format=posix \(option)" : option
            let outcome = try await distill.script(
                """
                truncate -s 5M disk; printf data | dd of=disk bs=1 seek=2000000 conv=notrunc status=none
                printf 'FROM scratch\\nCOPY disk /disk\\n' > Dockerfile
                tar \(format) -S -cf - disk Dockerfile | $D build -q --check=off -o out -; cmp disk out/disk
                tar \(format) -S -cf foreign.layer disk
                \(Distill.imageOfLayer)
                $D load -qi foreign.tar; printf 'FROM foreign\\nCOPY --from=foreign /disk /e\\n' > Dockerfile
                $D build -q --check=off -o out2 .; cmp disk out2/disk; cmp disk out2/e
                $D save --compression uncompressed -o saved.tar foreign; $D image ls; $D system check
                """)
            #expect(outcome.succeeded && outcome.output.hasSuffix("nothing is wrong.\n"), "\(outcome)")
        }
    }

    /// However few bytes a pipe gives first.
    @Test(arguments: ["gzip", "xz", "zstd", "bzip2", "cat"]) func smallPiecesTellAsMuch(program: String) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                """
                mkdir c; printf 'FROM scratch\\nLABEL a=b\\n' > c/Dockerfile; tar -cf - -C c . | \(program) > c.tar
                slowly() { for i in 1 2 3 4 5 6; do head -c $i "$1" | tail -c 1; sleep 0.05; done; tail -c +7 "$1"; }
                slowly c.tar | $D build -q -t image -
                $D save -o i.tar image; \(program) < i.tar > packed; $D rmi image; slowly packed | $D load
                """)
            #expect(outcome.succeeded && outcome.output.hasSuffix("Loaded image: image:latest\n"), "\(outcome)")
        }
    }
}
