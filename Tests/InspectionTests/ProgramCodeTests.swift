import OCI
import Testing

@testable import Inspection

/// What compiled programs say: the instructions of Java, and the dynamic sections of ELF files.
@Suite struct ProgramCodeTests {
    typealias End = JavaCode.HandlerEnd

    /// The instructions of a handler, and what it comes to; a call of the seventh entry ends the program.
    static let handlers: [(code: [UInt8], takesAll: Bool, end: End)] = [
        ([0x4C, 0xB1], false, .goesOn), ([0x4C, 0xBB, 0, 1, 0x59, 0xBF], false, .throwsAgain(5)),
        ([0x04, 0xB8, 0, 7, 0xB1], false, .exits), ([0x03, 0xB8, 0, 7, 0xB1], false, .goesOn),
        ([0x2B, 0xC6, 0, 4, 0x2B, 0xBF], true, .throwsAgain(5)), ([0x2B, 0xC6, 0, 4, 0x2B, 0xBF], false, .goesOn),
        ([0xA7, 0, 4, 0xB1, 0xBF], false, .throwsAgain(4)), ([0xA7, 0xFF, 0xFF], false, .goesOn), ([], false, .goesOn),
    ]

    @Test(arguments: handlers.indices) func handlersAreFollowed(index: Int) {
        let (code, takesAll, end) = Self.handlers[index]
        #expect(JavaCode.end(ofHandler: 0, in: code[...], takesAll: takesAll) { $0 == 7 } == end)
    }

    /// Code, the arguments of the program, and what is called or ends it then: calls of `exit` give their status, negative.
    static let ways: [(code: [UInt8], arguments: [String]?, calls: [Int])] = [
        ([0x2A, 0x03, 0x32, 0x12, 5, 0xB6, 0, 9, 0x99, 0, 6, 0xB8, 0, 10, 0xB1], ["serve"], [9, 10]),
        ([0x2A, 0x03, 0x32, 0x12, 5, 0xB6, 0, 9, 0x99, 0, 6, 0xB8, 0, 10, 0xB1], ["job"], [9]),
        ([0x2A, 0x03, 0x32, 0x12, 5, 0xB6, 0, 9, 0x99, 0, 6, 0xB8, 0, 10, 0xB1], nil, [9]),
        ([0x2A, 0xBE, 0x9A, 0, 7, 0x04, 0xB8, 0, 11, 0xB1], [], [11, -1]),
        ([0x2A, 0xBE, 0x9A, 0, 7, 0x04, 0xB8, 0, 11, 0xB1], ["x"], []), ([0x04, 0xB8, 0, 11, 0xB1], [], [11]),
        (
            [
                0x05, 0xAA, 0, 0, 0, 0, 0, 26, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 26, 0, 0, 0, 23, 0xB8, 0, 10, 0xB1,
            ], [], [10]
        ),
        ([0x01, 0xC7, 0, 6, 0xB8, 0, 10, 0xB1], [], [10]), ([0x01, 0xC6, 0, 6, 0xB8, 0, 10, 0xB1], [], []),
        ([0xAA, 0xFF, 0xFF], [], []), ([0x05, 0xAB, 0, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF], [], []),
    ]

    @Test(arguments: ways.indices) func waysAreChosenByWhatIsKnown(index: Int) {
        let row = Self.ways[index]
        let names = JavaMachine.Names(
            text: { $0 == 5 ? "serve" : nil },
            member: { index in
                switch index {
                case 9: ("java/lang/String", "equals", "(Ljava/lang/Object;)Z")
                case 10: ("a/B", "run", "()V")
                case 11: ("java/lang/System", "exit", "(I)V")
                default: nil
                }
            },
            result: { $0.receiver.isKnown ? .number($0.receiver == $0.values[0] ? 1 : 0) : .unknown })
        let locals = row.arguments.map { [0: JavaMachine.Value.texts($0)] } ?? [:]
        let calls = JavaCode(row.code[...], names, locals: locals).uses.compactMap { item -> Int? in
            switch item.use {
            case .call(let index, _): index
            case .ends(let end): -end.status
            default: nil
            }
        }
        #expect(calls == row.calls)
    }

