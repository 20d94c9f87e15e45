import OCI
import Testing

@testable import Compose

@Suite struct ProjectTests {
    private static let whole = """
        name: shop
        x-common: &common
          restart: unless-stopped
          read_only: true
        services:
          web:
            <<: *common
            build:
              context: ./web
              target: web
              dockerfile: Other
              args: {A: 1, B: }
              additional_contexts: [base=docker-image://debian:bookworm, api=service:api]
              ssh: default
              secrets: [token]
              ulimits: {nofile: {soft: 10, hard: 20}}
            ports: ["127.0.0.1:8080:80", "9000", "[::1]:81:80/tcp", {target: 5, published: "6", host_ip: 127.0.0.1}]
            depends_on:
              api: {condition: service_healthy}
            stop_signal: SIGQUIT
            stop_grace_period: 1m30s
            tmpfs: ["/tmp:size=64m,mode=755,uid=7", /run]
            networks: {front: {aliases: [page]}}
            profiles: [all]
          api:
            image: api:1
            command: java -jar "a b.jar"
            entrypoint: [/run, --x]
            environment: {URL: "jdbc:x", EMPTY: "", HOST: }
            env_file: [a.env, {path: b.env, required: false, format: raw}]
            healthcheck: {test: [CMD, /check, --now], interval: 1s, timeout: 500ms, retries: 5, start_period: 2m}
            depends_on: [db]
            user: "65532:65532"
            working_dir: /srv
            hostname: apihost
            container_name: theapi
            restart: on-failure:3
            platform: linux/amd64
            extra_hosts: ["a:10.0.0.1", "b=::1"]
            labels: [one=1]
            secrets: [token, {source: token, target: /etc/t, mode: 0400, uid: "3"}]
          db:
            image: db
            volumes: [data:/var/lib/db, ./conf:/etc/db:ro, {type: volume, source: data, target: /x, volume: {nocopy: true}}, /scratch, {type: tmpfs, target: /fast, tmpfs: {size: 1m}}]
            healthcheck: {test: "ping || exit 1"}
            shm_size: 1gb
        volumes: {data: {}, other: {external: true, name: given}}
        networks: {front: , back: {driver: bridge}}
        secrets: {token: {file: ./token}}
        """

