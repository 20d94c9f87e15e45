import OCI
import SystemPackage
import TestSupport
import Testing

@Suite struct DependencyTests {
    /// A target as Package.swift declares it.
    private struct Declared {
        let name: String
        let isTest: Bool
        var targets: Set<String> = []
        var packages: Set<String> = []
    }

    /// Reads the manifest with a scratch directory of its own, for a build may hold the lock of the usual one.
    private func declaredTargets() async throws -> [Declared] {
        let outcome = try await Files.withTemporaryDirectory { scratch in
            try await Command(
                "swift", ["package", "--package-path", Repository.root, "--scratch-path", scratch, "dump-package"]
            ).run()
        }
        try #require(outcome.succeeded, "\(outcome)")
        let targets = try #require(try JSON.parse(outcome.output)["targets"]?.array)
        let names = Set(targets.compactMap { $0["name"]?.string })
        return targets.map { target in
            var declared = Declared(
                name: target["name"]?.string ?? "", isTest: target["type"]?.string == "test")
            for dependency in target["dependencies"]?.array ?? [] {
                if let product = dependency["product"]?.array, product.count > 1 {
                    declared.packages.insert(product[1].string ?? product[0].string ?? "")
                } else if let name = (dependency["byName"] ?? dependency["target"])?.array?.first?.string {
                    if names.contains(name) { declared.targets.insert(name) } else { declared.packages.insert(name) }
                }
            }
            return declared
        }
    }

    @Test func packageDeclaresWhatTheTableAllows() async throws {
        let targets = try await declaredTargets().filter { !$0.isTest }
        #expect(!targets.isEmpty)
        for target in targets where !DependencyTable.unrestricted.contains(target.name) {
            let row = try #require(DependencyTable.rows[target.name], "\(target.name) is not in the table")
            let targets = target.targets.subtracting(row.ours)
            #expect(targets.isEmpty, "\(target.name) may not depend on \(targets.sorted())")
            let packages = target.packages.subtracting(row.packages)
            #expect(packages.isEmpty, "\(target.name) may not depend on \(packages.sorted())")
        }
    }

    @Test func noTargetDependsOnTestSupport() async throws {
        for target in try await declaredTargets() where !target.isTest {
            #expect(!target.targets.contains("TestSupport"), "\(target.name)")
        }
    }

    /// Packages that we use ask with `#if canImport(…)` for modules of other systems: a target of such a name would be taken for
    /// one, in any build in which it is compiled before they are.
    @Test func noTargetIsNamedLikeAModuleOfAnotherSystem() async throws {
        let taken: Set = [
            "Accelerate", "Android", "Bionic", "CommonCrypto", "CoreFoundation", "CryptoKit", "Darwin", "Dispatch",
            "Foundation", "Glibc", "Musl",
            "Network", "ObjectiveC", "Security", "System", "Synchronization", "WASILibc", "WinSDK", "os",
        ]
        #expect(Set(try await declaredTargets().map(\.name)).isDisjoint(with: taken))
    }

    @Test func everyTargetHasTestsOfItsOwn() async throws {
        let targets = try await declaredTargets()
        let tests = Set(targets.filter(\.isTest).map(\.name))
        let withoutCode = DependencyTable.withoutSwift.union(["TestSupport"])
        for target in targets where !target.isTest && !withoutCode.contains(target.name) {
            let name = target.name == "distill" ? "DistillTests" : target.name + "Tests"
            #expect(tests.contains(name), "\(target.name) has no \(name)")
        }
    }

    /// The page's rows name the same targets of ours as the table; words in parentheses are explanations.
    @Test func pageAndTableSayTheSame() throws {
        var found: Set<String> = []
        for line in try Repository.text("docs/architecture.md").split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.filter { $0 != "`" }.split(separator: " ") }
            guard cells.count >= 4, let name = cells[0].first.map(String.init) else { continue }
            found.insert(name)
            guard let row = DependencyTable.rows[name] else {
                #expect(DependencyTable.unrestricted.contains(name), "\(name) is on the page only")
                continue
            }
            let page = Set(cells[2].map { String($0.filter { $0 != "," }) }).subtracting(["–"])
            let ours = row.ours.subtracting(DependencyTable.withoutSwift)
            #expect(page == ours, "\(name): the page says \(page.sorted()), the table \(ours.sorted())")
        }
        #expect(Set(DependencyTable.rows.keys).subtracting(found) == DependencyTable.withoutSwift)
    }

    @Test func sourcesImportWhatTheTableAllows() async throws {
        for line in try await SourceLine.all() where line.code.mentions("import ") {
            guard
                let match = line.code.firstMatch(
                    of:
                        /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
                )
            else { continue }
            let module = String(match.output.1)
            #expect(isAllowed(module, in: line.target), "\(line)")
        }
    }

    private func isAllowed(_ module: String, in target: String) -> Bool {
        if module == "Foundation" { return false }
        let isPure = DependencyTable.pure.contains(target)
        if let allowed = DependencyTable.toolchain[module] {
            return allowed.isEmpty ? !isPure : allowed.contains(target)
        }
        if DependencyTable.unrestricted.contains(target) {
            return !DependencyTable.withoutSwift.contains(module)
        }
        guard let row = DependencyTable.rows[target] else { return false }
        return row.ours.contains(module)
            || DependencyTable.packageOfModule[module].map(row.packages.contains) ?? false
    }
}
