import TestSupport
import Testing

@testable import Debian

/// Real packages, as this machine's apt knows them, with dpkg and apt as judges.
@Suite(.enabled("apt has no lists, or dpkg is missing") { try await Apt.isPossible() })
struct ArchiveOracleTests {
    @Test func `dpkg orders the versions of the archive alike`() async throws {
        let listed = try await Command("sh", ["-c", "apt-cache dumpavail | sed -n 's/^Version: //p' | sort -u"]).run()
        let versions = listed.output.split(separator: "\n").map(String.init)
        try #require(versions.count > 3000)
        var random = SeededGenerator(seed: 11)
        var pairs: [(String, String)] = []
        for _ in 0..<2400 {
            let first = versions[Int.random(in: versions.indices, using: &random)]
            // Neighbours are alike, so that more than their first digits matter.
            let place =
                versions.firstIndex(of: first).map {
                    min($0 + Int.random(in: 0...3, using: &random), versions.count - 1)
                } ?? 0
            pairs.append(
                (
                    first,
                    pairs.count % 3 == 0 ? versions[Int.random(in: versions.indices, using: &random)] : versions[place]
                ))
        }
        let script =
            "while read a b; do if dpkg --compare-versions \"$a\" lt \"$b\"; then echo lt; elif dpkg --compare-versions \"$a\" eq \"$b\"; then echo eq; else echo gt; fi; done"
        let input = pairs.map { "\($0) \($1)\n" }.joined()
        let judged = try await Command("sh", ["-c", script], input: input).run().output.split(separator: "\n")
        #expect(judged.count == pairs.count)
        for ((left, right), expected) in zip(pairs, judged) {
            let (first, second) = (try #require(Version(left)), try #require(Version(right)))
            let order = first < second ? "lt" : first == second ? "eq" : "gt"
            #expect(order == String(expected), "\(left) \(right)")
        }
    }

    /// The set for each of many packages on a system that has none.
    @Test(.enabled(if: environmentVariable("DISTILL_TEST_ALL") != nil, "scripts/test was called without --all"))
    func `apt chooses the same packages`() async throws {
        let index = try await Apt.index()
        let names = index.byName.keys.filter { $0.hasPrefix("lib") || $0.hasPrefix("python3") || $0.count < 6 }.sorted()
        var random = SeededGenerator(seed: 5)
        var (compared, differences): (Int, [String]) = (0, [])
        while compared < 220 {
            let name = names[Int.random(in: names.indices, using: &random)]
            let simulated = try await Command(
                "apt-get",
                [
                    "-o", "Dir::State::status=/dev/null", "-o", "APT::Install-Recommends=false", "-o",
                    "APT::Sandbox::User=root", "install", "--simulate", name,
                ]
            ).run()
            guard simulated.succeeded else { continue }
            compared += 1
            let expected = Set(
                simulated.output.split(separator: "\n").filter { $0.hasPrefix("Inst ") }.map { line in
                    let words = line.split(separator: " ")
                    return "\(words[1].split(separator: ":")[0])=\(words[2].dropFirst())"
                })
            do {
                let found = Set(try Resolver(index: index).resolve(names: [name]).packages.map(\.label))
                if found != expected {
                    differences.append(
                        "\(name): ours \(found.subtracting(expected).sorted()), apt's \(expected.subtracting(found).sorted())"
                    )
                }
            } catch { differences.append("\(name): \(error)") }
        }
        let report = differences.joined(separator: "\n")
        if let path = environmentVariable("DISTILL_ORACLE_REPORT") { try Files.write(report + "\n", to: path) }
        // Both sets are valid: apt takes a transitional package besides the one that provides its name (docs/recipes.md).
        let unexplained = differences.filter { !$0.hasSuffix("ours [], apt's [\"x11proto-core-dev=2022.1-1\"]") }
        #expect(unexplained.isEmpty, "\(differences.count) of \(compared) differ:\n\(report)")
    }
}

private enum Apt {
    private static let lists =
        "apt-get indextargets --format '$(FILENAME)' 'Created-By: Packages' | grep -v -e nodesource -e google"

    static func isPossible() async throws -> Bool {
        guard try await Program.isExpected("apt-get", "dpkg", "apt-cache") else { return false }
        return try await !Command("sh", ["-c", lists]).run().output.isEmpty
    }

    static func index() async throws -> PackageIndex {
        let architecture = try await Command("dpkg", ["--print-architecture"]).run().line
        var reader = PackageIndexReader(architecture: architecture)
        for (number, path) in try await Command("sh", ["-c", lists]).run().output.split(separator: "\n").enumerated() {
            reader.begin(archive: number)
            let text = try await Command(
                "sh",
                [
                    "-c",
                    "/usr/lib/apt/apt-helper cat-file \"$1\" > /tmp/distill-index-$$ && cat /tmp/distill-index-$$; rm -f /tmp/distill-index-$$",
                    "sh", String(path),
                ]
            ).run()
            #expect(text.bytes.withUnsafeBytes { reader.consume($0) })
        }
        return reader.finish()
    }
}