    @Test func readsEveryKey() throws {
        let project = try project(Self.whole)
        #expect(project.name == "shop")
        #expect(project.services.map(\.name) == ["web", "api", "db"])
        let web = try #require(project.service("web"))
        #expect(web.restart == .unlessStopped && web.isReadOnly)
        let build = try #require(web.build)
        #expect(build.context == "./web" && build.target == "web" && build.dockerfile == "Other")
        #expect(build.arguments == [Variable(name: "A", value: "1"), Variable(name: "B", value: nil)])
        #expect(build.contextServices == ["api"])
        #expect(build.agents == ["default"] && build.resourceLimits == ["nofile=10:20"])
        #expect(
            web.ports.map { "\($0.host ?? "*") \($0.published) \($0.target)" } == [
                "127.0.0.1 8080 80", "* 0 9000", "::1 81 80", "127.0.0.1 6 5",
            ])
        #expect(web.dependencies.map { "\($0.service) \($0.condition.rawValue)" } == ["api service_healthy"])
        #expect(web.stopSignal == 3 && web.stopGracePeriod == .seconds(90))
        #expect(
            web.temporaryFileSystems.map { "\($0.target) \($0.size ?? 0) \($0.mode ?? 0) \($0.user ?? 0)" } == [
                "/tmp 67108864 493 7", "/run 0 0 0",
            ])
        #expect(web.aliases == ["page"] && web.profiles == ["all"])
        let api = try #require(project.service("api"))
        #expect(api.command == ["java", "-jar", "a b.jar"] && api.entrypoint == ["/run", "--x"])
        #expect(
            api.environment.map { "\($0.name)=\($0.value ?? "(none)")" } == ["URL=jdbc:x", "EMPTY=", "HOST=(none)"])
        #expect(
            api.environmentFiles.map { "\($0.path) \($0.isRequired) \($0.isRaw)" } == [
                "a.env true false", "b.env false true",
            ])
        #expect(api.healthcheck?.test == .command(["/check", "--now"]))
        #expect(api.healthcheck?.timeout == .milliseconds(500) && api.healthcheck?.startPeriod == .seconds(120))
        #expect(api.user == "65532:65532" && api.hostname == "apihost" && api.restart == .onFailure(limit: 3))
        #expect(api.containerName(in: "shop") == "theapi" && web.containerName(in: "shop") == "shop-web-1")
        #expect(api.extraHosts.map { "\($0.name) \($0.address)" } == ["a 10.0.0.1", "b ::1"])
        #expect(
            api.secrets.map { "\($0.target) \($0.mode) \($0.user)" } == ["/run/secrets/token 292 0", "/etc/t 256 3"])
        let db = try #require(project.service("db"))
        #expect(
            db.volumes.map { "\($0.target) \($0.isReadOnly) \($0.copiesImage)" } == [
                "/var/lib/db false true", "/etc/db true true", "/x false false", "/scratch false true",
            ])
        #expect(
            db.volumes.map(\.source) == [
                .named("data"), .bind("./conf", createsMissing: true), .named("data"), .anonymous,
            ])
        #expect(db.temporaryFileSystems.map(\.size) == [1 << 20])
        #expect(db.healthcheck?.test == .shell("ping || exit 1") && db.sharedMemorySize == 1 << 30)
        #expect(db.imageName(in: "shop") == "db" && web.imageName(in: "shop") == "shop-web")
        #expect(project.volumes.map { $0.storedName(in: "shop") } == ["shop_data", "given"])
        #expect(project.networks.map(\.name) == ["front", "back"])
        #expect(project.secrets.map(\.source) == [.file("./token")])
    }

    @Test func readsRights() throws {
        let a = try service(
            "cap_drop: [ALL]\ncap_add: [net_bind_service, CAP_CHOWN]\nsecurity_opt: ['no-new-privileges:true']")
        #expect(
            a.droppedCapabilities == Capability.all && a.addedCapabilities == [.bindService, .chown]
                && a.forbidsNewPrivileges)
    }

    @Test(arguments: [
        ("['80-82']", ["0.0.0.0:0->80/tcp", "0.0.0.0:0->81/tcp", "0.0.0.0:0->82/tcp"]),
        ("['127.0.0.1:8000-8001:80-81/udp']", ["127.0.0.1:8000->80/udp", "127.0.0.1:8001->81/udp"]),
        ("['53:53', '53:53/udp', '53:53']", ["0.0.0.0:53->53/udp", "0.0.0.0:53->53/tcp"]),
        (
            "[{target: 80-81, published: '90-91', host_ip: '::1', protocol: udp}]",
            ["[::1]:90->80/udp", "[::1]:91->81/udp"]
        ),
    ])
    func readsPorts(text: String, expected: [String]) throws {
        #expect(try service("ports: \(text)").ports.map { $0.text(bound: $0.published) } == expected)
    }

    @Test(arguments: [
        ("", "", true), ("networks: {closed: {internal: true}}", "", true),
        ("networks: {default: {internal: true}}", "", false),
        ("networks: {closed: {internal: true}}", "networks: [closed]", false),
        ("networks: {closed: {internal: true}, open: }", "networks: [closed, open]", true),
        ("networks: {closed: {internal: true}}", "networks: {closed: , default: }", true),
    ])
    func leadsOutside(top: String, lines: String, expected: Bool) throws {
        #expect(try service(lines, below: top).reachesOutside == expected)
    }

    @Test(arguments: [
        "mem_limit: 64m\nmemswap_limit: -1\ncpus: 1.5\ncpu_shares: 512\ncpuset: 0-1\npids_limit: 9",
        "memswap_limit: -1\ncpu_shares: 512\ncpuset: 0-1\ndeploy: {replicas: 1, resources: {limits: {memory: 64m, cpus: '1.5', pids: 9}}}",
    ])
    func readsLimits(lines: String) throws {
        let limits = try service(lines).limits
        let values = [
            limits.memory, limits.memoryAndSwap, limits.processors, limits.processorWeight, limits.processorSet,
            limits.processes,
        ]
        #expect(values.map { $0?.value } == ["64m", "-1", "1.5", "512", "0-1", "9"])
    }

    @Test(arguments: [
        // The lines below a service's name, the line and column of the mistake, and what it is.
        ("imgae: x", 4, 5, ComposeError.Reason.unknownKey("imgae", owner: "a service", known: ServiceReader.keys)),
        ("deploy: {placement: {}}", 4, 14, .unsupportedKey("placement", owner: "'deploy'")),
        ("deploy: {replicas: 2}", 4, 24, .unsupportedValue(key: "replicas", value: "2")),
        (
            "deploy: {resources: {reservations: {}}}", 4, 26,
            .unsupportedKey("reservations", owner: "'resources'")
        ),
        (
            "cpus: 1\n    deploy: {resources: {limits: {cpus: 2}}}", 5, 41,
            .unsupportedValue(key: "cpus", value: "2, and 1 elsewhere")
        ),
        ("build: {contxt: .}", 4, 13, .unknownKey("contxt", owner: "'build'", known: BuildSection.keys)),
        ("build: {privileged: true}", 4, 25, .unsupportedValue(key: "privileged", value: "true")),
        (
            "build: {entitlements: [all]}", 4, 28,
            .invalidValue(key: "entitlements", value: "all", expected: .oneOf(["network.host", "security.insecure"]))
        ),
        (
            "build: {isolation: hyperv}", 4, 24,
            .invalidValue(key: "isolation", value: "hyperv", expected: .oneOf(["default"]))
        ),
        ("tty: true", 4, 10, .unsupportedValue(key: "tty", value: "true")),
        ("image: A B", 4, 12, .invalidValue(key: "image", value: "A B", expected: .imageName)),
        ("cap_add: [NET]", 4, 15, .invalidValue(key: "cap_add", value: "NET", expected: .capability)),
        ("security_opt: ['label:user:x']", 4, 20, .unsupportedValue(key: "security_opt", value: "label:user:x")),
        ("security_opt: ['seccomp:']", 4, 20, .unsupportedValue(key: "security_opt", value: "seccomp:")),
        ("ports: ['80-90:80']", 4, 13, .invalidValue(key: "ports", value: "80-90:80", expected: .portRange)),
        ("ports: ['1-1001']", 4, 13, .invalidValue(key: "ports", value: "1-1001", expected: .portRange)),
        ("ports: ['90-80']", 4, 13, .invalidValue(key: "ports", value: "90-80", expected: .port)),
        ("ports: ['80-']", 4, 13, .invalidValue(key: "ports", value: "80-", expected: .port)),
        (
            "ports: [{target: 80, published: 1-2}]", 4, 13,
            .invalidValue(key: "ports", value: "1-2:80", expected: .portRange)
        ),
        ("ports: [{target: 80, protocol: icmp}]", 4, 36, .unsupportedValue(key: "protocol", value: "icmp")),
        ("ports: ['53:53/sctp']", 4, 13, .unsupportedValue(key: "ports", value: "53:53/sctp")),
        ("ports: ['0:80']", 4, 13, .invalidValue(key: "ports", value: "0:80", expected: .port)),
        ("ports: ['localhost:80:80']", 4, 13, .invalidValue(key: "ports", value: "localhost:80:80", expected: .port)),
        ("ports: 80", 4, 12, .unexpectedKind(key: "ports", expected: .list)),
        ("volumes: [none:/x]", 4, 15, .undefinedVolume("none", known: ["data"])),
        ("volumes: ['data:relative']", 4, 15, .invalidValue(key: "volumes", value: "data:relative", expected: .volume)),
        (
            "volumes: ['data:/x:readonly']", 4, 15,
            .invalidValue(key: "volumes", value: "data:/x:readonly", expected: .volumeWords)
        ),
        ("volumes: ['data:/']", 4, 15, .invalidValue(key: "volumes", value: "data:/", expected: .volume)),
        ("networks: [none]", 4, 16, .undefinedNetwork("none", known: [])),
        ("secrets: [none]", 4, 15, .undefinedSecret("none", known: [])),
        ("depends_on: [none]", 4, 18, .undefinedService("none", known: ["a"])),
        (
            "depends_on: {a: {condition: ready}}", 4, 33,
            .invalidValue(
                key: "condition", value: "ready", expected: .oneOf(Dependency.Condition.allCases.map(\.rawValue)))
        ),
        ("depends_on: [a]", 4, 18, .cycle(["a", "a"])),
        ("restart: sometimes", 4, 14, .invalidValue(key: "restart", value: "sometimes", expected: .restart)),
        ("stop_signal: SIGNONE", 4, 18, .invalidValue(key: "stop_signal", value: "SIGNONE", expected: .signal)),
        ("stop_grace_period: 10", 4, 24, .invalidValue(key: "stop_grace_period", value: "10", expected: .duration)),
        ("healthcheck: {test: [sh, -c]}", 4, 25, .invalidValue(key: "test", value: "sh", expected: .healthTest)),
        ("healthcheck: {retries: 0}", 4, 28, .invalidValue(key: "retries", value: "0", expected: .number)),
        ("command: 'a \"b'", 4, 14, .invalidValue(key: "command", value: "a \"b", expected: .command)),
        ("user: [1]", 4, 11, .unexpectedKind(key: "user", expected: .text)),
        ("read_only: maybe", 4, 16, .invalidValue(key: "read_only", value: "maybe", expected: .boolean)),
        ("working_dir: srv", 4, 18, .invalidValue(key: "working_dir", value: "srv", expected: .absolutePath)),
        ("platform: a/b/c/d", 4, 15, .invalidValue(key: "platform", value: "a/b/c/d", expected: .platform)),
        ("environment: [=x]", 4, 19, .invalidValue(key: "environment", value: "", expected: .environmentName)),
    ])
    func tellsWhatIsWrongAndWhere(lines: String, line: Int, column: Int, reason: ComposeError.Reason) {
        let image = lines.hasPrefix("image") ? "" : "    image: i\n"
        let text =
            "services:\n  a:\n\(lines.hasPrefix("image") ? "    user: x\n" : image)    \(lines)\nvolumes: {data: }\n"
        #expect(throws: ComposeError(Place(file: "compose.yaml", line: line, column: column), reason)) {
            try project(text)
        }
    }

    @Test(arguments: [
        ("services: {}", ComposeError.Reason.noServices), ("", .noServices), ("name: x", .noServices),
        ("services: {a: {}}", .neitherImageNorBuild(service: "a")),
        (
            "services: {a: {image: i}}\nserivces: {}",
            .unknownKey("serivces", owner: "a Compose file", known: Project.keys)
        ),
        ("services: {a: {image: i}}\nname: Shop", .invalidValue(key: "name", value: "Shop", expected: .projectName)),
        ("services: {a/b: {image: i}}", .invalidValue(key: "services", value: "a/b", expected: .name)),
        (
            "services: {a: {image: i, container_name: x}, b: {image: i, container_name: x}}",
            .sameContainerName("x", other: "a")
        ),
        ("services: {a: {image: i}}\nvolumes: {v: {driver: nfs}}", .unsupportedValue(key: "driver", value: "nfs")),
        ("services: {a: {image: i}}\nconfigs: {}", .unsupportedKey("configs", owner: "a Compose file")),
        ("services: {a: {image: i}, a: {image: j}}", .duplicateKey("a")),
        ("services: [a]", .unexpectedKind(key: "services", expected: .mapping)),
    ])
    func refusesWholeFiles(text: String, reason: ComposeError.Reason) {
        let error = #expect(throws: ComposeError.self) { try project(text) }
        #expect(error?.reason == reason)
    }

    @Test func namesProjects() throws {
        #expect(try project("services: {a: {image: i}}").name == "appdirectory")
        #expect(try project("name: x\nservices: {a: {image: i}}", name: "given").name == "given")
        #expect(throws: ComposeError.self) { try project("services: {a: {image: i}}", name: "-x") }
    }

    @Test func ordersAndShowsCycles() throws {
        let text =
            "services:\n  a: {image: i, depends_on: [b, c]}\n  b: {image: i, depends_on: [d]}\n  c: {image: i}\n  d: {image: i}\n"
        #expect(try project(text).startOrder() == ["d", "b", "c", "a"])
        let error = #expect(throws: ComposeError.self) {
            try project(
                "services:\n  a: {image: i, depends_on: [b]}\n  b: {image: i, depends_on: [c]}\n  c:\n    image: i\n    depends_on:\n    - b\n"
            )
        }
        #expect(error?.reason == .cycle(["b", "c", "b"]))
        #expect(error?.place.line == 7)
    }

    @Test func selectsByProfilesAndNames() throws {
        let text = """
            services:
              a: {image: i}
              b: {image: i, profiles: [debug], depends_on: [a]}
              c: {image: i, depends_on: {b: {required: false}}}
              d: {image: i, profiles: [x], depends_on: [b]}
              e: {image: i, ports: ["1:1"]}
              f: {image: i, ports: ["0.0.0.0:1:2"], profiles: [debug]}
              g: {image: i, profiles: [debug], depends_on: [b]}
            """
        let whole = try project(text)
        func names(_ wanted: [String], _ profiles: Set<String>) throws -> [String] {
            try whole.selecting(wanted, profiles: profiles).services.map(\.name)
        }
        #expect(try names([], []) == ["a", "c", "e"])
        #expect(try names(["b"], []) == ["a", "b"])
        #expect(try names(["c"], ["debug"]) == ["a", "b", "c"])
        // A service that is asked for brings its profiles.
        #expect(try names(["g"], []) == ["a", "b", "g"])
        #expect(throws: ComposeError.self) { try names(["d"], []) }
        let error = #expect(throws: ComposeError.self) { try names([], ["debug"]) }
        #expect(error?.reason == .samePort("0.0.0.0:1", other: "e"))
    }

    @Test(arguments: [
        ("a b", ["a", "b"]), ("  a  ", ["a"]), ("a 'b c' \"d e\"", ["a", "b c", "d e"]), ("a\\ b", ["a b"]),
        ("''", [""]), ("", []),
        ("\"a\\\"b\"", ["a\"b"]), ("'a\\b'", ["a\\b"]), ("\"a\\b\"", ["a\\b"]), ("a'b'c", ["abc"]),
    ])
    func splitsCommands(text: String, words: [String]) { #expect(CommandWords.split(text) == words) }

    @Test(arguments: [
        ("10s", 10_000), ("1m30s", 90_000), ("500ms", 500), ("1.5s", 1500), ("1h", 3_600_000), ("0", 0),
        ("1d", 86_400_000), ("0s", 0),
    ])
    func readsDurations(text: String, milliseconds: Int) {
        #expect(ComposeDuration.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "10", "s", "1x", "-1s", "1s2", "99999999999h", "1..s"])
    func refusesDurations(text: String) { #expect(ComposeDuration.parse(text) == nil) }

    @Test(arguments: [("SIGTERM", 15), ("term", 15), ("9", 9), ("SIGUSR1", 10), ("SIGRTMIN+3", 37), ("SIGWINCH", 28)])
    func knowsSignals(name: String, number: Int32) { #expect(SignalName.number(name) == number) }
}
