import BuildGraph
import Distribution
import OCI
import Rendering
import Solver
import SystemPackage
import TestSupport
import Testing

@testable import distill

/// What a terminal shows of a build, by the emulator pyte, at several widths.
@Suite(.enabled("needs the Python module pyte") { try await Emulator.isThere() }) struct GoldenScreenTests {
    private static func vertex(_ index: Int, _ text: String, of count: Int) -> Vertex {
        Vertex(
            id: Vertex.ID(index: index), parent: nil, operation: .makeDirectory(.root, owner: ""),
            origin: Origin(range: nil, stage: "build", step: index + 1, stepCount: count, text: text))
    }

    private static let vertices = [
        vertex(0, "WORKDIR /src", of: 4),
        vertex(1, "RUN apt-get update && apt-get install -y golang-go ca-certificates git make", of: 4),
        vertex(2, "ADD https://host.example/data/archive.tar.gz /data/", of: 4), vertex(3, "RUN make", of: 4),
    ]

    /// A build of four steps, as the terminal sees it: what is written in the middle and at the end.
    private struct Film {
        var renderer: LiveRenderer
        let start = ContinuousClock.now
        var chunks: [Emulator.Chunk] = []

        init(style: Style) { renderer = LiveRenderer(style: style, start: start) }

        func time(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

        mutating func take(_ kind: BuildEvent.Kind, _ vertex: Int?, at milliseconds: Int) {
            renderer.take(BuildEvent(kind, vertex.map { Vertex.ID(index: $0) }, at: time(milliseconds)))
        }

        mutating func paint(_ columns: Int, at milliseconds: Int) {
            let size = LiveScreen.Size(columns: columns, rows: 20)
            chunks.append(.text(renderer.paint(size: size, at: time(milliseconds)).text))
        }

        /// Up to the middle: one step in the cache, one with output and a bar that is drawn anew, one that fetches.
        mutating func begin(_ columns: Int) {
            take(.planned(vertices), nil, at: 0)
            take(.cached, 0, at: 10)
            take(.started, 1, at: 20)
            take(.started, 2, at: 20)
            paint(columns, at: 100)
            take(.output(Array("Reading package lists...\nunpacking 10%\runpacking 55%\r".utf8)), 1, at: 600)
            take(.progress(label: "archive.tar.gz", completed: 0, total: 24_600_000), 2, at: 20)
            take(.progress(label: "archive.tar.gz", completed: 12_300_000, total: 24_600_000), 2, at: 1020)
            paint(columns, at: 1020)
        }

        mutating func end(_ columns: Int) {
            take(.output(Array("\runpacking 100%\n".utf8)), 1, at: 61_000)
            take(.finished, 1, at: 62_420)
            take(.finished, 2, at: 2_020)
            take(.started, 3, at: 62_420)
            paint(columns, at: 62_900)
            take(.output(Array("make: no rule\n".utf8)), 3, at: 63_000)
            take(.failed, 3, at: 63_100)
            let size = LiveScreen.Size(columns: columns, rows: 20)
            chunks.append(.text(renderer.finish(size: size, at: time(63_200)).text))
        }
    }

    /// Of each width what goes on and what is left, in Fixtures; `RECORD=1` writes them anew.
    @Test(arguments: [40, 80, 200]) func showsABuild(columns: Int) async throws {
        var film = Film(style: .plain)
        film.begin(columns)
        let middle = try await Emulator(columns: columns).screen(film.chunks)
        film.end(columns)
        let end = try await Emulator(columns: columns).screen(film.chunks)
        let shown = (middle + ["--- end"] + end).joined(separator: "\n") + "\n"
        let path = FilePath(#filePath).removingLastComponent().appending("Fixtures/screen-\(columns).txt").string
        if environmentVariable("RECORD") != nil { try Files.write(shown, to: path) }
        let expected = try Files.text(path)
        #expect(shown == expected, "\(shown)")
        // Colours take no columns.
        var colored = Film(style: .colored)
        colored.begin(columns)
        let same = try await Emulator(columns: columns).screen(colored.chunks)
        #expect(same == middle, "\(same.joined(separator: "\n"))")
    }

    /// Made smaller and larger in the middle: what was finished stays, and the end is that of the last size.
    @Test(arguments: [(120, 60), (60, 120)]) func followsTheSize(before: Int, after: Int) async throws {
        var film = Film(style: .colored)
        film.begin(before)
        film.chunks.append(.resize(columns: after))
        film.end(after)
        let lines = try await Emulator(columns: before).screen(film.chunks)
        var straight = Film(style: .colored)
        straight.begin(after)
        straight.end(after)
        #expect(lines == (try await Emulator(columns: after).screen(straight.chunks)))
    }

    /// A line that is as wide as the terminal, and one that is wider than two.
    @Test func neverLeavesRests() async throws {
        for length in [39, 40, 41, 95] {
            var film = Film(style: .plain)
            let long = Self.vertex(0, String(repeating: "x", count: length), of: 1)
            film.take(.planned([long]), nil, at: 0)
            film.take(.started, 0, at: 0)
            film.paint(40, at: 10)
            film.take(.output(Array("\(String(repeating: "y", count: 90))\n".utf8)), 0, at: 20)
            film.paint(40, at: 200)
            film.take(.failed, 0, at: 300)
            film.chunks.append(
                .text(film.renderer.finish(size: LiveScreen.Size(columns: 40, rows: 20), at: film.time(400)).text))
            let text = try await Emulator(columns: 40).screen(film.chunks).joined()
            #expect(!text.contains("running") && !text.contains("building"), "\(text)")
            #expect(text.count { $0 == "x" } == length && !text.contains("y"), "\(text)")
        }
    }
}

/// The terminal emulator pyte, of PyPI.
private struct Emulator {
    enum Chunk {
        case text(String)
        case resize(columns: Int)
    }

    let columns: Int

    private static let program = """
        import json, sys, pyte
        film = json.load(sys.stdin)
        screen = pyte.Screen(film["columns"], 20)
        screen.set_mode(pyte.modes.LNM)
        stream = pyte.Stream(screen)
        for chunk in film["chunks"]:
            if isinstance(chunk, str): stream.feed(chunk)
            else: screen.resize(20, chunk)
        print("\\n".join(line.rstrip() for line in screen.display).rstrip())
        """

    static func isThere() async throws -> Bool {
        try await Command(PythonRegistry.python, ["-c", "import pyte"]).run().succeeded
    }

    /// The lines that stand on the screen, without spaces at their ends.
    func screen(_ chunks: [Chunk]) async throws -> [String] {
        let film: JSON = .object([
            "columns": .integer(Int64(columns)),
            "chunks": .array(
                chunks.map {
                    switch $0 {
                    case .text(let text): .string(text)
                    case .resize(let columns): .integer(Int64(columns))
                    }
                }),
        ])
        let outcome = try await Command(PythonRegistry.python, ["-c", Self.program], input: film.text).run()
        guard outcome.succeeded else { throw Failure(words: outcome.description) }
        return outcome.line.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private struct Failure: Error { let words: String }
}
