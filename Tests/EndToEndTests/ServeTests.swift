import TestSupport
import Testing

/// docker's own clients against `distill serve`.
@Suite(.requires(.root), .requires(.program("curl"))) struct ServeTests {
    /// Runs a script beside a server; `$B` is an image with a shell, where the script loads `base.tar`.
    private func run(_ script: String, files: [String: String] = [:]) async throws -> Command.Outcome {
        var outcome: Command.Outcome?
        try await Distill.withStore { distill in
            try await Self.makeBase(in: distill.directory)
            _ = try distill.context(
                files.merging(["Dockerfile": Self.dockerfile, "a.txt": "hi\n"]) { given, _ in given })
            let prelude = """
                export DOCKER_CONFIG=$PWD/config DOCKER_HOST=unix://$PWD/s DISTILL_ROOT=\(distill.store)
                mkdir -p config; printf '{}' >config/config.json
                \(Distill.binary) serve --socket s >log 2>&1 &
                server=$!
                trap 'kill $server; wait $server || true' EXIT
                until curl -sf --unix-socket s http://d/_ping >/dev/null; do kill -0 $server; sleep 0.1; done
                get() { curl -s -w ' %{http_code}\\n' --unix-socket s "$@"; }

                """
            outcome = try await Command("bash", ["-euc", prelude + script], workingDirectory: distill.directory).run()
        }
        return try #require(outcome)
    }

    private static let dockerfile = """
        FROM bb:1 AS build
        ARG WHO=world
        RUN echo "hello $WHO" >/out.txt
        FROM bb:1
        LABEL x=y
        COPY --from=build /out.txt a.txt /
        CMD ["cat", "/out.txt"]

        """.replacing("--from=build /out.txt a.txt", with: "--from=build /out.txt")

    /// A root file system of busybox alone.
    private static func makeBase(in directory: String) async throws {
        let script =
            "mkdir -p r/bin r/tmp && cp \"$(command -v busybox)\" r/bin && for a in sh cat echo; do ln -s busybox r/bin/$a; done && tar -C r -cf base.tar ."
        let made = try await Command("sh", ["-euc", script], workingDirectory: directory).run()
        try #require(made.succeeded, "\(made)")
    }

    @Test func answers() async throws {
        let outcome = try await run(
            """
            get http://d/_ping
            get http://d/v1.24/_ping
            get http://d/v1.60/info
            get http://d/nothing
            get -X PUT http://d/version
            get -X POST http://d/containers/create
            get http://d/containers/x/json
            get http://d/images/x/json
            get http://d/v1.44/nodes
            get 'http://d/images/json?filters=%7B%22x%22%3A%5B%5D%7D'
            get 'http://d/images/json?filters=%7B'
            get -X POST -H 'Content-Type: text/plain' -d '{}' http://d/auth
            get http://d/images/json
            get -I http://d/_ping | head -1
            """)
        let words = outcome.output.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
        let codes = words.filter { Int($0) != nil }
        #expect(
            codes == [
                "200", "200", "400", "404", "404", "501", "404", "404", "503", "400", "400", "400", "200",
            ], "\(outcome)")
        #expect(outcome.output.contains("HTTP/1.1 200 OK"))
        #expect(outcome.output.contains("Maximum supported API version is 1.51"))
        #expect(outcome.output.contains(#"{"message":"No such image: x"}"#))
    }

    @Test(.requires(.program("docker")), .requires(.program("busybox"))) func images() async throws {
        let outcome = try await run(
            """
            docker import base.tar bb:1 >/dev/null
            docker tag bb:1 other:2
            docker images --format '{{.Repository}}:{{.Tag}}' | sort
            docker inspect -f '{{.Os}} {{len .RootFS.Layers}}' bb:1
            docker history -q bb:1 | wc -l
            docker save -o s.tar bb:1 other:2
            docker rmi bb:1 other:2 | grep -c Untagged
            docker images -q | wc -l
            docker load -i s.tar | sort
            docker rmi nosuch 2>&1 || echo "rmi $?"
            docker version -f '{{.Server.APIVersion}}'
            docker info -f '{{.Images}}'
            """)
        #expect(
            outcome.line
                == """
                bb:1
                other:2
                linux 1
                1
                2
                0
                Loaded image: bb:1
                Loaded image: other:2
                Error: No such image: nosuch
                rmi 1
                1.51
                1
                """.replacing(
                    "Error: No",
                    with: outcome.output.contains("Error response") ? "Error response from daemon: No" : "Error: No"),
            "\(outcome)")
    }

    @Test(.requires(.program("docker")), .requires(.program("busybox"))) func firstBuilder() async throws {
        let outcome = try await run(
            """
            export DOCKER_BUILDKIT=0
            docker import base.tar bb:1 >/dev/null
            docker build -t a:1 --build-arg WHO=you context 2>/dev/null | grep -v Sending
            docker build -t a:1 --build-arg WHO=you context 2>/dev/null | grep -c 'Using cache'
            \(Distill.binary) run --rm a:1
            docker build -q context 2>/dev/null | cut -c1-7
            printf 'FROM bb:1\\nRUN echo before; exit 7\\n' | docker build - 2>err || echo "build $?"
            tail -1 err
            printf 'FROM bb:1\\nRUNN x\\n' | docker build - 2>err || echo "build $?"
            tail -1 err
            """)
        let text = outcome.output
        #expect(
            text.contains("Step 1/7 : FROM bb:1 AS build\n")
                && text.contains("Step 7/7 : CMD [\"cat\", \"/out.txt\"]\n"), "\(outcome)")
        #expect(text.contains("Successfully tagged a:1\n4\nhello you\nsha256:\n"), "\(outcome)")
        #expect(
            text.contains(
                "before\nbuild 7\nThe command '/bin/sh -c echo before; exit 7' returned a non-zero code: 7\n"),
            "\(outcome)")
        #expect(
            text.contains(
                "build 1\nError response from daemon: dockerfile parse error on line 2: unknown instruction: RUNN"),
            "\(outcome)")
    }

    /// One name of a directory, two users: what one has sent is not the other's, whatever it is said to be.
    @Test(.requires(.file("/usr/bin/docker")), .requires(.program("setpriv"))) func directoriesAreOfTheirUser()
        async throws
    {
        let script = """
            work=$(mktemp -d); trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
            \(Distill.binary) serve --socket "$work/s" --group 65534 >log 2>&1 &
            server=$!
            cd "$work"
            export DOCKER_HOST=unix://$work/s DOCKER_CONFIG=$work/config DOCKER_BUILDKIT=1
            mkdir config context; printf '{}' >config/config.json; chmod 755 .; chmod 777 config
            printf 'FROM scratch\nCOPY f /\n' >context/Dockerfile
            write() { printf %s "$1" >context/f; touch -d @1500000000 context/f; }
            build() { "$@" /usr/bin/docker build -q -o - context | tar -xO f; echo; }
            until curl -sf --unix-socket s http://d/_ping >/dev/null; do kill -0 $server; sleep 0.1; done
            write root; build env; chmod -R a+rX config
            write mine; build setpriv --reuid 65534 --regid 65534 --clear-groups
            write else; build env
            """
        try await inStore(script) { outcome in
            // The third: who names a time and a size is taken by the word, for it is the own file.
            #expect(outcome.output == "root\nmine\nroot\n", "\(outcome)")
        }
    }

    /// BuildKit's services, as Debian's docker 20.10 asks for them by itself: newer ones leave it to buildx.
    @Test(.requires(.file("/usr/bin/docker")), .requires(.program("busybox"))) func buildKit() async throws {
        let outcome = try await run(
            """
            export DOCKER_BUILDKIT=1
            docker=/usr/bin/docker
            $docker import base.tar bb:1 >/dev/null
            $docker build -t a:1 --build-arg WHO=you --progress plain context >&2
            \(Distill.binary) run --rm a:1
            $docker build -o out context 2>/dev/null; cat out/out.txt
            printf x >secret
            printf 'FROM bb:1\\nRUN --mount=type=secret,id=s,required cat /run/secrets/s\\n' | $docker build --secret id=s,src=secret --progress plain - >&2
            printf 'FROM bb:1\\nRUN exit 7\\n' | $docker build - 2>&1 || echo "build $?"
            """)
        #expect(outcome.output.contains("hello you\nhello world\n"), "\(outcome)")
        #expect(outcome.output.contains("did not complete successfully: exit code: 7"), "\(outcome)")
        #expect(outcome.output.contains("\nbuild 1\n"), "\(outcome)")
    }

    @Test func endsWhenIdle() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill("serve", "--socket", "s", "--idle", "1")
            #expect(outcome.succeeded, "\(outcome)")
            #expect(outcome.output.hasPrefix("DOCKER_HOST=unix://"))
            #expect(!Files.exists("\(distill.directory)/s"))
        }
    }

    /// Every JSON answer has the members and types of the published description.
    @Test(.requires(.program("docker")), .requires(.program("busybox")), .requires(.program("python3")))
    func answersAreAsDescribed() async throws {
        let shapes = LanguageCase.fixtures + "/../../Clients/shapes.py"
        let outcome = try await run("docker import base.tar bb:1 >/dev/null\npython3 -B \(shapes) s")
        #expect(outcome.succeeded && outcome.output.contains(" 0 differences"), "\(outcome)")
    }

    /// TCP for clients with a certificate of the right authority, and for nobody else.
    @Test(.requires(.program("openssl")), .requires(.program("python3"))) func certificatesAreAskedFor() async throws {
        let script = """
            for name in ca server client; do
              openssl ecparam -name prime256v1 -genkey -noout -out $name.key 2>/dev/null
            done
            openssl req -x509 -new -key ca.key -subj /CN=ca -days 2 -out ca.pem 2>/dev/null
            for name in server client; do
              openssl req -new -key $name.key -subj /CN=$name -out $name.csr 2>/dev/null
              printf 'subjectAltName=IP:127.0.0.1\\n' >ext
              openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out $name.pem 2>/dev/null
            done
            openssl req -x509 -new -key client.key -subj /CN=other -days 2 -out other.pem 2>/dev/null
            port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
            serve() { \(Distill.binary) serve --tcp 127.0.0.1:$port --tlscacert ca.pem --tlscert server.pem --tlskey "$@"; }
            serve server.key >log 2>&1 &
            server=$!
            trap 'pkill -P $server; kill $server' EXIT
            ping() { curl -s -o /dev/null -w '%{http_code}\\n' --cacert ca.pem "$@" https://127.0.0.1:$port/_ping || true; }
            until [ "$(ping --cert client.pem --key client.key)" = 200 ]; do kill -0 $server; sleep 0.1; done
            ping --cert client.pem --key client.key
            ping
            ping --cert other.pem --key client.key
            curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:$port/_ping || true
            serve server.key 2>&1 || true
            serve client.key 2>&1 || true
            serve none.key 2>&1 || true
            """
        try await inStore(script) { outcome in
            #expect(outcome.output.hasPrefix("200\n000\n000\n000\n"), "\(outcome)")
            for sentence in [
                "there is no listening at 127.0.0.1, port ",
                "'client.key' is no private key of the certificate in PEM that can be used",
                "'none.key' is no private key of the certificate in PEM that can be used",
            ] { #expect(outcome.output.contains(sentence), "\(outcome)") }
        }
    }

    /// A socket that somebody else has bound: the server serves there, and ends when there is nothing to do.
    @Test(.requires(.program("python3"))) func servesWhatItIsHanded() async throws {
        let script = """
            cat >activate.py <<'E'
            import os, socket, sys
            if sys.argv[2] == "socket":
                s = socket.socket(socket.AF_UNIX)
                s.bind("s")
                s.listen(8)
            else:
                s = open("file", "w")
            os.dup2(s.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
            os.execv(sys.argv[1], ["distill", "serve", "--idle", "2"])
            E
            python3 activate.py \(Distill.binary) socket >log 2>&1 &
            server=$!
            until curl -sf --unix-socket s http://d/_ping; do kill -0 $server; sleep 0.1; done
            wait $server; echo " gone $?"
            python3 activate.py \(Distill.binary) file 2>&1 || echo "ended $?"
            """
        try await inStore(script) { outcome in
            #expect(outcome.output.hasPrefix("OK gone 0\n"), "\(outcome)")
            #expect(outcome.output.contains("is no socket that is listened on"), "\(outcome)")
            #expect(outcome.output.hasSuffix("ended 1\n"), "\(outcome)")
        }
    }

    private func inStore(_ script: String, _ body: (Command.Outcome) -> Void) async throws {
        try await Distill.withStore { distill in
            body(
                try await Command(
                    "bash", ["-euc", "export DISTILL_ROOT=\(distill.store)\n" + script],
                    workingDirectory: distill.directory
                ).run())
        }
    }

    @Test func plainTCPIsRefused() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill("serve", "--tcp", "127.0.0.1:0")
            #expect(outcome.exitCode == 64, "\(outcome)")
        }
    }
}
