import TestSupport
import Testing

@testable import Debian

/// An index from short lines: `name version; Field: value; …`.
func index(_ lines: String) -> PackageIndex {
    var reader = PackageIndexReader(architecture: "amd64")
    let digest = String(repeating: "0", count: 64)
    for line in lines.split(separator: "\n") {
        let parts = line.split(separator: ";").map { $0.trimmingSpaces }
        let head = parts[0].split(separator: " ")
        var text = "Package: \(head[0])\nVersion: \(head[1])\n"
        for field in parts.dropFirst() { text += field + "\n" }
        text += "Filename: pool/\(head[0]).deb\nSize: 1\nSHA256: \(digest)\n\n"
        Array(text.utf8).withUnsafeBytes { _ = reader.consume($0) }
    }
    return reader.finish()
}

extension Substring {
    fileprivate var trimmingSpaces: String { String(drop { $0 == " " }) }
}

struct ResolverCase: Sendable, CustomTestStringConvertible {
    let name: String
    let packages: String
    let request: String
    /// `name=version` of the whole set, or nil if there is none.
    let expected: String?

    init(_ name: String, _ packages: String, _ request: String, _ expected: String?) {
        (self.name, self.packages, self.request, self.expected) = (name, packages, request, expected)
    }

    var testDescription: String { name }
}

let resolverCases: [ResolverCase] = [
    .init("the latest version", "a 1\na 3\na 2", "a", "a=3"),
    .init("a constraint", "a 1\na 3\na 2", "a (<< 3)", "a=2"),
    .init("a chain", "a 1; Depends: b\nb 1; Pre-Depends: c (>= 2)\nc 2", "a", "a=1 b=1 c=2"),
    .init("a cycle", "a 1; Depends: b\nb 1; Depends: a", "a", "a=1 b=1"),
    .init("the first alternative", "a 1; Depends: x | y\nx 1\ny 1", "a", "a=1 x=1"),
    .init("an alternative that exists", "a 1; Depends: x | y\ny 1", "a", "a=1 y=1"),
    .init("an alternative that is chosen already", "a 1; Depends: x | y\nx 1\ny 1", "a, y", "a=1 y=1"),
    .init(
        "an alternative that something later needs", "a 1; Depends: x | y, b\nb 1; Depends: y\nx 1\ny 1", "a",
        "a=1 b=1 y=1"),
    .init("a virtual package", "a 1; Depends: mta\nz 1; Provides: mta\nb 1; Provides: mta", "a", "a=1 b=1"),
    .init(
        "a provider of higher priority",
        "a 1; Depends: mta\nz 1; Provides: mta; Priority: standard\nb 1; Provides: mta", "a", "a=1 z=1"),
    .init("a real package before a virtual one", "a 1; Depends: m\nb 1; Provides: m\nm 1", "a", "a=1 m=1"),
    .init(
        "a versioned provision",
        "a 1; Depends: m (>= 2)\nb 1; Provides: m\nc 1; Provides: m (= 1)\nd 1; Provides: m (= 2)", "a", "a=1 d=1"),
    .init("an unversioned provision of a versioned need", "a 1; Depends: m (>= 2)\nb 1; Provides: m", "a", nil),
    .init("a conflict goes around", "a 1; Depends: x | y\nx 1; Conflicts: a\ny 1", "a", "a=1 y=1"),
    .init("breaks of an old version", "a 2; Breaks: b (<< 2)\nb 1\nb 2", "a, b", "a=2 b=2"),
    .init("an older version because of breaks", "a 1\nb 2; Breaks: a\nb 1", "a, b", "a=1 b=1"),
    .init(
        "a conflict with a virtual package but not with itself",
        "a 1; Provides: m; Conflicts: m\nb 1; Provides: m; Conflicts: m", "a, b", nil),
    .init("its own virtual conflict", "a 1; Provides: m; Conflicts: m", "a", "a=1"),
    .init(
        "going back over a choice",
        "a 1; Depends: x | y, b\nx 1; Depends: c (= 1)\ny 1\nb 1; Depends: c (= 2)\nc 1\nc 2", "a", "a=1 b=1 c=2 y=1"),
    .init(
        "a deep dead end", "a 1; Depends: x | y\nx 1; Depends: p\np 1; Depends: q\nq 1; Depends: nothing\ny 1", "a",
        "a=1 y=1"),
    .init("any architecture of an allowed package", "a 1; Depends: p:any\np 1; Multi-Arch: allowed", "a", "a=1 p=1"),
    .init("any architecture of another package", "a 1; Depends: p:any\np 1", "a", nil),
    .init("another architecture's package", "a 1; Depends: b\nb 1; Architecture: arm64", "a", nil),
    .init("nothing", "a 1; Depends: b", "a", nil),
    .init("a request with alternatives", "b 1", "a | b", "b=1"),
    .init("folded fields", "a 1; Depends: b,\n c 1", "a", nil),
]

@Suite struct ResolverTests {
    @Test(arguments: resolverCases) func `A set is found, or none`(_ sample: ResolverCase) throws {
        let resolver = Resolver(index: index(sample.packages))
        let request = try Dependency.parse(sample.request, architecture: "amd64")
        guard let expected = sample.expected else {
            #expect(throws: DebianError.self) { try resolver.resolve(request) }
            return
        }
        #expect(try resolver.resolve(request).packages.map(\.label).joined(separator: " ") == expected)
    }

