import OCI
import TestSupport
import Testing

@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("ip")))
struct ComposeTests {
    private static let pair = """
        services:
          web:
            image: shell
            command: ["sh", "-c", "echo from the page > /www/index.html; exec httpd -f -v -p 80 -h /www"]
            ports: ["127.0.0.1::80"]
            healthcheck: {test: ["CMD", "wget", "-q", "-O-", "http://127.0.0.1/"], interval: 50ms, retries: 40}
            networks: {default: {aliases: [page]}}
            stop_signal: SIGKILL
          client:
            image: shell
            command: sh -c "wget -q -O- http://web/; wget -q -O- http://page/; wget -q -O- http://app-web-1/; hostname"
            depends_on: {web: {condition: service_healthy}}
        """

    @Test func reachesServicesByNameAndPort() async throws {
        try await ComposeProject.with(Self.pair) { project in
            let up = try await project.succeed("up", "-d")
            #expect(up.errorOutput.contains("web: healthy\n"), "\(up)")
            let port = try await project.port(of: "web")
            for _ in 0..<3 {
                let page = try await Command("busybox", ["wget", "-q", "-O-", "http://127.0.0.1:\(port)/"]).run()
                #expect(page.output == "from the page\n", "\(page)")
            }
            let states = try await project.states()
            #expect(states.first == "web running healthy", "\(states)")
            // Another store user cannot remove what runs.
            let prune = try await project.distill("system", "prune", "-f", "-a")
            #expect(prune.exitCode == 1 && prune.text.contains("nothing was removed"), "\(prune)")
            let table = try await project.succeed("ps")
            #expect(table.output.contains("127.0.0.1:\(port)->80/tcp"), "\(table)")
            let again = try await project.succeed("up", "-d")
            #expect(again.errorOutput.contains("nothing has changed"), "\(again)")
            let foreground = try await project("up")
            #expect(
                foreground.exitCode == 1 && foreground.sentences.last?.contains("running already") == true,
                "\(foreground)")
            try await project.succeed("down")
            #expect(try await project.states() == [])
            let logs = try await project("logs")
            #expect(logs.sentences == ["distill: nothing is known of the project 'app'"], "\(logs)")
        }
    }

    @Test func showsWhatServicesWrite() async throws {
        let yaml = """
            services:
              one: {image: shell, command: [sh, -c, "echo a; echo b >&2; printf c"]}
              second: {image: shell, command: [echo, x], depends_on: {one: {condition: service_completed_successfully}}}
            """
        try await ComposeProject.with(yaml) { project in
            let up = try await project.succeed("up")
            #expect(up.output == "one    | a\none    | b\none    | c\nsecond | x\n", "\(up)")
            #expect(up.errorOutput.contains("one: ended with exit code 0\n"))
            #expect(try await project.succeed("logs").output == up.output)
            #expect(try await project.succeed("logs", "--tail", "1").output == "one    | c\nsecond | x\n")
            #expect(try await project.succeed("logs", "-f", "--no-log-prefix", "second").output == "x\n")
            #expect(try await project.states() == ["one exited", "second exited"])
        }
    }

    @Test func keepsVolumes() async throws {
        let yaml = """
            services:
              a:
                image: shell
                command: sh -c 'cat /data/*; stat -c "%u:%g %a" /data; echo kept > /data/written; ls /bound; touch /bound/x || echo refused'
                volumes: [data:/data, ./bound:/bound:ro]
            volumes: {data: }
            """
        try await ComposeProject.with(yaml, files: ["bound/file": ""]) { project in
            func lines() async throws -> [String] {
                try await project.succeed("up", "--no-log-prefix").output.split(separator: "\n").map(String.init).filter
                { !$0.hasPrefix("touch") }
            }
            // A new volume begins with what the image has, its owner and mode among it.
            #expect(try await lines() == ["seed", "7:8 750", "file", "refused"])
            try await project.succeed("down")
            #expect(try await lines() == ["seed", "kept", "7:8 750", "file", "refused"])
            try await project.distill.succeed("system", "prune", "-f")
            #expect(try await lines() == ["seed", "kept", "7:8 750", "file", "refused"])
            try await project.succeed("down", "-v")
            #expect(try await lines() == ["seed", "7:8 750", "file", "refused"])
        }
    }

    @Test func runsServicesAsTheFileSays() async throws {
        let script =
            "id -u; id -g; pwd; touch /no 2>/dev/null || echo read-only; touch /fast/yes && df /fast | grep -c tmpfs; stat -c %a /fast; "
            + "echo $A $B $C $D; cat /run/secrets/token; hostname; grep -c ^CapEff:.*0000000000000000 /proc/self/status; httpd -p 80 && echo port"
        let yaml = """
            services:
              a:
                image: shell
                entrypoint: [sh, -c]
                command: ['\(script.replacing("$", with: "$$"))']
                user: "1000:1001"
                working_dir: /tmp
                read_only: true
                tmpfs: "/fast:size=1m,mode=700,uid=1000"
                environment: {A: "${FROM_DOTENV:-none}", B: , D: own}
                env_file: [some.env, {path: missing.env, required: false}]
                secrets: [token]
                hostname: host-a
            secrets: {token: {file: ./token}}
            """
        let files = [
            "some.env": "C=file\nD=overridden\n", ".env": "FROM_DOTENV=dotenv\nB=unused\n", "token": "secret\n",
        ]
        try await ComposeProject.with(yaml, files: files) { project in
            let up = try await project("up", "--no-log-prefix", environment: ["B": "mine"])
            #expect(
                up.output == "1000\n1001\n/tmp\nread-only\n1\n700\ndotenv mine file own\nsecret\nhost-a\n1\nport\n",
                "\(up)")
        }
    }

    @Test func givesTheRightsThatTheFileSays() async throws {
        let yaml = """
            services:
              a:
                image: shell
                command: [sh, -c, "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status"]
                cap_drop: [ALL]
                cap_add: [CHOWN, NET_BIND_SERVICE]
                security_opt: ["no-new-privileges:true"]
            """
        try await ComposeProject.with(yaml) { project in
            let up = try await project.succeed("up", "--no-log-prefix")
            #expect(up.output == "CapEff:\t0000000000000401\nCapBnd:\t0000000000000401\nNoNewPrivs:\t1\n", "\(up)")
        }
    }

    @Test func limitsWhatServicesUse() async throws {
        let yaml = """
            services:
              a:
                image: shell
                command: [sh, -c, "sleep 1 & sleep 1 & sleep 1 & sleep 1 & echo all"]
                deploy: {resources: {limits: {pids: 3}}}
            """
        try await ComposeProject.with(yaml) { project in
            let up = try await project("up", "--no-log-prefix")
            #expect(up.output.contains("can't fork") && !up.output.contains("all"), "\(up)")
            try Files.write(
                yaml.replacing("deploy:", with: "mem_limit: 1m\n    x-deploy:"),
                to: "\(project.distill.directory)/compose.yaml")
            let small = try await project("up")
            #expect(small.sentences.first?.contains("mem_limit '1m': it is a number") == true, "\(small)")
        }
    }

    @Test func restartsWhatFails() async throws {
        let yaml = """
            services:
              a: {image: shell, restart: "on-failure:2", command: [sh, -c, "echo start; exit 3"]}
            """
        try await ComposeProject.with(yaml) { project in
            let up = try await project.succeed("up")
            #expect(up.output == "a | start\na | start\na | start\n", "\(up)")
            let code = try await project("up", "--exit-code-from", "a")
            #expect(code.exitCode == 3, "\(code)")
        }
    }

    @Test(arguments: [Int32(2), 15])
    func stopsInReverse(signal: Int32) async throws {
        let trap = "trap 'echo bye; exit 0' TERM; echo here; while :; do sleep 0.05; done"
        let yaml = """
            services:
              web: {image: shell, command: [sh, -c, "\(trap)"], depends_on: [api]}
              api: {image: shell, command: [sh, -c, "\(trap)"], depends_on: [db]}
              db: {image: shell, command: [sleep, "1000"], stop_grace_period: 100ms}
            """
        try await ComposeProject.with(yaml.replacing("$", with: "$$")) { project in
            // A first process without a handler does not hear TERM: the signal waits for the traps.
            let up = try await project.command(["up"])
                .run(sending: signal, whenErrorShows: "web: started", after: .seconds(2))
            let told = up.errorOutput.split(separator: "\n").filter { $0.contains("stopping") || $0.contains("ended") }
            #expect(
                told.map(String.init) == [
                    "stopping; once more ends everything at once", "web: stopping", "web: ended with exit code 0",
                    "api: stopping",
                    "api: ended with exit code 0", "db: stopping", "db: ended with exit code 137",
                ], "\(up)")
            #expect(up.exitCode == 0)
            try await project.expectNothingLeft()
        }
    }

    @Test func endsAtOnceWhenItIsAskedTwice() async throws {
        let yaml = "services: {a: {image: shell, command: [sleep, \"1000\"], stop_grace_period: 1h}}\n"
        try await ComposeProject.with(yaml) { project in
            // Both lines begin alike: the second signal follows the first.
            let up = try await project.command(["up"]).run(sending: 2, whenErrorShows: "a: st")
            #expect(up.errorOutput.hasSuffix("a: ended with exit code 137\n"), "\(up)")
        }
    }

    @Test func buildsWhatIsMissing() async throws {
        let yaml = """
            services:
              a:
                build:
                  context: ctx
                  args: {WORD: "${WORD}"}
                  additional_contexts: [base=docker-image://shell]
                  target: wanted
              b: {build: {context: ctx, dockerfile_inline: "FROM base\\nCMD echo inline", additional_contexts: {base: "service:a"}}}
            """
        let files = ["ctx/Dockerfile": "FROM base AS wanted\nARG WORD\nENV W=$WORD\nCMD echo $W\nFROM nowhere\n"]
        try await ComposeProject.with(yaml, files: files) { project in
            let up = try await project("up", "--progress", "plain", environment: ["WORD": "hello"])
            #expect(up.output.split(separator: "\n").sorted() == ["a | hello", "b | inline"], "\(up)")
            let changed = try await project("build", "--progress", "quiet", "a", environment: ["WORD": "other"])
            #expect(changed.succeeded, "\(changed)")
            let run = try await project.distill.succeed("run", "app-a")
            #expect(run.output == "other\n")
        }
    }

    @Test func cleansUpAfterBeingKilled() async throws {
        let yaml =
            "services: {a: {image: shell, command: [sleep, \"1000\"], stop_signal: KILL, ports: [\"127.0.0.1::80\"]}}\n"
        try await ComposeProject.with(yaml) { project in
            try await project.succeed("up", "-d")
            let state = try JSON.parse(try Files.text("\(project.distill.store)/compose/app/state.json"))
            let process = try #require(state["pid"]?.integer)
            _ = try await Command("kill", ["-KILL", String(process)]).run()
            try await project.succeed("up", "-d")
            #expect(try await project.states() == ["a running"])
            let second = try JSON.parse(try Files.text("\(project.distill.store)/compose/app/state.json"))["pid"]?
                .integer
            #expect(second != nil && second != process)
            _ = try await Command("kill", ["-KILL", String(second ?? 0)]).run()
            try await project.succeed("down")
        }
    }

    /// The other application is what is outside: its port is one of this machine's loopback address.
    @Test(.requires(.program("slirp4netns"))) func reachesTheOutside() async throws {
        try await ComposeProject.with(Self.pair) { project in
            try await project.succeed("up", "-d")
            let port = try await project.port(of: "web")
            func client(_ keys: String) -> String {
                let script =
                    "ip route | grep -c default; grep -c nameserver /etc/resolv.conf; wget -q -O- http://host:\(port)/ || echo refused"
                return
                    "services: {a: {image: shell, command: [sh, -c, '\(script)'], \(keys)}}\nnetworks: {closed: {internal: true}}\n"
            }
            for (keys, expected) in [
                ("extra_hosts: ['host:host-gateway']", "1\n1\nfrom the page\n"),
                // Without being asked nobody gets at what listens on the loopback address.
                ("extra_hosts: ['host:10.200.1.2']", "1\n1\nrefused\n"),
                ("extra_hosts: ['host:host-gateway'], networks: [closed]", "0\n0\nrefused\n"),
            ] {
                try Files.write(client(keys), to: "\(project.distill.directory)/other.yaml")
                let up = try await project.distill(
                    "compose", "-p", "other", "-f", "other.yaml", "up", "--no-log-prefix")
                let lines = up.output.split(separator: "\n").filter { !$0.hasPrefix("wget:") }
                #expect(lines.map { $0 + "\n" }.joined() == expected, "\(keys) \(up)")
                #expect(!up.errorOutput.contains("outside"), "\(up)")
            }
        }
    }

    @Test(.requires(.program("gcc"))) func carriesDatagrams() async throws {
        let echo = """
            #include <netinet/in.h>
            #include <sys/socket.h>
            int main(void) {
                static char text[65536];
                struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(53)}, client;
                int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
                if (bind(descriptor, (struct sockaddr *)&own, sizeof own) != 0) return 1;
                for (;;) {
                    socklen_t size = sizeof client;
                    ssize_t count = recvfrom(descriptor, text, sizeof text, 0, (struct sockaddr *)&client, &size);
                    if (count >= 0) sendto(descriptor, text, count, 0, (struct sockaddr *)&client, size);
                }
            }
            """
        let yaml = "services: {a: {build: echo, ports: ['127.0.0.1::53/udp'], stop_signal: KILL}}\n"
        let files = ["echo/echo.c": echo, "echo/Dockerfile": "FROM scratch\nCOPY echo /\nCMD [\"/echo\"]\n"]
        try await ComposeProject.with(yaml, files: files) { project in
            let directory = "\(project.distill.directory)/echo"
            try await Command("gcc", ["-static", "-o", "\(directory)/echo", "\(directory)/echo.c"]).run().mustSucceed()
            try await project.succeed("up", "-d")
            let port = try await project.port(of: "a")
            // A datagram that comes before the service listens is lost, as datagrams are.
            let client = """
                import socket, sys
                for length in (1, 1400, 9000):
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                        s.settimeout(0.2)
                        s.connect(("127.0.0.1", int(sys.argv[1])))
                        for attempt in range(50):
                            try:
                                s.send(b"x" * length)
                                print(len(s.recv(65536)))
                                break
                            except (TimeoutError, ConnectionRefusedError):
                                pass
                """
            let answers = try await Command("python3", ["-c", client, port]).run()
            #expect(answers.output == "1\n1400\n9000\n", "\(answers)")
            #expect(try await project.succeed("ps").output.contains("127.0.0.1:\(port)->53/udp"))
        }
    }

    /// A directory of PATH without the program: services run all the same, and are told why they are alone.
    @Test func saysThatTheOutsideIsAway() async throws {
        try await ComposeProject.with("services: {a: {image: shell, command: [echo, x]}}\n") { project in
            let programs = "\(project.distill.directory)/programs"
            try Files.makeDirectory(programs)
            // It fails as the real one does where it may not open its device.
            try Files.write(
                "#!/bin/sh\necho 'open(\"/dev/net/tun\"): Permission denied' >&2\nexit 1\n",
                to: "\(programs)/slirp4netns", mode: 0o755)
            let path = "\(programs):\(environmentVariable("PATH") ?? "")"
            let up = try await project("up", "--no-log-prefix", environment: ["PATH": path])
            #expect(up.succeeded && up.output == "x\n", "\(up)")
            #expect(
                up.sentences.first
                    == #"services cannot reach the outside: slirp4netns: open("/dev/net/tun"): Permission denied"#,
                "\(up)")
        }
    }

    /// The program is there, and is ended while services run.
    @Test(.requires(.program("slirp4netns")), .timeLimit(.minutes(10))) func saysWhenTheOutsideGoesAway() async throws {
        let yaml = """
            services: {a: {image: shell, command: [sh, -c, 'touch /there/a; sleep 1000'], stop_signal: KILL, volumes: ["./there:/there"]}}

            """
        try await ComposeProject.with(yaml) { project in
            let programs = "\(project.distill.directory)/programs"
            let found = try await Command("sh", ["-c", "command -v slirp4netns"]).run()
            try Files.makeDirectory(programs)
            try Files.makeDirectory("\(project.distill.directory)/there")
            // Not before the service is there: one that never could reach the outside is told in other words.
            let ending = """
                #!/bin/sh
                \(found.line) "$@" <&0 &
                while kill -0 $! && [ ! -e \(project.distill.directory)/there/a ]; do sleep 0.05; done
                kill $!

                """
            try Files.write(ending, to: "\(programs)/slirp4netns", mode: 0o755)
            let path = "\(programs):\(environmentVariable("PATH") ?? "")"
            let up = try await project.command(["up"], environment: ["PATH": path])
                .run(sending: 2, whenErrorShows: "services cannot reach the outside any more")
            #expect(
                up.errorOutput.contains("a: started\n") && up.errorOutput.hasSuffix("a: ended with exit code 137\n"),
                "\(up)")
            try await project.expectNothingLeft()
        }
    }

    @Test func endsInTheTimeThatIsGiven() async throws {
        let yaml = "services: {a: {image: shell, command: [sleep, \"1000\"], stop_grace_period: 1h}}\n"
        try await ComposeProject.with(yaml) { project in
            try await project.succeed("up", "-d")
            try await project.succeed("down", "--timeout", "0")
            try await project.expectNothingLeft()
            let wrong = try await project("down", "-t", "-1")
            #expect(wrong.exitCode != 0 && wrong.sentences.count >= 1, "\(wrong)")
        }
    }
}
