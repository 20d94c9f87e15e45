import Agents
import ArgumentParser
import Diagnosis
import Engine
import LinuxSystem
import OCI
import Rendering
import Testing

@testable import distill

/// What docker's parser (spf13/pflag) makes of words, and ours must.
@Suite struct OptionSpellingTests {
    private func line(_ words: String, in root: any ParsableCommand.Type = Distill.self) -> String {
        let words = words.split(separator: " ", omittingEmptySubsequences: false).map { $0 == "''" ? "" : String($0) }
        do {
            return try NamedCommand.spelledOut(words, in: root).map { $0.isEmpty ? "''" : $0 }.joined(separator: " ")
        } catch let error as InvalidOption { return "error: \(error.name) '\(error.value)': \(error.reason)" } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        ("build --target= .", "build ."), ("build --target '' .", "build ."),
        ("build --platform= --target=x .", "build --target x ."),
        ("build --target=x --target= .", "build ."), ("build --target= --target=x .", "build --target x ."),
        ("build --no-cache=true --pull=false .", "build --no-cache ."),
        ("build --no-cache=T --pull=F .", "build --no-cache ."),
        ("build --pull --pull=0 .", "build ."), ("build --pull=0 --pull=1 .", "build --pull ."),
        ("build --pull= .", "build ."),
        ("build -q=true .", "build --quiet ."), ("build -q=false .", "build ."), ("build -q -q=f .", "build ."),
        ("build --no-cache=yes .", "error: --no-cache 'yes': it is set by true or false"),
        ("build -ta -tb:1 .", "build --tag a --tag b:1 ."), ("build -t=a .", "build --tag a ."),
        ("build -qta .", "build --quiet --tag a ."),
        ("build -qt a .", "build --quiet --tag a ."), ("build --label -x .", "build --label=-x ."),
        ("build -o - .", "build --output - ."),
        ("build --build-arg= .", "build --build-arg '' ."), ("build --build-arg A= .", "build --build-arg A= ."),
        ("build --build-arg=A=1 .", "build --build-arg A=1 ."), ("build . --load=true", "build . --load"),
        ("build --tag", "build --tag"), ("build --frob=true .", "build --frob=true ."),
        ("build -- --pull=false", "build -- --pull=false"),
        ("build --rm=false --force-rm=true .", "build --force-rm ."),
        ("build --compress=1 --memory=1g .", "build --compress --memory 1g ."),
        ("run --rm=true -it=false a --rm=true -x", "run --rm --interactive a --rm=true -x"),
        ("run --entrypoint= a", "run --entrypoint '' a"),
        ("run --entrypoint '' a ''", "run --entrypoint '' a ''"), ("run -eA=b -w/x a", "run --env A=b --workdir /x a"),
        ("run --tty=no a", "error: --tty 'no': it is set by true or false"), ("run a --tty=no", "run a --tty=no"),
        ("run -- a --rm=false", "run -- a --rm=false"), ("run --user= --hostname= a", "run a"),
        ("images --all=true --quiet=false", "images --all"), ("image ls --no-trunc=true", "image ls --no-trunc"),
        ("history --human=false a", "history --no-human a"), ("history -H=false a", "history --no-human a"),
        ("image check --format=json a sh --x=true", "image check --format json a sh --x=true"),
        ("compose -f=a --profile= up --build=true --wait=false", "compose --file a up --build"),
        ("compose --project-name= -fb logs -n5 --follow=true", "compose --file b logs --tail 5 --follow"),
        ("frob --x=true", "frob --x=true"), ("", "''"),
    ])
    func isDockers(words: String, expected: String) { #expect(line(words) == expected) }

    /// A table test that no command escapes: every switch takes every word of Go's, every option an empty value.
    @Test func everyCommandTakesThem() throws {
        var count = 0
        func walk(_ type: any ParsableCommand.Type, _ path: [String]) throws {
            let table = try OptionTable(type)
            for name in table.names where name.hasPrefix("--") {
                guard let option = table[name], !["--help", "--version"].contains(name) else { continue }
                count += 1
                let spelling = OptionSpelling(table: table)
                if option.takesValue {
                    let empty = OptionSpelling.meaningfulWhenEmpty.contains(option.name) ? [option.name, ""] : []
                    #expect(try spelling.rewritten(["\(name)="]).words == empty, "\(path) \(name)")
                    #expect(try spelling.rewritten(["\(name)=-x"]).words == ["\(option.name)=-x"], "\(path) \(name)")
                } else {
                    for word in ["1", "t", "T", "true", "TRUE", "True"] {
                        #expect(try spelling.rewritten(["\(name)=\(word)"]).words == [option.name], "\(path) \(name)")
                    }
                    for word in ["0", "f", "F", "false", "FALSE", "False"] {
                        #expect(
                            try !spelling.rewritten(["\(name)", "\(name)=\(word)"]).words.contains(option.name),
                            "\(path) \(name)")
                    }
                    #expect(throws: InvalidOption.self) { try spelling.rewritten(["\(name)=perhaps"]) }
                }
            }
            for command in type.configuration.subcommands { try walk(command, path + [command._commandName]) }
        }
        try walk(Distill.self, [])
        #expect(count > 150)
    }
}

