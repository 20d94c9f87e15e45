import SystemPackage
import TestSupport
import Testing

@Suite struct SourceTests {
    @Test func filesHoldOneIdea() async throws {
        let maximum = 450
        let files = try await Repository.files(below: "Sources", "Tests", named: "*.swift")
        #expect(files.count > 10)
        for path in files {
            let lines = try Repository.lines(path).count - 1
            #expect(lines <= maximum, "\(path) has \(lines) lines")
        }
    }

    @Test func namesSayTheFieldsWords() async throws {
        let banned = /(Utils?|Commons?|Core|Models?|Errors|Managers?|Helpers?)$/
        for path in try await Repository.files(below: "Sources", "Tests", named: "*") {
            for component in FilePath(path).components {
                let stem = component.stem
                #expect(stem.firstMatch(of: banned) == nil, "\(path)")
            }
        }
        let keywords = ["struct ", "class ", "enum ", "actor ", "protocol ", "typealias "]
        for line in try await SourceLine.all() where keywords.contains(where: line.code.mentions) {
            guard
                let match = line.code.firstMatch(
                    of: /\b(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)/.wordBoundaryKind(.simple))
            else {
                continue
            }
            #expect(match.output.1.firstMatch(of: banned) == nil, "\(line)")
        }
    }

    @Test func codeDoesNotTrap() async throws {
        for line in try await SourceLine.all() {
            for trap in ["try!", "as!", "fatalError(", "preconditionFailure("] {
                #expect(!line.code.mentions(trap), "\(line)")
            }
            if line.target != "LinuxSystem" {
                for loophole in ["@unchecked Sendable", "nonisolated(unsafe)"] {
                    #expect(!line.code.mentions(loophole), "\(line)")
                }
            }
        }
    }

    @Test func swallowedErrorsAreExplained() async throws {
        for line in try await SourceLine.all()
        where line.code.mentions("try?") && line.code.contains(#/\btry\?/#.wordBoundaryKind(.simple)) {
            #expect(line.isExplained, "\(line)")
        }
    }

    /// Whatever is printed goes through the place that writes out controls: what goes around it is known by its file.
    @Test func textReachesTerminalsThroughOnePlace() async throws {
        let known: [(code: String, files: Set<String>)] = [
            (
                "passedOn:",
                [
                    "ShownText.swift", "TerminalText.swift", "StandardStream+ShownText.swift", "PlainRenderer.swift",
                    "LogPrinter.swift", "ManualCommands.swift",
                ]
            ),
            ("write(text:", ["StandardStream.swift", "StandardStream+ShownText.swift", "Terminal.swift"]),
            ("stringLiteral:", ["ShownText.swift"]),
            // Archives.
            ("StandardStream.output.write(", ["OutputFile.swift"]),
            ("StandardStream.error.write(", ["Terminal.swift"]),
        ]
        let prints = ["rint(", "puts(", "printf(", "dump("]
        for line in try await SourceLine.all() where line.target != "TestSupport" {
            let file = line.path.split(separator: "/").last.map(String.init) ?? ""
            for (code, files) in known where line.code.mentions(code) { #expect(files.contains(file), "\(line)") }
            guard prints.contains(where: line.code.mentions) else { continue }
            #expect(
                line.code.firstMatch(of: /(?:^|[^.\w])(?:print|debugPrint|puts|printf|dump)\(/) == nil
                    || line.code.contains("func print("), "\(line)")
        }
    }

    @Test func pureTargetsTouchNothing() async throws {
        let world =
            (/(?:^|[^.\w])(?:print|debugPrint|readLine|getenv)\(|\bCommandLine\b|\b(?:Continuous|Suspending)Clock\b|\.random\(|\.shuffled\(|\bTask\b|\bSystemRandomNumberGenerator\b/)
            .wordBoundaryKind(.simple)
        let signs = ["rint(", "readLine(", "getenv(", "CommandLine", "Clock", "random(", "shuffled(", "Task", "Random"]
        for line in try await SourceLine.all() where DependencyTable.pure.contains(line.target) {
            guard signs.contains(where: line.code.mentions) else { continue }
            #expect(line.code.firstMatch(of: world) == nil, "\(line)")
        }
    }

    @Test func nothingIsLeftForLater() async throws {
        let marks = ["TODO", "FIXME", "XXX", "HACK"]
        for path in try await Repository.files(below: "Sources", "scripts", named: "*") {
            for (index, line) in try Repository.lines(path).enumerated() where marks.contains(where: line.mentions) {
                let words = line.split { !$0.isLetter }.map(String.init)
                #expect(!marks.contains(where: words.contains), "\(path):\(index + 1): \(line)")
            }
        }
    }

    /// Where packages come from is the machine's configuration: no archive's or registry's host stands in the tree.
    @Test func noPackageHostIsNamed() async throws {
        let hosts = (/\b(?:debian|ubuntu|pypi|pythonhosted|npmjs|golang|rubygems|crates)\.(?:org|com|io|net)\b/)
            .wordBoundaryKind(.simple)
        let endings = [".org", ".com", ".io", ".net"]
        for path in try await Repository.files(
            below: "Sources", "Tests", "Examples", "deploy", "docs", "scripts", "README.md", "CONTRIBUTING.md",
            "Package.swift")
        {
            // Cargo writes the name of its default index into every lock file, whatever takes its place.
            if path.hasSuffix("/Cargo.lock") { continue }
            for (index, line) in try Repository.lines(path).enumerated() where endings.contains(where: line.mentions) {
                #expect(line.firstMatch(of: hosts) == nil, "\(path):\(index + 1): \(line)")
            }
        }
    }
}
