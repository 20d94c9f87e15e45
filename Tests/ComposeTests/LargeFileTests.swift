import TestSupport
import Testing

@testable import Compose

/// Files of as many parts as are admitted: none of them costs the square of their number.
@Suite struct LargeFileTests {
    @Test(arguments: ["", "\""]) func aLongCommandIsSplit(quote: String) throws {
        let growth = ProcessorTime.growth(from: 200_000) { size in
            let word = String(repeating: "a", count: size)
            #expect(CommandWords.split(quote + word + quote) == [word])
        }
        #expect(growth < 8)
    }

    private static func file(_ count: Int) -> String {
        let lines = (0..<count).map { "      v\($0): x" }.joined(separator: "\n")
        return "services:\n  a:\n    image: i\n    environment:\n\(lines)\n    labels:\n\(lines)\n"
    }

    @Test func manyVariablesAreReadAndLaidOverOthers() throws {
        let growth = try ProcessorTime.growth(from: 2000) { size in
            let text = Self.file(size)
            let service = try project(text, text).services[0]
            #expect(service.environment.count == size && service.labels.count == size)
        }
        #expect(growth < 8)
    }

    @Test func manyVariablesThatHaveNoValueAreTold() throws {
        let growth = try ProcessorTime.growth(from: 2000) { size in
            var interpolation = Interpolation(variables: [:])
            let text = (0..<size).map { "$a\($0) ${b\($0):-$c\($0)} ${b\($0)+$d\($0)}" }.joined(separator: " ")
            _ = try interpolation.expand(text, at: Place(file: "", line: 1, column: 1))
            #expect(interpolation.unset.count == 2 * size)
            #expect(interpolation.unset.prefix(3) == ["a0", "c0", "a1"])
        }
        #expect(growth < 8)
    }
}