@Suite struct AnnotationOptionTests {
    private func line(_ notes: () throws -> [ImageAnnotations.Note]) -> String {
        do {
            return try notes().map {
                "\($0.place.rawValue)\($0.platform.map { "[\($0)]" } ?? "") \($0.name)=\($0.value)"
            }.joined(separator: "; ")
        } catch let error as InvalidOption { return "error: \(error.reason)" } catch { return "\(error)" }
    }

    @Test(arguments: [
        ("a=b", "manifest a=b"), ("a=b=c", "manifest a=b=c"), ("a=", "manifest a="),
        ("manifest:a=b:c", "manifest a=b:c"),
        ("index,manifest:a=b", "index a=b; manifest a=b"), ("manifest-descriptor:a=b", "manifest-descriptor a=b"),
        ("manifest[linux/arm64]:a=b", "manifest[linux/arm64] a=b"), ("index-descriptor:a=b", "index-descriptor a=b"),
        ("a", "error: the form is [TYPE:]NAME=VALUE"), ("=", "error: it needs a name"),
        ("index:=b", "error: it needs a name"),
        ("layer:a=b", "error: 'layer' is no type; known are manifest, manifest-descriptor, index, index-descriptor"),
        ("index[linux/arm64]:a=b", "error: an index has no platform"),
        (":a=b", "error: '' is no type; known are manifest, manifest-descriptor, index, index-descriptor"),
        ("manifest[linux:a=b", "error: a platform stands in brackets, as in manifest[linux/arm64]"),
    ])
    func readsTheOption(text: String, expected: String) {
        #expect(line { try AnnotationOption.notes(text) } == expected)
    }

    @Test(arguments: [
        ("type=image,annotation.a.b=c", "manifest a.b=c"), ("type=image,annotation-index.A=c", "index A=c"),
        ("type=oci,annotation[linux/arm/v7].a.b=c", "manifest[linux/arm/v7] a.b=c"),
        ("type=oci,annotation-manifest-descriptor[linux/amd64].a=c", "manifest-descriptor[linux/amd64] a=c"),
        ("type=image,\"annotation.a=b,c\"", "manifest a=b,c"),
        ("type=image,annotation.=c", "error: an annotation needs a name"),
        ("type=image,annotations.a=c", "error: 'annotations.a' means nothing for type=image"),
        (
            "type=image,annotation-frob.a=c",
            "error: 'frob' is no type; known are manifest, manifest-descriptor, index, index-descriptor"
        ),
    ])
    func readsTheOutputsField(text: String, expected: String) {
        #expect(line { try OutputSpecification(parsing: text).annotations } == expected)
    }
}

/// Values of options that are read by functions of our own: whatever they hold, the answer is a value or an error.
@Suite struct OptionValueTests {
    static let values = [
        "", "=", "==", ",", ",,", "=,=", "\"", "\"\"", "\"=", "a\"b,c", "\0", "a\0=b", "a=\0", ":", "::", "/", "-",
        "--", "[", "]:=", "annotation", "annotation.",
        "annotation[", "annotation]", "annotation-[].a=b", "type", "type=", "type=\0", "id=", "id=,src=", "type=oci,=",
        "type=oci,", "type=oci,dest", "name=",
        "type=local,src=", "type=registry,ref=", "label==", "label=", "é=ü,\u{301}", "\u{FFFD}\u{202E}", "%", "{{",
        "{{.", "9223372036854775808", "-1", "1e999",
        "until=", "until=999999999d999999999d", String(repeating: "a", count: 100_000),
        String(repeating: "=", count: 50_000), String(repeating: ",", count: 50_000),
        String(repeating: "[", count: 50_000), String(repeating: "9", count: 400),
    ]

    @Test(arguments: values) func areReadWithoutATrap(value: String) {
        let readers: [() throws -> Any] = [
            { try SecretOption.read([value], HostEnvironment()) },
            { try BuildAgents(options: [value], environment: HostEnvironment()) },
            { try OutputSpecification(parsing: value) },
            { try BuildCachePlace(parsing: value, option: "--cache-from", path: "src") },
            { try AnnotationOption.notes(value) },
            { try BuildCachePlace(parsing: value, option: "--cache-to", path: "dest") },
            { try ContainerWords.resourceLimits([value]) },
            { try ContainerWords.resourceLimits(["nofile=\(value)"]) }, { try CommaSeparated.fields(value, of: "-o") },
            { try ProgressMode(value, quiet: false) },
            { try Platform(parsing: value) }, { try ImageReference(value) },
            { try GoTemplate(parsing: GoTemplate.expandingEscapes(value)) },
            { PruneWords.seconds(value) as Any }, { NamePattern(value).matches("a") },
            { SwitchWord.value(value) as Any },
            {
                try OptionSpelling(table: OptionTable(BuildCommand.self)).rewritten(
                    ["--target", value, value, "--\(value)", "-\(value)"][...])
            },
        ]
        for read in readers {
            do { _ = try read() } catch { #expect(ErrorReport(error) != nil, "\(error)") }
        }
    }
}
