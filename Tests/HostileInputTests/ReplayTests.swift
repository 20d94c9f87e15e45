import HostileInput
import TestSupport
import Testing

/// Every seed, and every input that fuzzing found a fault with, is read again: the directories of `Corpus` are named like the readers.
@Suite(.timeLimit(.minutes(5))) struct ReplayTests {
    private static let corpus = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Corpus"

    private func inputs(of reader: ForeignReader) async throws -> [String] {
        let found = try await Command("find", ["\(Self.corpus)/\(reader.name)", "-type", "f"]).run()
        return found.output.split(separator: "\n").map(String.init).sorted()
    }

    @Test(arguments: ForeignReader.all.map(\.name)) func endsWithEveryInput(name: String) async throws {
        let reader = try #require(ForeignReader.named(name))
        let paths = try await inputs(of: reader)
        #expect(!paths.isEmpty, "there is no seed for \(name)")
        for path in paths {
            let bytes = try Files.bytes(path)
            reader.read(bytes)
            // Cut, and with a byte changed, at places that differ for every input.
            var generator = SeededGenerator(seed: bytes.count)
            for _ in 0..<20 {
                reader.read(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator))))
                reader.read(generator.damage(bytes))
            }
        }
    }

    @Test func readersHaveNamesOfTheirOwn() {
        #expect(Set(ForeignReader.all.map(\.name)).count == ForeignReader.all.count)
        #expect(ForeignReader.all.count > 30)
    }
}
