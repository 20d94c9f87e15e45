extension ParserTests {
    static let copies: [ParserCase] = [
        ParserCase(
            "COPY with every flag",
            """
            FROM a
            COPY --from=0 --chown=1:2 --chmod=u+x --link --parents=TRUE --exclude=*.o --exclude=x ["a b", "c/"]
            COPY --link=false a b c/
            COPY -- a b
            COPY "--from=x y" --chown='1 2' a b
            """,
            """
            1:1-1:7 FROM "a"
            2:1-2:100 COPY "a b" -> "c/" chown="1:2" chmod="u+x" exclude="*.o" exclude="x" from="0" linked parents
            3:1-3:25 COPY "a" "b" -> "c/"
            4:1-4:12 COPY "a" -> "b"
            5:1-5:36 COPY "\\"--from=x" "y\\"" "--chown='1" "2'" "a" -> "b"
            """),
        ParserCase(
            "ADD with every flag",
            """
            FROM a
            ADD --checksum=sha256:00 --keep-git-dir --unpack=false --link --chown=a --chmod=0 --exclude=b https://x.example/y /z
            ADD --keep-git-dir=false --unpack a b
            """,
            """
            1:1-1:7 FROM "a"
            2:1-2:117 ADD "https://x.example/y" -> "/z" chown="a" chmod="0" exclude="b" checksum="sha256:00" git-dir=kept unpack=never linked
            3:1-3:38 ADD "a" -> "b" git-dir=dropped unpack=always
            """),
        ParserCase(
            "files from here-documents",
            """
            FROM a
            COPY <<one <<-"two" x /dir/
            1 $A
            one
            \t\t2
            \ttwo
            USER u
            """,
            """
            1:1-1:7 FROM "a"
            2:1-6:4 COPY "x" <<one "1 $A\\n">> <<two literal "2\\n">> -> "/dir/"
            7:1-7:7 USER "u"
            """),
    ]

    static let runs: [ParserCase] = [
        ParserCase(
            "RUN with every flag",
            """
            FROM a
            RUN --mount=type=cache,target=/c --mount="type=bind,\\"source=a,b\\",ro" --network=none --security=insecure make
            RUN ["a"]
            RUN
            """,
            """
            1:1-1:7 FROM "a"
            2:1-2:111 RUN shell "make" mount(type=cache,target=/c) mount(type=bind,source=a,b,ro) network=none security=insecure
            3:1-3:10 RUN exec ["a"]
            4:1-4:4 RUN shell ""
            """),
        ParserCase(
            "scripts",
            "FROM a\nRUN <<EOF\n#!/bin/x\n# kept \\\nEOF\nRUN cat <<A - <<-'B' > x\n$a\nA\n\tb\n\tB\nRUN echo 'it' \"<<EOF\" 1 << 2\nRUN 3<<EOF cat\nEOF",
            """
            1:1-1:7 FROM "a"
            2:1-5:4 RUN script EOF "#!/bin/x\\n# kept \\\\\\n"
            6:1-10:2 RUN shell "cat <<A - <<-'B' > x\\n$a\\nA\\n\\tb\\nB"
            11:1-11:29 RUN shell "echo 'it' \\"<<EOF\\" 1 << 2"
            12:1-13:4 RUN shell "3<<EOF cat\\nEOF"
            """),
        ParserCase(
            "an open quote hides a here-document", "FROM a\nRUN echo it's <<EOF\nUSER u",
            """
            1:1-1:7 FROM "a"
            2:1-2:20 RUN shell "echo it's <<EOF"
            3:1-3:7 USER "u"
            """),
    ]
}
