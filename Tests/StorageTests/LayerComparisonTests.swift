import Archive
import LinuxSystem
import OCI
import Storage
import TestSupport
import Testing

/// Where two layers part. Owners and devices need root.
@Suite(.needsRoot) struct LayerComparisonTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        let first: @Sendable (inout TarBuilder) -> Void
        let second: @Sendable (inout TarBuilder) -> Void
        let difference: String?
        var testDescription: String { what }

        init(
            _ what: String, _ difference: String?, _ first: @escaping @Sendable (inout TarBuilder) -> Void,
            _ second: @escaping @Sendable (inout TarBuilder) -> Void
        ) { (self.what, self.difference, self.first, self.second) = (what, difference, first, second) }
    }

    private static let cases = [
        Case("nothing", nil, { $0.add("a", content: "x") }, { $0.add("a", content: "x") }),
        Case(
            "one more", "/b onlyInFirst",
            {
                $0.add("a")
                $0.add("b")
            }, { $0.add("a") }),
        Case(
            "one less", "/b onlyInSecond", { $0.add("a") },
            {
                $0.add("a")
                $0.add("b")
            }),
        Case("kinds", "/a kind", { $0.add("a") }, { $0.add("a", .directory, mode: 0o755) }),
        Case(
            "devices", "/a kind", { $0.add("a", .characterDevice) { ($0.deviceMajor, $0.deviceMinor) = (1, 3) } },
            { $0.add("a", .characterDevice) { ($0.deviceMajor, $0.deviceMinor) = (1, 5) } }),
        Case("modes", "/a mode(420, 493)", { $0.add("a") }, { $0.add("a", mode: 0o755) }),
        Case("owners", "/a owner(\"0:0\", \"7:8\")", { $0.add("a") }, { $0.add("a") { ($0.uid, $0.gid) = (7, 8) } }),
        Case("bytes", "/d/a content(offset: 2)", { $0.add("d/a", content: "xyz") }, { $0.add("d/a", content: "xya") }),
        Case("lengths", "/a size(3, 2)", { $0.add("a", content: "xyz") }, { $0.add("a", content: "xy") }),
        Case(
            "links", "/a linkTarget(\"b\", \"c\")", { $0.add("a", .symbolicLink, link: "b") },
            { $0.add("a", .symbolicLink, link: "c") }),
        Case(
            "the same links", nil, { $0.add("a", .symbolicLink, link: "b") }, { $0.add("a", .symbolicLink, link: "b") }),
        Case(
            "attributes", "/a extendedAttributes", { $0.add("a") },
            { $0.add("a") { $0.extendedAttributes = [.init(name: "user.x", value: [1])] } }),
        Case(
            "times", "/a modified(1700000000, 1500000000)", { $0.add("a") },
            { $0.add("a") { $0.modified = TarTimestamp(seconds: 1_500_000_000) } }),
        Case(
            "times above the latest", nil, { $0.add("a") },
            { $0.add("a") { $0.modified = TarTimestamp(seconds: 1_900_000_000) } }),
        Case(
            "a directory's own before what is below", "/d/z mode(420, 384)",
            {
                $0.add("d", .directory, mode: 0o755)
                $0.add("d/e/x")
                $0.add("d/z")
            },
            {
                $0.add("d", .directory, mode: 0o755)
                $0.add("d/e/x", mode: 0o600)
                $0.add("d/z", mode: 0o600)
            }),
    ]

    @Test(arguments: cases) func findsTheFirst(_ testCase: Case) async throws {
        try await withStore { store, _ in
            let layers = [try store.addLayer(testCase.first), try store.addLayer(testCase.second)]
            let found = try store.firstDifference(between: layers[0], and: layers[1], latest: 1_700_000_000)
            #expect(found.map { "\($0.path) \($0.kind)" } == testCase.difference)
            #expect(try store.firstDifference(between: layers[0], and: layers[0], latest: .max) == nil)
        }
    }
}
