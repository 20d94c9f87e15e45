import Bake
import Dockerfile
import OCI
import Testing

/// Expressions → texts; what they come to is what buildx 0.29 shows for the same.
@Suite struct ExpressionTests {
    private static func value(_ expression: String) throws -> String? {
        let file = SourceFile(name: "docker-bake.hcl", text: "target \"t\" {\n  args = { x = \(expression)\n }\n}\n")
        let definition = try BakeDefinition([file], .test)
        return definition.target("t")?.arguments["x"]
    }

    private static let table: [(expression: String, expected: String)] = [
        ("1.50", "1.5"), ("true", "true"), ("1e21", "1000000000000000000000"),
        ("100000000000000000000", "100000000000000000000"),
        ("0.1 + 0.2", "0.3"), ("5 % 3", "2"), ("-(3)", "-3"), ("2 + 3 * 4 - 10 / 4", "11.5"), ("\"${1+1}\"", "2"),
        ("!false && (1 < 2) || false", "true"), ("1 == 1 ? \"a\" : \"b\"", "a"), ("\"1\" == 1", "false"),
        ("join(\",\", [for k, v in {b=1,a=2}: \"${k}=${v}\" if v > 0])", "a=2,b=1"),
        ("jsonencode({for s in [\"a\",\"b\"]: s => upper(s)})", #"{"a":"A","b":"B"}"#),
        ("jsonencode({for s in [\"a\",\"b\",\"a\"]: s => s...})", #"{"a":["a","a"],"b":["b"]}"#),
        ("\"%{ if true ~}  yes %{ else } no %{ endif }\"", "yes "),
        ("\"%{ for x in [\"a\",\"b\"] }${x},%{ endfor }\"", "a,b,"),
        ("\"a$${b}%%{c}$d\"", "a${b}%{c}$d"), (#""tab\tq\"\u00e9\U0001F600""#, "tab\tq\"é😀"),
        ("jsonencode({\"a.b\" = 1, (upper(\"k\")) = 2}[\"K\"])", "2"), ("[1,2][1]", "2"), ("{a={b=\"c\"}}.a.b", "c"),
        ("join(\"-\", setproduct([\"a\",\"b\"],[\"c\"])[*][0])", "a-b"), ("join(\",\", [{n=1},{n=2}].*.n)", "1,2"),
        ("<<-X\n       indented\n         more ${upper(\"x\")}\n       X", "indented\n  more X\n"),
        ("<<X\n a \"q\" \\n\nX", " a \"q\" \\n\n"),
        ("/* c */ 1 # d", "1"), ("max(2, [1,3]...)", "3"),
    ]

    @Test(arguments: table.map(\.expression)) func expressionHasItsValue(_ expression: String) throws {
        let expected = try #require(Self.table.first { $0.expression == expression }?.expected)
        #expect(try Self.value(expression) == expected)
    }

    private static let functions: [(call: String, expected: String)] = [
        (
            "format(\"%05.2f|%-5s|%5d|%q|%v|%x|%s\", 1.234, \"ab\", 42, \"q\", [\"a\",1], 255, true)",
            #"01.23|ab   |   42|"q"|["a",1]|ff|true"#
        ),
        ("jsonencode({b=[1,\"x\",null,true],a={}})", #"{"a":{},"b":[1,"x",null,true]}"#),
        ("substr(\"hello\", 1, -1)", "ello"), ("strlen(\"héé\")", "3"), ("title(\"hello world\")", "Hello World"),
        ("formatdate(\"YYYY-MM-DD'T'hh:mm:ssZ\", \"2020-01-02T03:04:05Z\")", "2020-01-02T03:04:05Z"),
        (
            "formatdate(\"DD MMM YYYY EEEE h:mm aa ZZZ\", \"2020-01-02T13:04:05+02:00\")",
            "02 Jan 2020 Thursday 13:04 pm +0200"
        ),
        ("timeadd(\"2020-01-02T03:04:05Z\", \"1h30m\")", "2020-01-02T04:34:05Z"),
        ("regex_replace(\"abc123\", \"[a-z]+\", \"X\")", "X123"),
        ("regex_replace(\"ab\", \"(a)(b)\", \"$2-$1\")", "b-a"),
        ("regex_replace(\"abc\", \"(?P<n>b)*\", \"<$n>\")", "<>a<b>c<>"),
        ("regex_replace(\"ab\", \"b\", \"$0$$$1x$-\")", "ab$$-"),
        ("jsonencode(regex(\"(?P<y>[0-9]+)-(?P<m>[0-9]+)?\", \"70-\"))", #"{"m":null,"y":"70"}"#),
        ("can(regex(\"(?P<y>a)(b)\", \"ab\"))", "false"),
        ("join(\",\", regex(\"([a-z]+)([0-9]+)\", \"abc12\"))", "abc,12"),
        ("jsonencode(regexall(\"[a-z]\", \"a1b\"))", #"["a","b"]"#), ("split(\",\", \"a,b,c\")[1]", "b"),
        ("sanitize(\"a.b/c\")", "a_b_c"), ("sha1(\"x\")", "11f6ad8ec52a2984abaafd7c3b516503785c2072"),
        ("md5(\"\")", "d41d8cd98f00b204e9800998ecf8427e"), ("base64encode(\"hi\")", "aGk="),
        ("base64decode(\"aGk=\")", "hi"),
        ("urlencode(\"a b/c&d\")", "a+b%2Fc%26d"), ("coalesce(null, \"z\")", "z"), ("can(nope.x) ? \"y\" : \"n\"", "n"),
        ("try([1,2][9], \"fallback\")", "fallback"), ("jsonencode(merge({a=1},{b=2}))", #"{"a":1,"b":2}"#),
        ("jsonencode(range(3))", "[0,1,2]"), ("jsonencode(distinct([\"a\",\"b\",\"a\"]))", #"["a","b"]"#),
        ("jsonencode(chunklist([1,2,3],2))", "[[1,2],[3]]"), ("jsonencode(flatten([[1],[2,[3]]]))", "[1,2,3]"),
        ("jsonencode(csvdecode(\"a,b\\n1,2\\n\"))", #"[{"a":"1","b":"2"}]"#), ("indent(2, \"a\\nb\")", "a\n  b"),
        ("jsonencode(cidrsubnets(\"10.0.0.0/16\", 8, 8))", #"["10.0.0.0/24","10.0.1.0/24"]"#),
        ("cidrhost(\"10.0.0.0/16\", 5)", "10.0.0.5"), ("cidrsubnet(\"10.0.0.0/8\", 8, 2)", "10.2.0.0/16"),
        ("cidrnetmask(\"10.0.0.0/20\")", "255.255.240.0"), ("parseint(\"ff\", 16)", "255"),
        ("jsonencode(slice([\"a\",\"b\",\"c\"],1,2))", #"["b"]"#), ("jsonencode(zipmap([\"a\"],[1]))", #"{"a":1}"#),
        ("log(8,2)", "3"), ("pow(2,10)", "1024"), ("jsonencode(keys({z=1,a=2}))", #"["a","z"]"#),
        ("jsonencode(formatlist(\"%s-%s\", [\"a\",\"b\"], \"x\"))", #"["a-x","b-x"]"#), ("convert(\"1\", number)", "1"),
        ("jsonencode(setunion([\"b\"],[\"a\"]))", #"["a","b"]"#), ("replace(\"a.b\", \".\", \"-\")", "a-b"),
        ("element([\"a\",\"b\"], 3)", "b"), ("lookup({a=\"1\"}, \"b\", \"def\")", "def"),
        ("contains([\"a\"],\"a\")", "true"),
        ("jsonencode(reverselist([1,2]))", "[2,1]"), ("jsonencode(sort([\"b\",\"a\"]))", #"["a","b"]"#),
        ("trim(\"xxaxx\",\"x\")", "a"), ("basename(\"/a/b.c\")", "b.c"), ("dirname(\"/a/b.c\")", "/a"),
        ("indexof([\"a\",\"b\"],\"b\")", "1"),
        ("uuidv5(\"dns\",\"example.com\")", "cfbff0d1-9375-5685-968c-48ce8b15ae17"),
        ("semvercmp(\"1.2.3\", \">= 1.0.0\")", "true"), ("semvercmp(\"1.2.3\", \"~1.3\")", "false"),
        ("timestamp()", "2020-01-02T03:04:05Z"), ("add(123, 1)", "124"),
    ]

    @Test(arguments: functions.map(\.call)) func functionHasItsResult(_ call: String) throws {
        let expected = try #require(Self.functions.first { $0.call == call }?.expected)
        #expect(try Self.value(call) == expected)
    }

    @Test(arguments: [
        ("1 / 0", BakeError.Reason.divisionByZero), ("[1][2]", .noMember("2")),
        ("nope()", .unknownFunction("nope", known: [])),
        ("nope", .unknownVariable("nope", known: [])), ("{a=1}.b", .noMember("b")),
        ("upper([])", .function("upper", .wrongKind(expected: .text, found: .list))),
        ("\"a${[]}\"", .wrongKind(expected: .text, found: .list)), ("upper()", .wrongCount(function: "upper")),
        ("\"\\q\"", .invalidEscape), ("[1, 2", .syntax(expected: "',' or ']'")),
        ("jsondecode(\"{\")", .function("jsondecode", .invalid("{"))),
        ("element([], 0)", .function("element", .outOfRange)), ("range(1e9)", .function("range", .outOfRange)),
        ("format(\"%e\", 1e308 * 10)", .function("format", .outOfRange)),
    ]) func mistakeIsTold(_ expression: String, _ expected: BakeError.Reason) throws {
        let error = try #require(throws: BakeError.self) { try Self.value(expression) }
        switch (error.reason, expected) {
        case (.unknownFunction(let name, _), .unknownFunction(let other, _)): #expect(name == other)
        case (.unknownVariable(let name, _), .unknownVariable(let other, _)): #expect(name == other)
        default: #expect(error.reason == expected)
        }
        #expect(error.range != nil)
    }

    /// A file of a few lines can ask for more than there is.
    @Test func whatIsComputedIsBounded() throws {
        let hostile: [(text: String, reason: BakeError.Reason)] = [
            (String(repeating: "[", count: 100_000), .excess(.depth)),
            (String(repeating: "-", count: 100_000) + "1", .excess(.depth)),
            (String(repeating: "(", count: 60) + "1", .excess(.depth)),
            (String(repeating: "1 + ", count: 20_000) + "1", .excess(.depth)),
            ("a" + String(repeating: ".b", count: 20_000), .excess(.depth)),
            ("\"" + String(repeating: "%{ if true }", count: 60) + "\"", .excess(.depth)),
        ]
        for (text, reason) in hostile {
            let error = try #require(throws: BakeError.self) { try Self.value(text) }
            #expect(error.reason == reason, "\(text.prefix(20))")
        }
        let loops = (0..<9).map { "for i\($0) in range(1000): [" }.joined()
        #expect(throws: BakeError.self) { try Self.value("[" + loops + "1" + String(repeating: "]", count: 10)) }
        let recursive = "function \"f\" {\n params = [x]\n result = f(x)\n}\ntarget \"t\" {\n args = { x = f(1) }\n}\n"
        #expect(throws: BakeError.self) { try BakeDefinition([SourceFile(name: "a.hcl", text: recursive)], .test) }
        let doubling = (1...64).map { "v\($0) = \"${v\($0 - 1)}${v\($0 - 1)}\"\n" }.joined()
        let error = try #require(throws: BakeError.self) {
            try BakeDefinition([SourceFile(name: "a.hcl", text: "v0 = \"0123456789\"\n" + doubling)], .test)
        }
        #expect(error.reason == .excess(.work))
        let sharing = (1...40).map { "v\($0) = [v\($0 - 1), v\($0 - 1)]\n" }.joined()
        let shared = try #require(throws: BakeError.self) {
            try BakeDefinition([SourceFile(name: "a.hcl", text: "v0 = [1]\n" + sharing)], .test)
        }
        #expect(shared.reason == .excess(.work))
        // Functions of functions: each nests thirty times what the one before does.
        let functions = (1...4).map { number in
            let calls = String(repeating: "f\(number - 1)(", count: 30) + "x" + String(repeating: ")", count: 30)
            return "function \"f\(number)\" {\n params = [x]\n result = \(calls)\n}\n"
        }.joined()
        let first = "function \"f0\" {\n params = [x]\n result = [x]\n}\n"
        #expect(throws: BakeError.self) {
            try BakeDefinition([SourceFile(name: "a.hcl", text: first + functions + "v = f4(1)\n")], .test)
        }
        let nesting = (1...2000).map { "v\($0) = [v\($0 - 1)]\n" }.joined()
        #expect(throws: BakeError.self) {
            try BakeDefinition([SourceFile(name: "a.hcl", text: "v0 = 1\n" + nesting)], .test)
        }
    }
}

extension BakeSurroundings {
    static let test = BakeSurroundings(environment: [:], composeEnvironment: [:], now: 1_577_934_245)
}
