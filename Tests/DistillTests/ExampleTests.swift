import Manual
import Testing

@testable import distill

@Suite struct ExampleTests {
    /// No example names a command or an option that the program does not have.
    @Test func everyExampleIsUnderstood() throws {
        let root = try CommandDescription.ofProgram()
        for (path, command) in root.all {
            for example in Example.of(path, command) where !example.line.hasPrefix("|") {
                let words = example.line.split(separator: " ").prefix { $0 != "<" && $0 != "#" }.map(String.init)
                #expect(ArgumentMistake.find(in: words, of: root) == nil, "\(example.line)")
            }
        }
    }
}
