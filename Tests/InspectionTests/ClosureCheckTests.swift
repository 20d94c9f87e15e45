import Inspection
import OCI
import Testing

@Suite struct ClosureCheckTests {
    private func check(
        _ items: [String: MemoryLayer.Item], _ start: [String], environment: [String] = [], user: String = ""
    ) throws
        -> ClosureCheck.Report
    {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.entrypoint = start
        config.container.environment = environment
        config.container.user = user
        return try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(items)]))
    }

    private static let python: [String: MemoryLayer.Item] = [
        "/usr/bin/python3": .link("python3.11"), "/usr/bin/python3.11": .program(staticProgram()),
        "/usr/lib/python3.11/encodings/__init__.py": .text(""), "/usr/lib/python3.11/encodings/utf_8.py": .text(""),
        "/usr/lib/python3.11/os.py": .text(""), "/usr/lib/python3.11/ssl.py": .text("import os\n"),
    ]

    @Test func scriptsNeedTheirInterpreter() throws {
        let report = try check(["/app.py": .program("#!/usr/bin/python3\n")], ["/app.py"])
        #expect(
            report.findings == [
                Finding(.missingProgram(subject: "/app.py", program: "python3"), .base("distroless/python3"))
            ])
        let whole = Self.python.merging(["/app.py": .program("#!/usr/bin/python3\nimport os, sys\n")]) { $1 }
        #expect(try check(whole, ["/app.py"]).findings == [])
    }

    @Test func envIsAProgramToo() throws {
        let script = MemoryLayer.Item.program("#!/usr/bin/env python3\n")
        let fix = Finding(.missingEnv(script: "/a", program: "python3"), .firstLine("#!/usr/bin/python3"))
        #expect(try check(Self.python.merging(["/a": script]) { $1 }, ["/a"]).findings == [fix])
        #expect(
            try check(["/a": script], ["/a"]).findings.contains(
                Finding(.missingProgram(subject: "/a", program: "python3"), .base("distroless/python3"))))
        let both = Self.python.merging(["/a": script, "/usr/bin/env": .program(staticProgram())]) { $1 }
        #expect(try check(both, ["/a"]).findings == [])
    }

    @Test func pythonModulesAreFollowed() throws {
        let files = Self.python.merging([
            "/app/main.py": .text(
                "import sibling\nimport helper\nimport flask  # the web\ntry:\n    import missing\nexcept ImportError: pass\n\"\"\"\nimport prose\n\"\"\"\n"
            ),
            "/app/helper.py": .text("import requests\nfrom os import path\n"), "/app/sibling.py": .text(""),
            "/usr/lib/python3.11/site-packages/requests/__init__.py": .text("import ssl, charset\n"),
        ]) { $1 }
        let report = try check(files, ["python3", "/app/main.py"])
        let requests = "/usr/lib/python3.11/site-packages/requests/__init__.py"
        #expect(
            Set(report.findings) == [
                Finding(.missingModule(script: requests, module: "charset"), chain: ["/app/helper.py"]),
                Finding(.noCertificates(path: "/app/helper.py"), .base("distroless/python3")),
            ])
        #expect(report.files.contains(try #require(ImagePath("/app/sibling.py"))))
    }

    @Test func theShellFormNeedsAShell() throws {
        let plain = try check([:], ["/bin/sh", "-c", "exec /app --x"])
        #expect(
            plain.findings == [
                Finding(.missingShell(shell: "/bin/sh", command: "exec /app --x"), .execForm(["/app", "--x"]))
            ])
        let complex = try check([:], ["/bin/sh", "-c", "/app | tee x"])
        #expect(complex.findings.map(\.remedy) == [.base("distroless/cc:debug")])
        let shell: [String: MemoryLayer.Item] = ["/bin/sh": .program(staticProgram())]
        #expect(try check(shell, ["/bin/sh", "-c", "python3 /a"]).findings.map(\.name) == ["MissingProgram"])
    }

    @Test func programsMustBePrograms() throws {
        #expect(try check(["/a": .text("x")], ["/a"]).findings == [Finding(.notExecutable(path: "/a"), .mode)])
        #expect(try check(["/a": .program("x")], ["/a"]).findings == [Finding(.noProgram(path: "/a"))])
        let arm = MemoryLayer.Item.program(staticProgram(machine: 183))
        #expect(
            try check(["/a": arm], ["/a"]).findings == [
                Finding(.otherArchitecture(path: "/a", has: "arm64", wanted: "amd64"), .platform)
            ])
        #expect(try check([:], ["tool"]).findings == [Finding(.missingProgram(subject: "ENTRYPOINT", program: "tool"))])
        #expect(try check(["/b/tool": .program(staticProgram())], ["tool"], environment: ["PATH=/b"]).findings == [])
        #expect(try check([:], []).findings == [])
    }

    @Test func scriptsThatStartEachOtherEnd() throws {
        #expect(
            try check(["/a": .program("#!/b\n"), "/b": .program("#!/a\n")], ["/a"]).findings.map(\.name) == [
                "NoProgram"
            ])
    }

    @Test func usersAndZonesMustBeThere() throws {
        let program: [String: MemoryLayer.Item] = ["/a": .program(staticProgram())]
        #expect(try check(program, ["/a"], user: "bob").findings == [Finding(.unknownUser("bob"), .numericUser)])
        #expect(try check(program, ["/a"], user: "1000:5").findings == [])
        let known = program.merging(["/etc/passwd": .text("bob:x:1:1::/:\n")]) { $1 }
        #expect(try check(known, ["/a"], user: "bob").findings == [])
        #expect(
            try check(program, ["/a"], environment: ["TZ=Europe/Berlin"]).findings == [
                Finding(.noTimeZone(name: "Europe/Berlin"), .base("distroless/static"))
            ])
        #expect(try check(program, ["/a"], environment: ["TZ=CET-1CEST"]).findings == [])
    }

    /// A runtime that somebody copied without what it loads: its own base has that.
    @Test(arguments: [("java", "distroless/java21"), ("node", "distroless/nodejs"), ("perl", "distroless/perl")])
    func aRuntimeThatLacksLibrariesNeedsItsBase(name: String, base: String) throws {
        let loader = "/lib64/ld-linux-x86-64.so.2"
        let program = MemoryLayer.Item.program(dynamicProgram(loader: loader))
        let report = try check(
            ["/runtime/\(name)": program, "/app.jar": .file(Self.jar(21))], ["/runtime/\(name)", "-jar", "/app.jar"])
        let missing = report.findings.filter { $0.name == "MissingLibraries" }
        #expect(missing.map(\.remedy) == [.base(base)], "\(report.findings)")
    }

    /// musl's loader names a file of settings after itself.
    @Test(arguments: ["/ld-musl-/..", "/lib/ld-musl-/.", "/ld-musl-", "/ld-musl-/"])
    func aLoaderMayHaveAnyName(loader: String) throws {
        let report = try check(["/a": .program(dynamicProgram(loader: loader))], ["/a"])
        #expect(report.findings.first?.severity == .error)
    }

    private static func jar(_ release: UInt8) -> [UInt8] {
        zip([
            ("META-INF/MANIFEST.MF", Array("Manifest-Version: 1.0\r\nMain-Class: a.Main\r\n".utf8)),
            ("a/Main.class", javaClass("a/Main", release: release)),
        ])
    }

    @Test func javaMustBeNewEnough() throws {
        let jar = MemoryLayer.Item.file(Self.jar(21))
        let none = try check(["/app.jar": jar], ["java", "-Xmx1g", "-jar", "/app.jar"])
        #expect(
            none.findings == [
                Finding(.missingProgram(subject: "/app.jar", program: "java"), .base("distroless/java21"))
            ])
        func runtime(_ version: String) -> [String: MemoryLayer.Item] {
            [
                "/usr/bin/java": .link("/jvm/bin/java"), "/jvm/bin/java": .program(staticProgram()), "/app.jar": jar,
                "/jvm/release": .text("IMAGE_TYPE=\"JRE\"\nJAVA_VERSION=\"\(version)\"\n"),
                "/jvm/lib/security/cacerts": .text("x"),
            ]
        }
        #expect(
            try check(runtime("17.0.2"), ["java", "-jar", "/app.jar"]).findings == [
                Finding(.oldJava(path: "/app.jar", needed: 21, has: 17), .base("distroless/java21"))
            ])
        #expect(try check(runtime("21.0.1"), ["java", "-cp", "/x:/app.jar", "a.Main"]).findings == [])
        #expect(
            try check(runtime("21"), ["java", "-jar", "/b.jar"]).findings == [
                Finding(.missingFile(program: "java", path: "/b.jar"))
            ])
    }

    @Test(arguments: [
        ("libpq.so.5", "libpq5"), ("libstdc++.so.6", "libstdc++6"), ("libdb-5.3.so", "libdb5.3"),
        ("libX11.so.6", "libx11-6"),
        ("libxml2.so.2", "libxml2"), ("libfoo_bar.so.1", "libfoo-bar1"), ("plain", "plain"),
    ])
    func librariesNamePackages(library: String, package: String) {
        #expect(BaseChoice.package(of: library) == package)
    }

    @Test func theSmallestBaseIsChosen() {
        func choice(_ change: (inout ProgramNeeds) -> Void) -> String {
            var needs = ProgramNeeds()
            change(&needs)
            return BaseChoice(for: needs).name
        }
        #expect(choice { _ in } == "scratch")
        #expect(choice { $0.speaksTLS = true } == "distroless/static")
        #expect(
            choice {
                $0.isDynamic = true
                $0.libraries = ["libc.so.6", "libm.so.6"]
            } == "distroless/base-nossl")
        #expect(
            choice {
                $0.isDynamic = true
                $0.libraries = ["libc.so.6", "libssl.so.3"]
            } == "distroless/base")
        #expect(
            choice {
                $0.isDynamic = true
                $0.libraries = ["libc.so.6", "libstdc++.so.6"]
            } == "distroless/cc")
        #expect(choice { $0.runtime = .java(release: 8) } == "distroless/java17")
        #expect(choice { $0.runtime = .java(release: 22) } == "distroless/java25")
        var needs = ProgramNeeds()
        needs.libraries = ["libc.so.6", "libpq.so.5"]
        #expect(BaseChoice(for: needs).uncovered == ["libpq.so.5"])
    }
}
