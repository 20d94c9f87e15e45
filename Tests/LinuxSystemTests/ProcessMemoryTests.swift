import Testing

@testable import LinuxSystem

@Suite struct ProcessMemoryTests {
    /// Code comes again from its file, and what was written to was never given away.
    @Test func whatIsGivenBackComesAgain() throws {
        let squares = (0..<10_000).map { $0 * $0 }
        var lost = [UInt8](repeating: 7, count: 8 << 20)
        lost = []
        for _ in 0..<3 {
            ProcessMemory.release()
            #expect(squares == (0..<10_000).map { $0 * $0 } && lost.isEmpty)
            // Through tables that relocation wrote to, and through data that does not stand in the file.
            #expect(!ProcessFacts.kernelRelease.isEmpty)
            #expect(ProcessFacts.processorCount > 0)
        }
    }
}
