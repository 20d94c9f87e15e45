import Testing

@testable import Compose

@Suite struct InterpolationTests {
    private static let place = Place(file: "compose.yaml", line: 1, column: 1)
    private static let variables = ["SET": "value", "EMPTY": "", "N1": "one"]

    @Test(arguments: [
        ("plain", "plain"), ("$SET", "value"), ("${SET}", "value"), ("a${SET}b", "avalueb"), ("$SET$N1", "valueone"),
        ("$$SET", "$SET"), ("$${SET}", "${SET}"), ("${SET:-d}", "value"), ("${SET-d}", "value"), ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""), ("${NONE:-d}", "d"), ("${NONE-d}", "d"), ("${NONE-}", ""), ("${SET:+r}", "r"),
        ("${EMPTY:+r}", ""),
        ("${EMPTY+r}", "r"), ("${NONE+r}", ""), ("${NONE:-${SET}}", "value"), ("${NONE:-a${NONE:-b}c}", "abc"),
        ("${SET:?m}", "value"), ("${EMPTY?m}", ""), ("${NONE:-a b:c}", "a b:c"), ("${NONE:-$$}", "$"), ("$NONE", ""),
        // Marks that begin no variable.
        ("$", "$"), ("^/api$", "^/api$"), ("$1", "$1"), ("a $ b", "a $ b"), ("x$%", "x$%"), ("$$$SET", "$value"),
        ("${NONE-$}", "$"), ("$\u{e9}", "$\u{e9}"),
        // Braces within words.
        ("${SET:-{}}", "value"), ("${NONE:-{}}", "{}"), (#"${SET:-{"a":"b"}}"#, "value"),
        (#"${NONE:-{"a":{"b":1}}}"#, #"{"a":{"b":1}}"#), ("${NONE-{x}y}-${SET+{z}}", "{x}y-{z}"),
        ("${SET:-}}", "value}"),
        ("${NONE:-{}", "{"), ("${NONE:-{${SET}}}", "{value}"),
    ])
    func expands(text: String, expected: String) throws {
        var interpolation = Interpolation(variables: Self.variables)
        #expect(try interpolation.expand(text, at: Self.place) == expected)
    }

    @Test(arguments: [
        "${", "${}", "${SET", "${SET:", "${SET:-d", "${1}", "${SET!}", "${SET:d}", "${SET:-${}}", "${SET:-{",
        "${ SET }",
    ])
    func refuses(text: String) {
        var interpolation = Interpolation(variables: Self.variables)
        #expect(throws: ComposeError(Self.place, .invalidInterpolation(text))) {
            try interpolation.expand(text, at: Self.place)
        }
    }

    @Test(arguments: [("${NONE:?say it}", "say it"), ("${NONE?}", ""), ("${EMPTY:?it is $SET}", "it is value")])
    func requires(text: String, message: String) {
        var interpolation = Interpolation(variables: Self.variables)
        let name = text.contains("NONE") ? "NONE" : "EMPTY"
        #expect(throws: ComposeError(Self.place, .requiredVariable(name, message: message))) {
            try interpolation.expand(text, at: Self.place)
        }
    }

    @Test func tellsWhatIsNotSet() throws {
        var interpolation = Interpolation(variables: Self.variables)
        _ = try interpolation.expand("$A ${B} ${C:-c} $A ${SET:-$D} ${E:+$F}", at: Self.place)
        #expect(interpolation.unset == ["A", "B"])
    }

    @Test func leavesKeysAlone() throws {
        var interpolation = Interpolation(variables: ["X": "1"])
        let node = try interpolation.expand(ComposeNode(parsing: "$X: [$X, {a: $X}]", file: "f"))
        #expect(node["$X"]?.content != nil)
        #expect(try node["$X"]?.items("x").first?.text("x") == "1")
    }

    @Test func survivesDepth() {
        var interpolation = Interpolation(variables: [:])
        let text = String(repeating: "${A:-", count: 5000) + String(repeating: "}", count: 5000)
        #expect(throws: ComposeError.self) { try interpolation.expand(text, at: Self.place) }
    }
}

@Suite struct DotEnvironmentTests {
    @Test func readsEveryForm() throws {
        let text = """
            # a comment
            A=1
            export B = two words  # and a comment
            C='$A # literal'
            D="$A\\tx\\n\\"q\\" \\$A"
            E=
            F
              G=${A}-${B:-x}
            H="two
            lines"
            I=a#b
            J: by a colon
            K='it\\'s \\n'
            L=a$
            """
        let variables = try DotEnvironment(parsing: text, file: ".env", known: ["OUTER": "o"]).variables
        let lines = variables.map { "\($0.name)=\($0.value ?? "(none)")" }
        #expect(
            lines == [
                "A=1", "B=two words", "C=$A # literal", "D=1\tx\n\"q\" $A", "E=", "F=(none)", "G=1-two words",
                "H=two\nlines", "I=a#b", "J=by a colon", "K=it's \\n", "L=a$",
            ])
    }

    /// Each line is twice as long as the one before; those up to the 21st are longer than 16 MiB together.
    private static let growing = "A=xxxxxxxxxxxxxxxx\n" + String(repeating: "A=$A$A\n", count: 40)

    @Test(arguments: [
        ("A=1\n=2", 2, 1), ("A B", 1, 3), ("A='open", 1, 3), ("1A=x", 1, 1), ("A=${", 1, 1), (growing, 21, 1),
    ])
    func tellsWhere(text: String, line: Int, column: Int) {
        let error = #expect(throws: ComposeError.self) { try DotEnvironment(parsing: text, file: ".env", known: [:]) }
        #expect(error?.place == Place(file: ".env", line: line, column: column))
    }
}

/// Files of `run --env-file`; the rows are what docker's command line makes of them.
@Suite struct PlainEnvironmentTests {
    @Test(
        arguments: [
            ("A=1\nB=2", ["A=1", "B=2"]), ("\u{FEFF}A=1", ["A=1"]), ("A=1\r\nB=\r\n", ["A=1", "B="]),
            ("  A= x \n\t# no\n#B=1\n\n", ["A= x "]), ("A=\"$B\" # c", ["A=\"$B\" # c"]),
            ("A=b=c", ["A=b=c"]), ("A", ["A"]), ("a.b-c/d=1", ["a.b-c/d=1"]), ("", []),
        ] as [(String, [String])])
    func reads(text: String, expected: [String]) throws {
        let variables = try DotEnvironment(plain: text, file: "e").variables
        #expect(variables.map { $0.name + ($0.value.map { "=\($0)" } ?? "") } == expected)
    }

    @Test(arguments: [("A=1\n=2", 2), ("A B=1", 1), ("A =1", 1), ("\n\nA\t=1", 3), ("A=\0", 1)])
    func tellsWhere(text: String, line: Int) {
        let error = #expect(throws: ComposeError.self) { try DotEnvironment(plain: text, file: "e") }
        #expect(error?.place == Place(file: "e", line: line, column: 1))
    }
}
