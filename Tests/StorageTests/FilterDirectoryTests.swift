import Storage
import SystemPackage
import TestSupport
import Testing

@Suite(.needsRoot) struct FilterDirectoryTests {
    @Test func keepsTextsAndNoDamagedOnes() async throws {
        try await withStore { store, directory in
            #expect(store.filters.load("ab") == nil)
            store.filters.keep("ab", "AAAA")
            store.filters.keep("cd", "")
            #expect(store.filters.load("ab") == "AAAA" && store.filters.load("cd") == nil)
            let path = "\(directory)/store/filters/ab"
            let whole = try Files.text(path)
            for damaged in [String(whole.dropLast()), String(whole.dropLast()) + "B", whole + "A", "", "AAAA"] {
                try Files.write(damaged, to: path)
                #expect(store.filters.load("ab") == nil, "\(damaged)")
            }
            store.filters.keep("ab", "BBBB")
            #expect(store.filters.load("ab") == "BBBB")
            _ = try store.prune(.init())
            #expect(store.filters.load("ab") == nil)
        }
    }
}