    /// A folder counts where an archive's manifest names it with a stroke behind it.
    @Test(arguments: ["classes/", "classes", "./classes/"]) func foldersOfClassesEndInAStroke(entry: String) throws {
        let manifest = Array("Manifest-Version: 1.0\nClass-Path: \(entry)\n\n".utf8)
        let tree = ImageTree(layers: [
            MemoryLayer([
                "/srv/app.jar": .file(zip([("META-INF/MANIFEST.MF", manifest)])), "/srv/classes/a/B.class": .text("x"),
            ])
        ])
        var classes = JavaClasses(tree, release: 17)
        try classes.add(file: try #require(ImagePath("/srv/app.jar")))
        #expect(try (classes.find("a/B") != nil) == entry.hasSuffix("/"))
    }

    /// What the last call is given by the one before it.
    static let calls: [(code: [UInt8], source: JavaCode.Given.Source?)] = [
        ([0x12, 5, 0x03, 0xBD, 0, 2, 0xB8, 0, 9, 0xB8, 0, 10], .init(call: 9, constant: 5)),
        ([0x12, 5, 0xB8, 0, 9, 0x4C, 0x2B, 0xB6, 0, 10], .init(call: 9, constant: 5)),
        ([0x12, 5, 0xB8, 0, 9, 0x4C, 0x2B, 0xC6, 0, 3, 0x2B, 0xB6, 0, 10], nil),
        ([0x12, 5, 0xB8, 0, 9, 0x12, 6, 0xB6, 0, 10], nil), ([0xB8, 0, 9, 0xB8, 0, 10], nil),
    ]

    @Test(arguments: calls.indices) func callsTellWhatTheyAreGiven(index: Int) throws {
        let (code, source) = Self.calls[index]
        let last = try #require(JavaCode(code[...]).uses.last)
        guard case .call(10, let given) = last.use else {
            Issue.record("\(last.use)")
            return
        }
        #expect(given.source == source)
    }

    /// An ELF file with a dynamic section: tags with the texts or numbers that belong to them.
    private static func linked(_ entries: [(tag: UInt64, text: String, value: UInt64)], loader: String?) -> [UInt8] {
        func word(_ value: Int, _ width: Int = 8) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        var strings: [UInt8] = [0]
        var table: [UInt8] = []
        let base = 64 + 3 * 56
        for (tag, text, value) in entries {
            table += word(Int(tag)) + word(text.isEmpty ? Int(value) : strings.count)
            if !text.isEmpty { strings += Array(text.utf8) + [0] }
        }
        let interpreter = strings.count
        strings += Array((loader ?? "").utf8) + [0]
        let start = base + strings.count
        table += word(5) + word(base) + word(10) + word(strings.count) + word(0) + word(0)
        func segment(_ type: Int, _ offset: Int, _ size: Int) -> [UInt8] {
            word(type, 4) + word(4, 4) + word(offset) + word(offset) + word(offset) + word(size) + word(size) + word(8)
        }
        var header = staticProgram()
        (header[16], header[24], header[32], header[54], header[56]) = (3, 1, 64, 56, 3)
        if loader == nil { header[56] = 2 }
        return header + segment(1, 0, start + table.count) + segment(2, start, table.count)
            + segment(3, base + interpreter, (loader ?? "").utf8.count + 1) + strings + table
    }

    static let links: [(entries: [(tag: UInt64, text: String, value: UInt64)], errors: [String])] = [
        ([(1, "liba.so", 0)], []), ([(1, "libgone.so", 0)], ["MissingLibraries"]),
        ([(0x7FFF_FFFF, "libgone.so", 0)], ["MissingLibraries"]), ([(0x7FFF_FFFD, "libgone.so", 0)], []),
        ([(1, "liba.so", 0), (0x6FFF_FFFB, "", 0x800)], ["MissingLibraries"]),
        ([(1, "liba.so", 0), (0x6FFF_FFFB, "", 0x800), (29, "/usr/lib", 0)], []),
        ([(1, "libother.so", 0)], ["MissingLibraries"]),
    ]

    @Test(arguments: links.indices) func linksAreFollowed(index: Int) throws {
        let (entries, errors) = Self.links[index]
        let library = Self.linked([], loader: nil)
        var other = library
        // FreeBSD's.
        other[7] = 9
        var foreign = staticProgram()
        foreign[7] = 9
        let files: [String: MemoryLayer.Item] = [
            "/lib64/ld-linux-x86-64.so.2": .program(library), "/usr/lib/liba.so": .program(library),
            "/usr/lib/libother.so": .program(other), "/foreign": .program(foreign),
            "/app": .program(Self.linked(entries, loader: "/lib64/ld-linux-x86-64.so.2")),
        ]
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.entrypoint = ["/app"]
        let tree = ImageTree(layers: [MemoryLayer(files)])
        let report = try ClosureCheck.run(config, tree)
        #expect(report.findings.filter { $0.severity == .error }.map(\.name) == errors, "\(report.findings)")
        config.container.entrypoint = ["/foreign"]
        #expect(try ClosureCheck.run(config, tree).findings.map(\.name) == ["NoProgram"])
    }
}
