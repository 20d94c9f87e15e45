import Dockerfile
import Engine
import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

/// The directories, archives and images that a build reads, by the front door.
@Suite(.timeLimit(.minutes(5))) struct BuildContextTests {
    private func files(
        _ bench: Bench, _ dockerfile: String, _ change: (inout BuildSpecification) throws -> Void = { _ in }
    ) async throws -> [String] {
        let outcome = try await bench.build(dockerfile) {
            $0.check = .off
            try change(&$0)
        }.result.get()
        return try bench.tree(of: outcome.results[0].image)
    }

    private func tar(_ names: [String: String]) async throws -> [UInt8] {
        try await Files.withTemporaryDirectory { directory in
            for (name, text) in names { try Files.write(text, to: "\(directory)/\(name)") }
            return try await Program.shell("tar -C \(directory) -cz .")
        }
    }

    /// An archive, and the text of a Dockerfile, at a URL; what a server does not have is told.
    @Test func fetchesContexts() async throws {
        let archive = try await tar(["Dockerfile": "FROM scratch\nCOPY f /got\n", "f": "text"])
        try await ScriptedHTTPServer.with { request, _ in
            switch request.target {
            case "/a.tar.gz": [.ok(archive)]
            case "/Dockerfile": [.ok(Array("FROM scratch\nADD \(Self.place(request))/f /added\n".utf8))]
            case "/f": [.ok(Array("remote".utf8), ["Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT"])]
            default: [.answer("404 Not Found", ["Content-Length": "0"])]
            }
        } _: { server in
            try await withBench { bench in
                for (path, expected) in [("/a.tar.gz", ["got text"]), ("/Dockerfile", ["added remote"])] {
                    let files = try await files(bench, "") {
                        $0.context = try ContextSource(server.url(path), bench.engine.environment)
                        $0.dockerfile = .usual
                    }
                    #expect(files == expected)
                }
                let (_, result) = try await bench.build("FROM scratch\n") {
                    $0.context = try ContextSource(server.url("/none"), bench.engine.environment)
                }
                #expect(throws: (any Error).self) { try result.get() }
            }
        }
    }

    private static func place(_ request: ScriptedHTTPServer.Request) -> String {
        "http://" + (request.headers["host"] ?? "")
    }

    /// Which files there are, what option names one, and which is built: its text is the label.
    @Test(
        arguments: [
            (["Dockerfile", "Containerfile", "dockerfile"], nil, "Dockerfile"),
            (["Containerfile", "dockerfile"], nil, "Containerfile"), (["dockerfile"], nil, "dockerfile"),
            ([], nil, nil),
            (["Dockerfile", "other"], "context/other", "other"), (["Dockerfile"], "context/none", nil),
        ] as [([String], String?, String?)])
    func findsTheDockerfile(names: [String], option: String?, expected: String?) async throws {
        try await withBench { bench in
            for name in names {
                try Files.write("FROM scratch\nLABEL which=\(name)\n", to: "\(bench.directory)/context/\(name)")
            }
            let (_, result) = try await bench.build("") {
                $0.dockerfile = .init(option: option.map { "\(bench.directory)/\($0)" })
            }
            if let expected {
                #expect(try result.get().results[0].image.config.container.labels["which"] == expected)
            } else {
                #expect { try result.get() } throws: { error in
                    if case EngineError.missingDockerfile = error { true } else { false }
                }
            }
        }
    }

    /// Ignore files, and what of `file`, `a.log` and `d/b.log` is copied.
    @Test(
        arguments: [
            ([:], ["a.log x", "d directory", "d/b.log x", "file hello"]),
            ([".dockerignore": "*.log\n"], ["d directory", "d/b.log x", "file hello"]),
            ([".dockerignore": "**/*.log\n!d/b.log\nfile\n"], ["d directory", "d/b.log x"]),
            ([".containerignore": "d\n", ".dockerignore": "*\n"], ["a.log x", "file hello"]),
            (["Dockerfile.dockerignore": "file\nd\n", ".dockerignore": "*\n"], ["a.log x"]),
        ] as [([String: String], [String])])
    func leavesOut(ignore: [String: String], expected: [String]) async throws {
        try await withBench { bench in
            let context = "\(bench.directory)/context"
            for name in ["a.log", "d/b.log"] { try Files.write("x", to: "\(context)/\(name)") }
            try Files.write("FROM scratch\nCOPY . /\n", to: "\(context)/Dockerfile")
            for (name, text) in ignore { try Files.write(text, to: "\(context)/\(name)") }
            let found = try await files(bench, "") { $0.dockerfile = .file("\(context)/Dockerfile") }
            #expect(found.filter { !$0.contains("ockerfile") && !$0.contains("ignore") } == expected)
        }
    }

    /// What an ignore file left out is told with its line.
    @Test func namesTheLineThatLeavesOut() async throws {
        try await withBench { bench in
            try Files.write("# all\n*\n", to: "\(bench.directory)/context/.dockerignore")
            let (_, result) = try await bench.build("FROM scratch\nCOPY file /\n")
            #expect { try result.get() } throws: { "\($0)".contains(".dockerignore:2: *") }
        }
    }

    /// A name for each kind of source, as a base and as the source of COPY.
    @Test func takesNamedContexts() async throws {
        try await withBench { bench in
            let directory = bench.directory
            try Files.write("keep\n", to: "\(directory)/more/kept")
            try Files.write("no\n", to: "\(directory)/more/left")
            try Files.write("left\n", to: "\(directory)/more/.dockerignore")
            let layout = OutputSpecification(.oci, to: "\(directory)/layout", isArchive: false)
            let made = try await bench.build("FROM scratch\nCOPY file /f\n") {
                ($0.names, $0.outputs, $0.check) = ([try ImageReference("base:1")], [layout, .init(.image)], .off)
            }.result.get()
            let image = made.results[0].image
            let sources: [(String, NamedContextSource)] = [
                ("image", .image(try ImageReference("base:1"))),
                ("layout", .layout(path: "\(directory)/layout", .unnamed)),
                ("stored", .stored(image.id)), ("results", .results([image])),
                ("files", .files(.directory(FilePath("\(directory)/more")))), ("other", .stage("one")),
            ]
            let dockerfile = """
                FROM scratch AS one
                COPY file /stage
                FROM image AS a
                FROM layout AS b
                FROM stored AS c
                FROM results
                COPY --from=a /f /image
                COPY --from=b /f /layout
                COPY --from=c /f /stored
                COPY --from=other /stage /stage
                COPY --from=files / /files/
                """
            let found = try await files(bench, dockerfile) {
                $0.namedContexts = sources.map { (name: $0.0, source: $0.1) }
            }
            #expect(
                found == [
                    "f hello", "files directory", "files/.dockerignore left", "files/kept keep", "image hello",
                    "layout hello",
                    "stage hello", "stored hello",
                ])
        }
    }

    @Test func refusesWhatIsNoLayout() async throws {
        try await withBench { bench in
            let (_, result) = try await bench.build("FROM l\n") {
                $0.namedContexts = [(name: "l", source: .layout(path: "\(bench.directory)/context", .unnamed))]
            }
            #expect { try result.get() } throws: { error in
                if case EngineError.unusableFile(_, .noLayout) = error { true } else { false }
            }
        }
    }

    /// A Dockerfile alone: by its name, or that of a directory which has one.
    @Test func readsADockerfileAlone() async throws {
        try await withBench { bench in
            let context = "\(bench.directory)/context"
            try Files.write("FROM scratch\n", to: "\(context)/dockerfile")
            try Files.write("*.log\n", to: "\(context)/.dockerignore")
            let text = Array("FROM scratch\n".utf8)
            for name in [context, "\(context)/dockerfile"] {
                #expect(try DockerfileSource.readAlone(name).bytes == text)
                #expect(
                    try DockerfileSource.ignorePatterns(beside: name)?.decision(for: Array("a.log".utf8)).isIgnored
                        == true)
            }
            #expect(try DockerfileSource.ignorePatterns(beside: "-") == nil)
            #expect(throws: EngineError.self) { try DockerfileSource.readAlone("\(context)/none") }
        }
    }

    @Test func knowsTheNamesOfADockerfile() async throws {
        try await withBench { bench in
            try Files.write(
                "ARG base=x\nFROM scratch AS One\nARG b\nARG c\nFROM scratch AS two\nARG b\n",
                to: "\(bench.directory)/context/Dockerfile")
            let read = { (file: String?, context: String?) in
                DockerfileNames.read(file: file, context: context, bench.engine.environment)
            }
            for names in [read(nil, "context"), read("context/Dockerfile", nil)] {
                let names = try #require(names)
                #expect(names.stages == ["one", "two"] && names.arguments == ["base", "b", "c"])
                let unused = names.unused(of: ["bass", "b", "HTTP_PROXY", "BUILDKIT_X", "TARGETOS", "other"])
                #expect(unused.map { "\($0.name) \($0.nearest ?? "-")" } == ["bass base", "other -"])
            }
            #expect(read(nil, nil) == nil && read("none", "context") == nil)
        }
    }
}
