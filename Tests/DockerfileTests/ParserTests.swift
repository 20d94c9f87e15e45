import Dockerfile
import Testing

/// A Dockerfile and what is read from it.
struct ParserCase: CustomTestStringConvertible {
    let name: String
    let text: String
    let expected: String

    init(_ name: String, _ text: String, _ expected: String) {
        (self.name, self.text, self.expected) = (name, text, expected)
    }

    var testDescription: String { name }
}

@Suite struct ParserTests {
    @Test(arguments: lexing + forms + copies + runs) func parses(_ example: ParserCase) {
        #expect(dump(example.text) == example.expected)
    }

    static let lexing: [ParserCase] = [
        ParserCase(
            "continuations, comments and blank lines",
            "FROM a\nRUN one \\\n  # comment\n\n  two \\  \n\tthree\nUSER u",
            """
            1:1-1:7 FROM "a"
            2:1-6:7 RUN shell "one   two \\tthree"
            7:1-7:7 USER "u"
            """),
        ParserCase(
            "an escaped mark does not continue", "FROM a\nRUN dir c:\\\\\nUSER u",
            """
            1:1-1:7 FROM "a"
            2:1-2:13 RUN shell "dir c:\\\\\\\\"
            3:1-3:7 USER "u"
            """),
        ParserCase(
            "backtick", "# escape=`\nFROM a\nRUN dir c:\\ `\n  /s\nENV a=b`\" c=`` d=x`",
            """
            # escape=`
            2:1-2:7 FROM "a"
            3:1-4:5 RUN shell "dir c:\\\\   /s"
            5:1-5:20 ENV "a"="b`\\"" "c"="``" "d"="x"
            """),
        ParserCase(
            "BOM, interpreter line, carriage returns",
            "\u{FEFF}#!/usr/bin/env x\r\n# syntax = docker/dockerfile:1 \r\nfrom a\r\nRuN b\\\r\n c\r\n",
            """
            # syntax=docker/dockerfile:1
            3:1-3:7 FROM "a"
            4:1-5:3 RUN shell "b c"
            """),
        ParserCase(
            "an unknown directive ends directives", "# thing=1\n# escape=`\nFROM a\nRUN a \\\n b",
            """
            3:1-3:7 FROM "a"
            4:1-5:3 RUN shell "a  b"
            """),
        ParserCase(
            "all directives", "#SYNTAX=x\n  # Check=skip=all\n# escape = \\\nFROM a",
            """
            # syntax=x
            # check=skip=all
            # escape=\\
            4:1-4:7 FROM "a"
            """),
        ParserCase(
            "comment descriptions",
            "# version the version\nARG version=1 other\n# final\n# build builds\nFROM a AS Build",
            """
            2:1-2:20 ARG "version"="1" — the version "other"
            5:1-5:16 FROM "a" as build — builds
            """),
        ParserCase(
            "the end of the file continues nothing", "FROM a\nRUN b \\",
            """
            1:1-1:7 FROM "a"
            2:1-2:8 RUN shell "b"
            """),
    ]

    static let forms: [ParserCase] = [
        ParserCase(
            "JSON and what looks like it",
            """
            FROM a
            CMD ["a", "b\\u0020c"]
            CMD [ a, b ]
            ENTRYPOINT []
            CMD ["a"] trailing
            CMD
            SHELL ["/bin/bash", "-c"]
            VOLUME ["/a b", " /c "]
            VOLUME /a /b
            """,
            """
            1:1-1:7 FROM "a"
            2:1-2:22 CMD exec ["a", "b c"]
            3:1-3:13 CMD shell "[ a, b ]"
            4:1-4:14 ENTRYPOINT exec []
            5:1-5:19 CMD shell "[\\"a\\"] trailing"
            6:1-6:4 CMD shell ""
            7:1-7:26 SHELL ["/bin/bash", "-c"]
            8:1-8:24 VOLUME "/a b" "/c"
            9:1-9:13 VOLUME "/a" "/b"
            """),
        ParserCase(
            "pairs",
            """
            FROM a
            ENV a=1 b="two three" 'c d'=x\\ y e=
            ENV name  value = with  'quotes'
            LABEL "com.example"=v
            ARG a b=c d="e f"
            """,
            """
            1:1-1:7 FROM "a"
            2:1-2:36 ENV "a"="1" "b"="\\"two three\\"" "'c d'"="x\\\\ y" "e"=""
            3:1-3:33 ENV legacy "name"="value = with  'quotes'"
            4:1-4:22 LABEL "\\"com.example\\""="v"
            5:1-5:18 ARG "a" "b"="c" "d"="\\"e f\\""
            """),
        ParserCase(
            "single words",
            """
            FROM --platform=$BUILDPLATFORM a:1@sha256:x
            USER me : you
            WORKDIR /a b
            STOPSIGNAL SIGTERM
            MAINTAINER Me <me@example.com>
            EXPOSE 80 90-92/udp  $P
            """,
            """
            1:1-1:44 FROM "a:1@sha256:x" platform="$BUILDPLATFORM"
            2:1-2:14 USER "me : you"
            3:1-3:13 WORKDIR "/a b"
            4:1-4:19 STOPSIGNAL "SIGTERM"
            5:1-5:31 MAINTAINER "Me <me@example.com>"
            6:1-6:24 EXPOSE "80" "90-92/udp" "$P"
            """),
        ParserCase(
            "health checks",
            """
            FROM a
            HEALTHCHECK none
            HEALTHCHECK --interval=1m30s --timeout=.5s --start-period=0s --start-interval=5ms --retries=3 CMD curl -f x
            HEALTHCHECK cmd ["a", "b"]
            """,
            """
            1:1-1:7 FROM "a"
            2:1-2:17 HEALTHCHECK none
            3:1-3:108 HEALTHCHECK shell "curl -f x" interval=90000000000 timeout=500000000 start-interval=5000000 retries=3
            4:1-4:27 HEALTHCHECK exec ["a", "b"]
            """),
        ParserCase(
            "triggers", "FROM a\nONBUILD run  --mount=target=/x make\nONBUILD COPY --nope a b\nONBUILD RUN <<E\nx\nE",
            """
            1:1-1:7 FROM "a"
            2:1-2:36 ONBUILD "run  --mount=target=/x make"
            3:1-3:24 ONBUILD "COPY --nope a b"
            4:1-6:2 ONBUILD "RUN <<E\\nx\\nE"
            warning 3:14-3:20 UnknownFlag: unknown flag --nope for COPY
            """),
    ]
}
