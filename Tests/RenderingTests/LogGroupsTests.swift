import Testing

@testable import Rendering

@Suite struct LogGroupsTests {
    @Test(arguments: [
        (["GITHUB_ACTIONS": "true"], LogGroups.Host.github), (["GITLAB_CI": "true"], .gitlab),
        (["CI": "true"], nil), (["GITHUB_ACTIONS": ""], nil),
    ])
    func isFound(environment: [String: String], host: LogGroups.Host?) {
        #expect(LogGroups.Host(environment: environment) == host)
    }

    @Test func marksOfGitHub() {
        var groups = LogGroups(host: .github)
        #expect(groups.write("#1 CACHED\n", of: 1) == "#1 CACHED\n")
        #expect(groups.begin(2, "#2 RUN a", at: 5) == "::group::#2 RUN a\n")
        #expect(groups.write("x\n", of: 2) == "x\n")
        #expect(groups.end(2, at: 6) == "::endgroup::\n")
        #expect(groups.finish(at: 7) == "")
    }

    @Test func marksOfGitLab() {
        var groups = LogGroups(host: .gitlab)
        #expect(
            groups.begin(2, "#2 RUN a", at: 5) == "\u{1B}[0Ksection_start:5:distill_2\r\u{1B}[0K#2 RUN a\n")
        #expect(groups.end(2, at: 6) == "\u{1B}[0Ksection_end:6:distill_2\r\u{1B}[0K\n")
    }

    /// Groups do not overlap: what happens beside an open one is shown after it, whole and in its order.
    @Test func oneFollowsTheOther() {
        var groups = LogGroups(host: .github)
        var log = groups.begin(1, "one", at: 1)
        log += groups.begin(2, "two", at: 2)
        log += groups.write("2a\n", of: 2)
        log += groups.write("1a\n", of: 1)
        log += groups.write("3 CACHED\n", of: 3)
        log += groups.end(2, at: 3)
        log += groups.begin(4, "four", at: 3)
        log += groups.write("1b\n", of: 1)
        log += groups.end(1, at: 4)
        log += groups.write("4a\n", of: 4)
        log += groups.finish(at: 5)
        #expect(
            log.text
                == "::group::one\n1a\n1b\n::endgroup::\n::group::two\n2a\n::endgroup::\n3 CACHED\n::group::four\n4a\n::endgroup::\n"
        )
    }
}

@Suite struct LineTests {
    @Test(arguments: [
        ("step", "1.2s", 12, "step    1.2s"), ("a long step", "1.2s", 13, "a long … 1.2s"),
        ("a long step", "1.2s", 14, "a long s… 1.2s"), ("step", "", 12, "step"), ("step", "1.2s", 6, "step …"),
    ])
    func hasItsEndOnTheRight(left: ShownText, right: ShownText, columns: Int, line: ShownText) {
        #expect(TerminalText.line(left, right: right, columns: columns) == line)
    }

    /// A bar is drawn again and again on a line that does not end.
    @Test func barsAreSeenBeforeTheirLineEnds() {
        var splitter = LineSplitter()
        #expect(splitter.take(Array("10%\r20%\r".utf8)) == [])
        #expect(splitter.unfinished == "20%")
        #expect(splitter.take(Array("30%".utf8)) == [])
        #expect(splitter.unfinished == "30%")
        #expect(splitter.take(Array("\r\nnext".utf8)) == ["30%"])
        #expect(splitter.unfinished == "next")
        var long = LineSplitter()
        let bar = Array("\r[=======>    ]".utf8)
        for _ in 0..<2000 { #expect(long.take(bar).isEmpty) }
        #expect(long.finish() == "[=======>    ]")
    }
}
