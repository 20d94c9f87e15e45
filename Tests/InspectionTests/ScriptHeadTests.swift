import Testing

@testable import Inspection

@Suite struct ScriptHeadTests {
    @Test(
        arguments: [
            ("#!/bin/sh\n", "/bin/sh", nil, nil), ("#! /usr/bin/python3 -u \nx", "/usr/bin/python3", "-u", nil),
            ("#!/usr/bin/env python3\n", "/usr/bin/env", "python3", ["python3"]),
            ("#!/usr/bin/env -S python3 -u\n", "/usr/bin/env", "-S python3 -u", ["python3", "-u"]),
            ("#!/usr/bin/env -S A=1 node --x", "/usr/bin/env", "-S A=1 node --x", ["node", "--x"]),
            ("#!/usr/bin/env python3 -u\n", "/usr/bin/env", "python3 -u", ["python3 -u"]),
        ] as [(String, String, String?, [String]?)])
    func readsTheFirstLine(text: String, interpreter: String, argument: String?, program: [String]?) throws {
        let head = try #require(ScriptHead(Array(text.utf8)))
        #expect(head.interpreter == interpreter)
        #expect(head.argument == argument)
        #expect(head.environmentProgram() == program)
    }

    @Test(arguments: ["", "#", "#!", "#!  \n", "print(1)"]) func otherFilesAreNoScripts(text: String) {
        #expect(ScriptHead(Array(text.utf8)) == nil)
    }
}
