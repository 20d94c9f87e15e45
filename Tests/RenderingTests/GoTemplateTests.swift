import OCI
import Testing

@testable import Rendering

@Suite struct GoTemplateTests {
    static let image: JSON = .object([
        "Id": .string("sha256:ab"), "Size": .integer(1_347_584), "RepoTags": .strings(["calc:latest", "calc:1"]),
        "Config": .object([
            "Cmd": .null, "Entrypoint": .strings(["/app", "-v"]),
            "Labels": .object(["b": .string("2"), "a": .string("1")]),
            "User": .string(""),
        ]),
        "Ratio": .number("0.5"), "Local": .bool(true),
    ])

    /// What the go command's text/template prints for the same template and data.
    @Test(arguments: [
        ("plain", "plain"),
        ("{{.Id}}", "sha256:ab"),
        ("{{ .Config.User }}", ""),
        ("{{.Config.Entrypoint}}", "[/app -v]"),
        ("{{.Config.Labels}}", "map[a:1 b:2]"),
        ("{{.Config.Labels.a}}", "1"),
        ("{{.Config.Cmd}}", "[]"),
        ("{{json .Config.Cmd}}", "null"),
        ("{{json .Config.Entrypoint}}", #"["/app","-v"]"#),
        ("{{.Config.Entrypoint | json}}", #"["/app","-v"]"#),
        ("{{json .Id}}", #""sha256:ab""#),
        ("{{len .RepoTags}}", "2"),
        ("{{len .Config.Cmd}}", "0"),
        ("{{len .Id}}", "9"),
        (#"{{index .Config.Labels "a"}}"#, "1"),
        (#"{{index .Config.Labels "none"}}"#, ""),
        ("{{index .RepoTags 1}}", "calc:1"),
        (#"{{(index .RepoTags 0) | upper}}"#, "CALC:LATEST"),
        ("{{range .RepoTags}}<{{.}}>{{end}}", "<calc:latest><calc:1>"),
        ("{{range $i, $t := .RepoTags}}{{$i}}={{$t}};{{end}}", "0=calc:latest;1=calc:1;"),
        ("{{range $k, $v := .Config.Labels}}{{$k}}{{$v}} {{end}}", "a1 b2 "),
        ("{{range .Config.Cmd}}x{{else}}none{{end}}", "none"),
        ("{{range .RepoTags}}{{$.Id}} {{end}}", "sha256:ab sha256:ab "),
        ("{{if .Config.User}}user{{else}}root{{end}}", "root"),
        ("{{if .Config.User}}a{{else if .Local}}b{{else}}c{{end}}", "b"),
        ("{{with .Config}}{{.Entrypoint}}{{end}}", "[/app -v]"),
        ("{{with .Config.User}}{{.}}{{else}}nobody{{end}}", "nobody"),
        ("{{$x := .Id}}{{if .Local}}{{$x = \"new\"}}{{end}}{{$x}}", "new"),
        (#"{{join .RepoTags ", "}}"#, "calc:latest, calc:1"),
        (#"{{split .Id ":"}}"#, "[sha256 ab]"),
        (#"{{index (split .Id ":") 1}}"#, "ab"),
        ("{{lower \"ABC\"}}{{title \"a bc\"}}", "abcA Bc"),
        ("{{println .Id .Size}}", "sha256:ab 1347584\n"),
        (#"{{print 1 2 "a" "b" 3}}"#, "1 2ab3"),
        (#"{{printf "%s is %d bytes" .Id .Size}}"#, "sha256:ab is 1347584 bytes"),
        (
            #"{{printf "%-6s|%6s|%06d|%+d|%x|%X|%q|%t|%.2f|%%" "ab" "cd" 42 7 255 "hi" "x" true .Ratio}}"#,
            "ab    |    cd|000042|+7|ff|6869|\"x\"|true|0.50|%"
        ),
        (#"{{printf "%v" .RepoTags}}"#, "[calc:latest calc:1]"),
        (#"{{.Id | printf "%s-%s" "a"}}"#, "a-sha256:ab"),
        ("a  {{- .Local -}}  b", "atrueb"),
        ("a {{/* a }} comment */}}b", "a b"),
        ("{{- /* x */ -}} b", "b"),
        ("{{if and .Local (gt .Size 1000)}}big{{end}}", "big"),
        ("{{if or .Config.User (eq .Size 1)}}y{{else}}n{{end}}", "n"),
        (
            "{{not .Local}} {{eq .Id \"x\" \"sha256:ab\"}} {{ne 1 2}} {{lt \"a\" \"b\"}} {{le 2 1}} {{ge 1.5 1}}",
            "false true true true false true"
        ),
        ("{{truncate .Id 6}}|{{pad \"x\" 1 2}}|{{slice .Id 7 9}}|{{slice .RepoTags 1}}", "sha256| x  |ab|[calc:1]"),
        ("{{`raw \\n`}}{{\"tab\\t\"}}{{'a'}}", "raw \\ntab\t97"),
        ("{{(.Config).Entrypoint}}", "[/app -v]"),
        ("{{.Config.Entrypoint}}{{\"}}\"}}", "[/app -v]}}"),
        ("{{true}} {{nil | len}}", "true 0"),
        ("}} is text", "}} is text"),
    ])
    func renders(template: String, expected: String) throws {
        #expect(try GoTemplate(parsing: template).render(Self.image) == expected)
    }

    @Test(arguments: [
        ("{{.Id", GoTemplateError.unclosedAction),
        ("{{", .unclosedAction),
        ("{{.Id}", .unexpected("'}'")),
        ("{{\"a}}", .unclosedText),
        ("{{/* a", .unclosedComment),
        ("{{}}", .missingValue),
        ("{{.Id |}}", .missingValue),
        ("{{if .Id}}", .unclosedBlock("if")),
        ("{{range .Id}}{{else}}", .unclosedBlock("range")),
        ("{{end}}", .unexpected("{{end}}")),
        ("{{else}}", .unexpected("{{else}}")),
        ("{{if 1}}{{else}}{{else}}{{end}}", .unexpected("second {{else}}")),
        ("{{Id}}", .unknownFunction("Id")),
        ("{{template \"x\"}}", .unknownFunction("template")),
        ("{{.Id)}}", .unexpected("')'")),
        ("{{(.Id}}", .unexpected("end of the action: ( without )")),
        ("{{'ab'}}", .unexpected("'ab'; quote text with \" or `")),
        ("{{1x}}", .unexpected("'1x'")),
        ("{{.Id .Size}}", .unexpected("value after a value that is no function")),
        ("{{.Missing}}", .unknownField("Missing", available: ["Id", "Size", "RepoTags", "Config", "Ratio", "Local"])),
        ("{{.Id.Part}}", .notAnObject(field: "Part")),
        ("{{.Config.Cmd.Part}}", .notAnObject(field: "Part")),
        ("{{$x}}", .undefinedVariable("x")),
        ("{{$x = 1}}", .undefinedVariable("x")),
        ("{{range .RepoTags}}{{$y := 1}}{{end}}{{$y}}", .undefinedVariable("y")),
        ("{{index .RepoTags 2}}", .outOfRange(index: 2, count: 2)),
        ("{{index .RepoTags -1}}", .outOfRange(index: -1, count: 2)),
        ("{{slice .RepoTags 2 1}}", .outOfRange(index: 2, count: 2)),
        ("{{json}}", .arguments(function: "json", usage: "VALUE")),
        ("{{lower 1}}", .arguments(function: "lower", usage: "TEXT")),
        ("{{pad \"x\" 99999 1}}", .arguments(function: "pad", usage: "TEXT BEFORE AFTER")),
        ("{{printf \"%d\"}}", .arguments(function: "printf", usage: "\"format\" VALUE…")),
        ("{{printf \"%s\" 1 2}}", .arguments(function: "printf", usage: "\"format\" VALUE…")),
        ("{{printf \"%y\" 1}}", .arguments(function: "printf", usage: "\"format\" VALUE…")),
        ("{{printf \"%9999999999d\" 1}}", .arguments(function: "printf", usage: "\"format\" VALUE…")),
        ("{{range .Size}}{{end}}", .arguments(function: "range", usage: "LIST")),
    ])
    func rejects(template: String, error: GoTemplateError) {
        #expect(throws: error) { try GoTemplate(parsing: template).render(Self.image) }
        #expect(!error.description.isEmpty)
    }

    @Test func boundsNesting() {
        let parentheses =
            "{{" + String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000) + "}}"
        #expect(throws: GoTemplateError.tooDeep(limit: 64)) { try GoTemplate(parsing: parentheses) }
        let blocks = String(repeating: "{{if 1}}", count: 10_000)
        #expect(throws: GoTemplateError.tooDeep(limit: 64)) { try GoTemplate(parsing: blocks) }
    }

    @Test func boundsWork() {
        let growing = "{{$x := \"xxxx\"}}" + String(repeating: "{{$x = print $x $x}}", count: 60)
        #expect(throws: GoTemplateError.tooMuch) { try GoTemplate(parsing: growing).render(Self.image) }
        let (begin, end) = ("{{range $.RepoTags}}", "{{end}}")
        let text = String(repeating: "x", count: 1 << 20)
        let loops = String(repeating: begin, count: 40) + text + String(repeating: end, count: 40)
        #expect(throws: GoTemplateError.tooMuch) { try GoTemplate(parsing: loops).render(Self.image) }
    }

    @Test(arguments: [
        (#"a\tb\n"#, "a\tb\n"), (#"a\\b"#, #"a\\b"#), (#"\"#, #"\"#), (#"\x"#, #"\x"#), ("plain", "plain"),
    ])
    func expandsEscapesOfTheShell(text: String, expected: String) {
        #expect(GoTemplate.expandingEscapes(text) == expected)
    }

    @Test func namesTheFieldsThatAreThere() {
        let error = GoTemplateError.unknownField("Nmae", available: ["Name", "Tag"])
        #expect(error.description == "there is no field .Nmae; there are .Name, .Tag")
    }

    /// No text may trap, whatever it is: every cut of a template and every change of one character gives a value or an
    /// error.
    @Test func survivesDamagedTemplates() throws {
        let template =
            #"a {{- range $i, $t := .RepoTags}}{{printf "%-5d|%q" $i ($t | upper)}}{{else if 1.5}}x{{end -}} b"#
        let scalars = Array(template.unicodeScalars)
        var rendered = 0
        for index in scalars.indices {
            for replacement in [nil, "{", "}", "(", "\"", "\\", "%", ".", "$", "-", "\u{1F600}", "9"]
                as [Unicode.Scalar?]
            {
                var damaged = scalars
                if let replacement { damaged[index] = replacement } else { damaged.removeSubrange(index...) }
                var text = String.UnicodeScalarView()
                text.append(contentsOf: damaged)
                do {
                    _ = try GoTemplate(parsing: String(text)).render(Self.image)
                    rendered += 1
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
        #expect(rendered > 0)
    }
}