    @Test func `A missing package is explained by who needs it`() {
        let resolver = Resolver(index: index("a 1; Depends: b\nb 2; Depends: c (>= 3)\nc 1"))
        let steps: [Unsolvable.Step] = [
            .init(package: nil, relation: "a"), .init(package: "a=1", relation: "b"),
            .init(package: "b=2", relation: "c (>= 3)"),
        ]
        #expect(throws: DebianError.noSolution(Unsolvable(steps: steps, reason: .otherVersions(["c=1"])))) {
            try resolver.resolve(names: ["a"])
        }
        #expect(throws: DebianError.unknownPackage("zz")) { try resolver.resolve(names: ["zz"]) }
    }

    @Test func `A conflict is explained by both sides`() {
        let resolver = Resolver(index: index("a 1; Depends: x\nb 1; Depends: y\nx 1\ny 1; Conflicts: x"))
        let expected = Unsolvable(
            steps: [.init(package: nil, relation: "b"), .init(package: "b=1", relation: "y")],
            reason: .conflict(
                candidate: "y=1", with: "x=1", relation: "x",
                because: [.init(package: nil, relation: "a"), .init(package: "a=1", relation: "x")]))
        #expect(throws: DebianError.noSolution(expected)) { try resolver.resolve(names: ["a", "b"]) }
    }

    @Test func `Every package of a set has a reason`() throws {
        let resolution = try Resolver(index: index("a 1; Depends: b | z\nb 2; Depends: c\nc 1")).resolve(names: ["a"])
        #expect(
            resolution.why("c") == [
                .init(package: nil, relation: "a"), .init(package: "a=1", relation: "b | z"),
                .init(package: "b=2", relation: "c"),
            ])
        #expect(resolution.why("z") == nil)
    }

    @Test func `Excluded packages are never chosen`() throws {
        let packages = index("a 1; Depends: x | y\nx 1\ny 1")
        #expect(
            try Resolver(index: packages, excluding: ["x"]).resolve(names: ["a"]).packages.map(\.name) == ["a", "y"])
    }

    @Test func `A hopeless search ends`() {
        let many = (0..<60).map {
            "c\($0) 1; Provides: v\nd\($0) 1; Provides: v; Depends: v\($0)\ne\($0) 1; Provides: v\($0)\nf\($0) 1; Provides: v\($0)"
        }
        let packages =
            "a 1; Depends: v, " + (0..<60).map { "v\($0)" }.joined(separator: ", ") + ", p, q\np 1; Conflicts: q\nq 1\n"
        #expect(throws: DebianError.self) {
            try Resolver(index: index(packages + many.joined(separator: "\n"))).resolve(names: ["a"])
        }
    }
}

@Suite struct PackageIndexTests {
    private static let text = """
        Package: one
        Version: 1
        Architecture: amd64
        Essential: yes
        Description: left out
         continued
        Depends: two,
         three
        Filename: pool/one.deb
        Size: 10
        SHA256: \(String(repeating: "a", count: 64))

        Package: foreign
        Version: 1
        Architecture: arm64

        Package: two
        Version: 2
        Architecture: all
        Provides: virtual (= 1),
         other
        Filename: pool/two.deb
        Size: 20
        SHA256: \(String(repeating: "b", count: 64))
        """

    @Test(arguments: [1, 3, 10, 5000]) func `An index is read in pieces`(step: Int) throws {
        var reader = PackageIndexReader(architecture: "amd64")
        var isBounded = true
        try inPieces(Array(Self.text.utf8), step) { isBounded = reader.consume($0) && isBounded }
        #expect(isBounded)
        let index = reader.finish()
        #expect(index.count == 2)
        let one = try #require(index.packages(named: "one").first)
        #expect(one.dependencies.map(\.description) == ["two", "three"])
        #expect(one.size == 10 && one.filename == "pool/one.deb" && one.isEssential)
        #expect(index.packages(named: "foreign").isEmpty)
        #expect(index.packages(providing: "other").map(\.name) == ["two"])
        #expect(index.packages(providing: "virtual").map(\.label) == ["two=2"])
        #expect(index.namesOfMinimalSystem() == ["one"])
    }

    @Test func `A package that cannot be checked does not exist`() {
        for field in ["Version", "Filename", "Size", "SHA256"] {
            var reader = PackageIndexReader(architecture: "amd64")
            let text = Self.text.split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.hasPrefix(field + ":") }.joined(separator: "\n")
            Array(text.utf8).withUnsafeBytes { _ = reader.consume($0) }
            #expect(reader.finish().packages(named: "one").isEmpty, "\(field)")
        }
    }

    @Test func `No index traps`() {
        for seed in 0..<1000 {
            var generator = SeededGenerator(seed: seed)
            var reader = PackageIndexReader(architecture: "amd64")
            generator.damage(Array(Self.text.utf8)).withUnsafeBytes { _ = reader.consume($0) }
            let index = reader.finish()
            for id in 0..<index.count { _ = index.package(id) }
            // A set or none: both are right, only a trap is wrong.
            _ = try? Resolver(index: index).resolve(names: ["one"])
        }
    }
}
