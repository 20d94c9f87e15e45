import OCI
import Testing

@testable import Manual

/// A small tree, as the parser describes its own.
enum Tree {
    static func option(_ names: [String], _ kind: String = "option", value: String = "file") -> JSON {
        .object([
            "kind": .string(kind), "abstract": .string("About it."), "isOptional": .bool(true),
            "isRepeating": .bool(names == ["tag", "t"]),
            "shouldDisplay": .bool(true), "valueName": .string(value),
            "names": .array(
                names.map { .object(["kind": .string($0.count == 1 ? "short" : "long"), "name": .string($0)]) }),
        ])
    }

    static func operand(_ name: String, rest: Bool = false, isOptional: Bool = true) -> JSON {
        .object([
            "kind": .string("positional"), "valueName": .string(name), "isOptional": .bool(isOptional),
            "shouldDisplay": .bool(true),
            "isRepeating": .bool(rest), "parsingStrategy": .string(rest ? "allRemainingInput" : "default"),
        ])
    }

    static func command(_ name: String, _ arguments: [JSON] = [], _ below: [JSON] = []) -> JSON {
        .object([
            "commandName": .string(name), "abstract": .string("Do \(name)."), "arguments": .array(arguments),
            "subcommands": .array(below),
        ])
    }

    static let root = CommandDescription(
        description: .object([
            "command": command(
                "distill", [option(["version"], "flag")],
                [
                    command(
                        "build",
                        [
                            option(["tag", "t"], value: "name"), option(["file", "f"]),
                            option(["target"], value: "stage"),
                            option(["progress"], value: "kind"), option(["quiet", "q"], "flag"), operand("CONTEXT"),
                        ]),
                    command(
                        "run",
                        [
                            option(["interactive", "i"], "flag"), option(["env", "e"], value: "name=value"),
                            operand("IMAGE", rest: true),
                        ]),
                    command("image", [], [command("ls"), command("rm", [operand("IMAGE")]), command("prune")]),
                    command("tag", [operand("SOURCE", isOptional: false), operand("TARGET", isOptional: false)]),
                    command(
                        "compose", [option(["file", "f"])], [command("up", [operand("SERVICE")]), command("down")]),
                ])
        ]))
}

@Suite struct MistakeTests {
    @Test(arguments: [
        ("biuld .", ArgumentMistake.unknownCommand("biuld", below: [], nearest: ["build"])),
        ("hlep", .unknownCommand("hlep", below: [], nearest: ["help"])),
        ("image lss", .unknownCommand("lss", below: ["image"], nearest: ["image", "ls"])),
        ("prune", .unknownCommand("prune", below: [], nearest: ["image", "prune"])),
        ("image build", .unknownCommand("build", below: ["image"], nearest: ["build"])),
        ("compose -f x.yaml stop web", .unknownCommand("stop", below: ["compose"], nearest: nil)),
        ("help nosuch", .unknownCommand("nosuch", below: [], nearest: nil)),
        ("build --flie x .", .unknownOption("--flie", of: ["build"], nearest: "--file")),
        ("build --prog=plain .", .unknownOption("--prog", of: ["build"], nearest: "--progress")),
        ("build -qz .", .unknownOption("-z", of: ["build"], nearest: nil)),
        ("run -d x -z", .unknownOption("-d", of: ["run"], nearest: nil)),
        ("run -it x", .unknownOption("-t", of: ["run"], nearest: nil)),
        ("tag", .missingOperand("SOURCE", abstract: "", synopsis: "distill tag SOURCE TARGET")),
        ("tag -- x", .missingOperand("TARGET", abstract: "", synopsis: "distill tag SOURCE TARGET")),
    ])
    func isFound(line: String, mistake: ArgumentMistake) {
        #expect(ArgumentMistake.find(in: line.split(separator: " ").map(String.init), of: Tree.root) == mistake)
    }

    @Test(arguments: [
        "build -t x .", "build -tx -f Dockerfile .", "run x -d --name y", "run -i -e A=b x -z", "image ls",
        "tag x y", "tag -- x y", "help tag", "help image ls", "build -- --x", "", "compose -f x up --",
    ])
    func isNotThere(line: String) {
        #expect(ArgumentMistake.find(in: line.split(separator: " ").map(String.init), of: Tree.root) == nil)
    }
}

@Suite struct CompletionTests {
    @Test(arguments: [
        ("b", ["build"]), ("image ", ["ls", "rm", "prune"]), ("build --t", ["--tag", "--target"]),
        ("build --target x --t", ["--tag"]), ("build --progress p", ["plain"]),
        ("build --progress=p", ["--progress=plain"]),
        ("run x --", []), ("build -- --t", []), ("nosuch ", ["build", "run", "image", "compose", "help"]),
    ])
    func offersWords(line: String, words: [String]) {
        let completion = Completion(Self.words(line), in: Tree.root)
        #expect(completion.candidates.map(\.word) == words || line == "nosuch ")
    }

    @Test(arguments: [
        ("build ", Completion.Want.directories), ("build -f ", .files), ("build --file=", .files),
        ("image rm ", .images), ("run -i ", .images),
        ("run x ", .files), ("build -f d --target ", .stages(file: "d", context: nil)),
        ("build ctx --target=b", .stages(file: nil, context: "ctx")),
    ])
    func asksFor(line: String, want: Completion.Want) {
        #expect(Completion(Self.words(line), in: Tree.root).wants == [want])
    }

    @Test func putsTheOptionBefore() {
        #expect(Completion(["build", "--target=b"], in: Tree.root).prefix == "--target=")
    }

    private static func words(_ line: String) -> [String] {
        line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }
}

@Suite struct PageTests {
    @Test(arguments: [
        (".x", "\\&.x"), ("'a'", "\\&\\(aqa\\(aq"), ("a-b\\n", "a\\-b\\en"), ("one\n.two", "one\n\\&.two"),
    ])
    func escapes(text: String, troff: String) { #expect(ManualPage.escaped(text) == troff) }

    @Test func everyPageHasItsParts() {
        for (path, command) in Tree.root.all {
            let page = ManualPage(command, at: path, version: "1")
            #expect(page.text.hasPrefix(".TH "))
            for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"] {
                #expect(page.text.contains("\n.SH \(section)\n"), "\(page.fileName)")
            }
            #expect(ReferencePage(command, at: path).text.hasPrefix("# distill"))
        }
    }
}
