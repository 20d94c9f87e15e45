import Dockerfile
import Testing

/// Whatever the bytes, there is a result or a diagnostic.
@Suite struct HostileTests {
    @Test(arguments: 1...8) func parsingNeverTraps(_ seed: UInt64) {
        var mutator = Mutator(seeds: Corpus.stretches, pieces: Corpus.pieces, seed: seed)
        var (parsed, refused) = (0, 0)
        for _ in 0..<10_000 {
            let file = SourceFile(name: "Dockerfile", bytes: mutator.next())
            do throws(DockerfileError) {
                let syntax = try DockerfileSyntax.parse(file)
                parsed += 1
                Self.use(syntax)
            } catch {
                refused += 1
                if !error.diagnostics.allSatisfy({ Self.isSound($0, in: file) }) {
                    Issue.record("\(error) in \(file.bytes)")
                }
            }
        }
        // The mutations are neither all harmless nor all fatal.
        #expect(parsed > 500)
        #expect(refused > 500)
    }

    /// Expands, resolves and orders everything in a syntax.
    private static func use(_ syntax: DockerfileSyntax) {
        let expander = WordExpander(escape: syntax.escape, variables: ["a": "x/y", "LANG": "C", "PORT": "1"])
        let names = syntax.stages.map { (try? expander.expand($0.from.base.text).text) ?? "" }
        let dependencies = StageDependencies(syntax.stages, baseNames: names)
        _ = try? dependencies.reachable(from: syntax.stages.count - 1)
        for instruction in syntax.stages.flatMap(\.instructions) {
            _ = try? expander.expand(instruction.text)
            switch instruction.kind {
            case .run(let run):
                for mount in run.mounts { _ = try? mount.resolve { (word) throws(Diagnostic) in word.text } }
            case .onbuild(let onBuild): _ = try? Instruction.parse(onBuild.trigger)
            case .copy(let copy):
                for source in copy.files.sources { _ = try? PathPattern(source.text).matches("a/b/c".utf8) }
            default: break
            }
        }
    }

    private static func isSound(_ diagnostic: Diagnostic, in file: SourceFile) -> Bool {
        let lines = file.bytes.count { $0 == 0x0A } + 1
        return diagnostic.range.start.line >= 1 && diagnostic.range.start.column >= 1
            && diagnostic.range.start <= diagnostic.range.end && diagnostic.range.end.line <= lines
            && !diagnostic.message.isEmpty
    }

    @Test(arguments: 1...3) func ignoringNeverTraps(_ seed: UInt64) {
        let seeds = IgnoreTests.table.map(\.0)
        let paths = IgnoreTests.table.flatMap { $0.1 + $0.2 }.map { Array($0.utf8) } + [[0xFF], [0x61, 0x2F, 0xC3]]
        var mutator = Mutator(seeds: seeds, pieces: Corpus.pieces, seed: seed)
        for _ in 0..<10_000 {
            let file = SourceFile(name: ".dockerignore", bytes: mutator.next())
            // A refused file is as good a result as any; what counts is that there is one.
            guard let patterns = try? IgnorePatterns(file) else { continue }
            for _ in 0..<4 {
                guard let path = paths.randomElement(using: &mutator.generator) else { continue }
                Self.checkSkipping(patterns, path)
            }
        }
    }

    /// No path below a directory that may be skipped is kept.
    private static func checkSkipping(_ patterns: IgnorePatterns, _ path: [UInt8]) {
        let isKept = !patterns.decision(for: path).isIgnored
        guard isKept, let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return }
        let directory = Array(path[..<slash])
        if patterns.decision(for: directory).isIgnored {
            #expect(
                !patterns.canSkip(directory), "\(path) is kept below \(directory) by \(patterns.patterns.map(\.text))")
        }
    }

    /// Work grows with the size of the input, not with what it holds: each of these once took other programs minutes.
    @Test(arguments: [
        String(repeating: "RUN a \\\n", count: 20_000),
        "FROM a\n" + String(repeating: "ONBUILD ", count: 5000) + "RUN a",
        "FROM a\nCMD " + String(repeating: "[", count: 60_000),
        "FROM a\nENV " + String(repeating: "a=", count: 30_000),
        "FROM a\n" + (0..<2000).map { "RUN cat <<A\($0)\nx\nA\($0)" }.joined(separator: "\n"),
        "FROM a\nRUN " + (0..<3000).map { "<<A\($0)" }.joined(separator: " "),
        (0..<3000).map { "FROM a AS s\($0)\nCOPY --from=s\(($0 + 1) % 3000) a b" }.joined(separator: "\n"),
        "FROM a\nRUN --mount=" + String(repeating: "\"\",", count: 20_000) + "x y",
    ])
    func largeInputsEnd(_ text: String) {
        guard let syntax = try? DockerfileSyntax.parse(SourceFile(name: "f", text: text)) else { return }
        Self.use(syntax)
    }
}
