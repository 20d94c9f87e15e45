import OCI
import TestSupport
import Testing

/// Options as scripts that were written for docker give them.
@Suite(.requires(.root)) struct OptionTests {
    /// Each builds as if it were not there.
    @Test(arguments: [
        ["--target="], ["--target", ""], ["--platform="], ["--no-cache=true"], ["--no-cache=false"], ["--pull=false"],
        ["--pull="], ["--load=true"], ["--rm"], ["--rm=true"],
        ["--rm=false"], ["--force-rm"], ["--force-rm=1"], ["--annotation=a=b"], ["--annotation", "index:a=b"],
        ["--quiet=T"], ["--progress="],
        ["--network="], ["--iidfile="], ["--metadata-file="], ["--output="], ["--secret="], ["--ssh="],
        ["--cache-from="], ["--no-cache-filter="],
        ["--compress"], ["--memory=1g"], ["--cpu-shares", "2"], ["--builder=x"], ["--disable-content-trust=false"],
        ["--check=false"], ["--provenance=0"], ["--sbom=f"],
        ["--shm-size="], ["-ta"], ["-t=a"], ["--keep-failed=false"], ["--reproducible=F"], ["--file="],
    ])
    func buildTakes(options: [String]) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.build("FROM scratch\nCOPY f /d", files: ["f": ""], options: options)
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(try await distill.succeed("images", "-q").output.split(separator: "\n").count == 1)
        }
    }

    @Test(arguments: [
        (["build", "-t", "x"], "CONTEXT"), (["build", "--jobs", "0", "context"], "--jobs '0'"),
        (["build", "--jobs", "-1", "context"], "--jobs '-1'"),
        (["build", "--no-cache-filter", "nosuch", "context"], "nosuch"),
        (["build", "--no-cache-filter", "buidl", "context"], "did you mean build"),
        (["build", "--no-cache-filter", "7", "context"], "'7'"),
        (["build", "--no-cache=yes", "context"], "--no-cache 'yes'"),
        (["build", "--target=nosuch", "context"], "nosuch"), (["build", "--annotation", "x", "context"], "NAME=VALUE"),
        (["build", "--secret", "=", "context"], "--secret '='"),
        (["build", "--secret", "id=a,sorce=b", "context"], "sorce"),
        (["build", "--tag=", "context"], "empty"), (["images", "--filter", "label=="], "label=NAME"),
        (["images", "--filter", "dangling=perhaps"], "dangling"),
        (["run", "-w", "rel", "x"], "absolute"), (["run", "--tty=no", "x"], "--tty 'no'"),
    ])
    func refusesWithASentence(arguments: [String], words: String) async throws {
        try await Distill.withStore { distill in
            _ = try distill.context(["Dockerfile": "FROM scratch AS build\nCOPY f /\n", "f": ""])
            let made = try await distill.succeed("build", "-q", "-t", "x", "context")
            #expect(made.succeeded)
            let outcome = try await distill.command(arguments).run()
            #expect(outcome.exitCode != 0 && outcome.exitCode < 128, "\(outcome)")
            #expect(outcome.errorOutput.hasPrefix("distill: ") && outcome.errorOutput.contains(words), "\(outcome)")
            #expect(outcome.sentences.count == 1, "\(outcome)")
        }
    }

    @Test(arguments: ["dockerfile", "Containerfile"])
    func findsTheFileUnderItsOtherNames(name: String) async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([name: "FROM scratch\nCOPY f /\n", "f": ""])
            try await distill.succeed("build", "-q", context)
            try Files.write("FRBO", to: "\(context)/Dockerfile")
            #expect(
                try await distill("build", "-q", context).errorOutput.contains("Dockerfile:1:1"),
                "the usual name comes first")
        }
    }

    @Test func executesTheStagesOfAFilter() async throws {
        try await Distill.withStore { distill in
            let files = [
                "Dockerfile": "FROM scratch AS one\nCOPY f /\nFROM scratch AS Two\nCOPY --from=one f /\nCOPY f /g\n",
                "f": "",
            ]
            let context = try distill.context(files)
            try await distill.succeed("build", "-q", context)
            for (filter, cached) in [("one", 2), ("0", 2), ("TWO", 1), ("1", 1), ("one,two", 0)] {
                let text = try await distill.succeed(
                    "build", "--progress", "plain", "--no-cache-filter", filter, context
                ).text
                #expect(text.components(of: "CACHED") == cached, "\(filter): \(text)")
            }
        }
    }

    @Test(.requires(.program("skopeo"))) func annotatesImages() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY f /\n", "f": ""])
            func raw(_ place: String) async throws -> JSON {
                let outcome = try await Command(
                    "skopeo", ["inspect", "--raw", place], workingDirectory: distill.directory
                ).run()
                try outcome.mustSucceed()
                return try JSON.parse(outcome.output)
            }
            try await distill.succeed(
                "build", "-q", "-t", "one", "--annotation", "a=b", "--annotation=manifest:c=d", context)
            try await distill.succeed("save", "--format", "oci", "-o", "one.tar", "one")
            let manifest = try await raw("oci-archive:one.tar")
            #expect(manifest["annotations"] == .object(["a": .string("b"), "c": .string("d")]))
            try await distill.succeed(
                "build", "-q", "-t", "two", "--platform", "linux/amd64,linux/arm64", "--annotation",
                "index,manifest-descriptor:a=b",
                "--output", "type=image,annotation-manifest[linux/arm64].C=d", context)
            try await distill.succeed("save", "--format", "oci", "-o", "two.tar", "two")
            for place in ["oci-archive:two.tar"] {
                let index = try await raw(place)
                #expect(index["annotations"] == .object(["a": .string("b")]))
                #expect(
                    index["manifests"]?.array?.map { $0["annotations"] } == [
                        .object(["a": .string("b")]), .object(["a": .string("b")]),
                    ])
                let digests = index["manifests"]?.array?.compactMap { $0["digest"]?.string } ?? []
                let members = try await Command(
                    "tar", ["-xOf", "two.tar"] + digests.map { "blobs/sha256/" + $0.dropFirst("sha256:".count) },
                    workingDirectory: distill.directory
                ).run()
                #expect(members.output.components(of: "\"C\":\"d\"") == 1, "\(members)")
            }
            // What was loaded is what was saved.
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            try await other.succeed("load", "-i", "two.tar")
            try await other.succeed("save", "--format", "oci", "-o", "again.tar", "two")
            #expect(try await raw("oci-archive:again.tar")["annotations"] == .object(["a": .string("b")]))
            try await distill.succeed(
                "build", "-q", "--annotation", "index:a=b", "-o", "type=oci,dest=three.tar", context)
            #expect(
                try await raw("oci-archive:three.tar")["annotations"] == .object(["a": .string("b")]),
                "an index is made for it")
            #expect(try await distill.succeed("system", "check").output.contains("nothing is wrong"))
        }
    }

    /// Every option of every command, with values that mean nothing: a sentence or a result, never a signal.
    @Test(.requires(.patience)) func noValueEndsItBySignal() async throws {
        try await Distill.withStore { distill in
            _ = try distill.context(["Dockerfile": "FROM scratch AS build\nCOPY f /\n", "f": ""])
            try await distill.succeed("build", "-q", "-t", "x", "context")
            let dump = try JSON.parse(try await distill.succeed("--experimental-dump-help").output)
            var options: [(path: [String], option: String)] = []
            func collect(_ command: JSON, _ path: [String]) {
                for argument in command["arguments"]?.array ?? [] where argument["kind"]?.string == "option" {
                    if let name = argument["preferredName"], let text = name["name"]?.string {
                        options.append((path, (name["kind"]?.string == "long" ? "--" : "-") + text))
                    }
                }
                for child in command["subcommands"]?.array ?? [] {
                    collect(child, path + [child["commandName"]?.string ?? ""])
                }
            }
            collect(dump["command"] ?? .null, [])
            #expect(options.count > 100)
            let values = ["", "=", ",", "\"=,", "type=,", "label==", "-", String(repeating: "=,\"", count: 1500)]
            // Some wait for a server that is not there: several at a time, so that the others need not.
            var calls = options.filter { !$0.path.isEmpty }.flatMap { option in
                // A server whose option is as good as not there goes on.
                values.filter { option.path != ["serve"] || !$0.isEmpty }.map { (option.path, option.option, $0) }
            }[...]
            await withTaskGroup(of: Void.self) { group in
                func next() {
                    guard let (path, option, value) = calls.popFirst() else { return }
                    group.addTask { await Self.expectNoSignal(path, option, value, distill) }
                }
                for _ in 0..<8 { next() }
                for await _ in group { next() }
            }
        }
    }

    private static func expectNoSignal(_ path: [String], _ option: String, _ value: String, _ distill: Distill) async {
        let arguments = path + ["\(option)=\(value)"] + Self.arguments(of: path)
        let outcome = try? await distill.command(arguments, environment: ["PATH": "/nonexistent"]).run()
        #expect(
            (0..<128).contains(outcome?.exitCode ?? -1),
            "\(path) \(option) '\(value.prefix(20))' \(outcome?.exitCode ?? -1)")
        #expect(outcome?.errorOutput.contains("Fatal error") == false, "\(path) \(option) '\(value.prefix(20))'")
    }

    /// What a command needs to come so far as to read its options' values.
    private static func arguments(of path: [String]) -> [String] {
        switch path {
        case ["build"]: ["context"]
        case ["check"]: ["context/Dockerfile"]
        case ["run"], ["save"], ["inspect"], ["history"], ["push"], ["image", "save"], ["image", "inspect"],
            ["image", "history"], ["image", "sbom"], ["image", "check"]:
            ["x"]
        case ["pull"]: ["127.0.0.1:9/x"]
        case ["login"]: ["127.0.0.1:9"]
        case ["explain"]: ["x"]
        case ["why"], ["diff"]: ["x", "x"]
        case ["image", "copy"]: ["127.0.0.1:9/x", "127.0.0.1:9/y"]
        case ["compose"]: ["config"]
        case ["manifest", "annotate"]: ["x", "x"]
        case ["system", "prune"]: ["--force"]
        case let path where path.first == "base": path.last == "why" ? ["nosuch", "x"] : ["nosuch"]
        default: []
        }
    }
}

extension String {
    /// How often a text stands in it.
    func components(of text: String) -> Int { ranges(of: text).count }
}
