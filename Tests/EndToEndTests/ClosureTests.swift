import OCI
import TestSupport
import Testing

@Suite(.serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(50)))
struct ClosureTests {
    private let distill = SharedBase.distill

    /// A program compiled on this machine.
    private func compile(
        _ source: String, name: String, into context: String, with compiler: String = "gcc", _ options: [String] = []
    ) async throws {
        try Files.write(source, to: "\(context)/\(name)")
        let outcome = try await Command(compiler, ["-o", "\(context)/app", "\(context)/\(name)"] + options).run()
        try #require(outcome.succeeded, "\(outcome)")
    }

    @Test func pythonOnScratchIsTold() async throws {
        let script = "#!/usr/bin/python3\nprint('hello from python')\n"
        let path = try distill.context(
            "closure-python",
            [
                "scratch": "FROM scratch\nCOPY --chmod=755 app.py /app.py\nENTRYPOINT [\"/app.py\"]\n",
                "python": "FROM distroless/python3\nCOPY --chmod=755 app.py /app.py\nENTRYPOINT [\"/app.py\"]\n",
                "app.py": script,
            ])
        let sentence = "`/app.py` needs `python3`, which this image does not have: `FROM distroless/python3`"
        let bare = try await distill("build", "--progress", "plain", "-f", "\(path)/scratch", path)
        #expect(bare.succeeded, "\(bare)")
        #expect(bare.errorOutput.contains("warning: MissingProgram: \(sentence)\n"), "\(bare)")
        let failed = try await distill(
            "build", "-q", "--check=error", "-t", "closure-bad", "-f", "\(path)/scratch", path)
        #expect(!failed.succeeded && failed.errorOutput == "error: MissingProgram: \(sentence)\n", "\(failed)")
        #expect(try await !distill("inspect", "closure-bad").succeeded)
        let silent = try await distill(
            "build", "--progress", "plain", "--check=error", "-t", "closure-python", "-f", "\(path)/python", path)
        #expect(silent.succeeded && !silent.errorOutput.contains("Missing"), "\(silent)")
        #expect(try await distill.succeed("run", "--rm", "closure-python").output == "hello from python\n")
    }

    @Test(.requires(.program("g++"))) func cppOnStaticNamesItsLibrary() async throws {
        let path = try distill.context(
            "closure-cpp",
            [
                "static": "FROM distroless/static\nCOPY app /app\nENTRYPOINT [\"/app\"]\n",
                "cc": "FROM distroless/cc\nCOPY app /app\nENTRYPOINT [\"/app\"]\n",
            ])
        try await compile(
            "#include <iostream>\nint main() { std::cout << \"hello from c++\\n\"; }\n", name: "a.cpp", into: path,
            with: "g++")
        let bare = try await distill("build", "--progress", "plain", "-f", "\(path)/static", path)
        #expect(bare.errorOutput.contains("`/app` needs `libstdc++.so.6`"), "\(bare)")
        #expect(bare.errorOutput.contains("which this image does not have: `FROM distroless/cc`\n"), "\(bare)")
        let whole = try await distill("build", "-q", "--check=error", "-t", "closure-cpp", "-f", "\(path)/cc", path)
        #expect(whole.succeeded, "\(whole)")
        #expect(try await distill.succeed("run", "--rm", "closure-cpp").output == "hello from c++\n")
    }

    /// A program that says that it needs glibc 2.99, made by changing a version's name and its hash in a real one.
    @Test(.requires(.program("gcc"))) func aNewerSymbolVersionIsCaught() async throws {
        let path = try distill.context(
            "closure-glibc", ["Dockerfile": "FROM distroless/base-debian12\nCOPY app /app\nENTRYPOINT [\"/app\"]\n"])
        try await compile("#include <stdio.h>\nint main() { puts(\"x\"); }\n", name: "a.c", into: path)
        var bytes = try Files.bytes("\(path)/app")
        let version = Array("GLIBC_2.34\0".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: version) })
        bytes.replaceSubrange(place..<place + version.count, with: Array("GLIBC_2.99\0".utf8))
        try Files.write(bytes, to: "\(path)/app", mode: 0o755)
        let built = try await distill("build", "-q", "--check=error", path)
        #expect(!built.succeeded)
        #expect(
            built.errorOutput.contains(
                "error: MissingSymbolVersion: `/app` needs the symbol version `GLIBC_2.99`, which `libc.so.6` in this image does not have (it ends at `GLIBC_2.36`)"
            ), "\(built)")
    }

    @Test func flagsOfDockerStayFlags() async throws {
        let path = try distill.context("closure-flag", ["Dockerfile": "from scratch\nCOPY a /\n", "a": ""])
        let outcome = try await distill("build", "--check", path)
        #expect(outcome.output.contains("warning"), "\(outcome)")
    }

    @Test func imagesAreCheckedByName() async throws {
        try await distill.succeed("base", "build", "distroless/python3")
        #expect(try await distill.succeed("image", "check", "distroless/python3").output.contains("has what it needs"))
        let outcome = try await distill("image", "check", "--format", "json", "distroless/python3", "/bin/bash")
        #expect(outcome.exitCode == 1)
        #expect(try JSON.parse(outcome.output)["findings"]?.array?.first?["name"]?.string == "MissingProgram")
    }

    /// The tutorial's lesson, told where it was not followed.
    @Test(.requires(.program("busybox")))
    func tellsWhatASecondStageWouldSave() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY busybox large /\nENTRYPOINT [\"/busybox\"]\n"
            ])
            try await distill.addBusybox(to: context)
            try Files.write([UInt8](repeating: 0, count: 5_000_000), to: "\(context)/large")
            let alone = try await distill.succeed("build", "-t", "image", context)
            #expect(alone.errorOutput.contains("/busybox is one static file"), "\(alone)")
            #expect(alone.errorOutput.contains("would be 5MB smaller"), "\(alone)")
            try Files.write(
                "FROM scratch AS build\nCOPY busybox large /\nFROM scratch\nCOPY --from=build /busybox /\nENTRYPOINT [\"/busybox\"]\n",
                to: "\(context)/Dockerfile")
            let staged = try await distill.succeed("build", "-t", "image", context)
            #expect(!staged.errorOutput.contains("static file"), "\(staged)")
        }
    }
}
