import TestSupport
import Testing

/// Paths that a person writes lead where links lead; those of a fetched context stay in it.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox"))) struct UserPathTests {
    @Test(arguments: [
        ("a Dockerfile that is a link", "ln -s ../real/D ctx/Dockerfile; $D build -q ctx"),
        (
            "a link for --file",
            "ln -s real/D link; $D build -q -f link ctx; ln -s \"$PWD/real/D\" abs; $D build -q -f abs ctx"
        ),
        ("a link to a link", "ln -s real/D one; ln -s one two; $D build -q -f two ctx"),
        ("a link in the way", "ln -s real way; $D build -q -f way/D ctx"),
        ("a context that is a link", "cp real/D ctx/Dockerfile; ln -s ctx way; $D build -q way"),
        ("a process's output", "$D build -q -f <(cat real/D) ctx"),
        ("a FIFO", "mkfifo p; cat real/D > p & $D build -q -f p ctx"),
        ("standard input by its name", "$D build -q -f /dev/stdin ctx < real/D; cat real/D | $D build -q -f - ctx"),
        ("a descriptor", "$D build -q -f /dev/fd/7 ctx 7< real/D; $D build -q -f /proc/self/fd/7 ctx 7< <(cat real/D)"),
        (
            "an ignore file that is a link",
            "echo g > ign; ln -s ../ign ctx/.dockerignore; cp real/D ctx/Dockerfile; echo > ctx/g; $D build -q -o out ctx; [ ! -e out/g ]; [ -e out/f ]"
        ),
        (
            "an ignore file beside a link",
            "ln -s real/D link; echo g > link.dockerignore; echo > ctx/g; $D build -q -f link -o out ctx; [ ! -e out/g ]"
        ),
        ("check", "ln -s real/D link; $D check link; $D check <(cat real/D)"),
        (
            "an archive of an image",
            """
            $D save -o i.tar shell; ln -s i.tar l; ln -s "$PWD/i.tar" la; mkfifo p
            $D load -qi l; $D load -qi la; $D load -qi <(cat i.tar); cat i.tar > p & $D load -qi p
            cat i.tar | $D load -qi /dev/stdin; $D load -qi /dev/fd/8 8< i.tar
            """
        ),
        (
            "a secret",
            "printf 'FROM shell\\nRUN --mount=type=secret,id=s cat /run/secrets/s > /o\\n' > D; echo hush > s; ln -s s l; $D build -q -f D --secret id=s,src=l -o out ctx; grep hush out/o; $D build -q -f D --no-cache --secret id=s,src=<(echo other) -o out ctx; grep other out/o"
        ),
    ])
    func leadWhereLinksLead(what: String, command: String) async throws {
        try await Distill.inShellStore(
            """
            mkdir ctx real; echo x > ctx/f; printf 'FROM scratch\\nCOPY . /\\n' > real/D; export BUILDKIT_PROGRESS=plain
            \(command)
            """)
    }

    @Test(arguments: [
        ("a directory", "mkdir d; $D load -i d", "'d': it is a directory"),
        ("nothing", "$D load -i x", "'x': No such file or directory"),
        ("a link to nothing", "ln -s x l; $D load -i l", "'l': No such file or directory"),
        ("a circle", "ln -s l l; $D load -i l", "'l': Too many levels of symbolic links"),
        ("a circle for a Dockerfile", "ln -s l l; $D build -f l .", "'l': Too many levels of symbolic links"),
        ("a directory for a Dockerfile", "mkdir d; $D build -f d .", "'d': Is a directory"),
        ("no Dockerfile", "$D build -f nothing .", "there is no Dockerfile at 'nothing'"),
    ])
    func areToldWhereTheyLeadNowhere(what: String, command: String, sentence: String) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(command)
            #expect(outcome.exitCode == 1 && outcome.sentences == ["distill: \(sentence)"], "\(what): \(outcome)")
        }
    }

    @Test func ofAFetchedContextStayInIt() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                """
                mkdir -p ctx/sub; echo "FROM scratch AS stolen" > "$PWD/outside"
                build() { tar -c -C ctx . | $D build -q "$@" -; }
                ln -s "$PWD/outside" ctx/Dockerfile; fails build; ln -sf ../outside ctx/Dockerfile; fails build
                ln -s "$PWD" ctx/way; fails build -f way/outside; ln -s .. ctx/up; fails build -f up/outside; fails build -f ../outside
                printf 'FROM scratch\\nCOPY sub /\\n' > ctx/sub/D; ln -sf /sub/D ctx/Dockerfile; build; build -f sub/D
                echo "secret of the machine" > outside; ln -s "$PWD/outside" ctx/.dockerignore; build
                """)
            #expect(outcome.succeeded && !outcome.text.contains("stolen"), "\(outcome)")
        }
    }

    /// Every option that names a file to be written.
    @Test(arguments: [
        "$D save -o OUT shell", "$D build -q -f D -o type=tar,dest=OUT .", "$D build -q -f D -o type=oci,dest=OUT .",
        "$D build -q -f D -o type=docker,dest=OUT .", "$D build -q -f D --iidfile OUT .",
        "$D build -q -f D --metadata-file OUT .",
        "$D cache export -o OUT",
    ])
    func areWrittenWhereLinksLead(command: String) async throws {
        func writing(_ path: String) -> String { command.replacing("OUT", with: path) }
        let quiet = command.hasPrefix("$D build") ? " > said" : ""
        try await Distill.inShellStore(
            """
            mkdir real; printf 'FROM shell\\nRUN --mount=type=cache,target=/c,id=c touch /c/x\\n' > D; $D build -q -f D .
            # A file that is there, one that is not, a link to a link, one that leads nowhere.
            echo what-was-there-before > real/f; ln -s real/f out; \(writing("out"))\(quiet); [ -L out ]; [ -s real/f ]; fails grep -q what-was-there-before real/f
            ln -s real/new out2; \(writing("out2"))\(quiet); [ -L out2 ]; [ -f real/new ]; ln -s out2 out3; \(writing("out3"))\(quiet); [ -L out3 ]; [ -L out2 ]
            ln -s nowhere/x out4; fails \(writing("out4"))\(quiet); [ -L out4 ]; ln -s real dir; fails \(writing("dir"))\(quiet); [ -L dir ]
            # What is no regular file is written as it is.
            mkfifo p; cat p > got & \(writing("p"))\(quiet); wait; [ -s got ]; [ -p p ]; \(writing("/dev/null"))\(quiet); [ -c /dev/null ]
            \(writing(">(cat > piped)"))\(quiet); for i in $(seq 50); do [ -s piped ] && break; sleep 0.1; done; [ -s piped ]
            [ -z "$(find . real -maxdepth 1 -name '.[0-9]*')" ]
            """)
    }

    /// By a name of standard output: its offset and its other users' text stay.
    @Test(arguments: ["/proc/self/fd/1", "/dev/fd/1", "link"]) func areWrittenToStandardOutput(path: String)
        async throws
    {
        try await Distill.inShellStore(
            """
            ln -s /proc/self/fd/1 link
            (echo head; $D save -o \(path) shell; echo tail) > out; [ "$(head -n 1 out)" = head ]; [ "$(tail -c 5 out)" = tail ]
            tail -c +6 out | tar -tf - > list; grep -q index.json list; $D save -o \(path) shell | tar -tf - > list; grep -q index.json list
            echo first > more; $D save -o \(path) shell >> more; [ "$(head -n 1 more)" = first ]; [ -L link ]
            """)
    }
}
