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
            text.contains("build 1\nError response from daemon: Dockerfile:2:1: unknown instruction RUNN"), "\(outcome)"
        )
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

    @Test func plainTCPIsRefused() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill("serve", "--tcp", "127.0.0.1:0")
            #expect(outcome.exitCode == 64, "\(outcome)")
        }
    }
}
