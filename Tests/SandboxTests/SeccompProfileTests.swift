import OCI
import TestSupport
import Testing

@testable import LinuxSystem
@testable import Sandbox

extension Trait where Self == ConditionTrait {
    /// In continuous integration a test that lacks docker's profile fails instead of being skipped.
    static var needsDockersProfile: Self {
        .enabled(
            if: Files.exists(SeccompProfileTests.path) || ProcessFacts.environment["CI"] != nil,
            "needs the package golang-github-docker-docker-dev")
    }
}

/// The standard rules beside docker's own, call by call.
@Suite(.needsDockersProfile) struct SeccompProfileTests {
    static let path = "/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json"

    struct Case: Sendable, CustomStringConvertible {
        let architecture: String
        let tables: [CallNumbers]
        let rights: String
        let capabilities: Set<Capability>

        var description: String { "\(architecture), \(rights)" }

        var place: SeccompProfile.Place {
            .init(architecture: architecture, capabilities: capabilities, kernel: KernelVersion(major: 5, minor: 10))
        }

        static let all = [
            ("amd64", CallNumbers.x86), ("386", CallNumbers.onlyX86), ("arm64", CallNumbers.arm),
            ("arm", CallNumbers.onlyARM),
        ]
        .flatMap { architecture, tables in
            [
                ("standard rights", Capability.standard),
                ("and SYS_ADMIN", Capability.standard.union([.administration])),
                ("all rights", Capability.all), ("no rights", []),
            ].map { Case(architecture: architecture, tables: tables, rights: $0.0, capabilities: $0.1) }
        }
    }

    /// First arguments, and second ones, that make a difference: personalities, and what clone(2) makes anew.
    private static let arguments: [[UInt64]] =
        [0, 8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF, 0x4_0000, 1 << 32, 0xFFFF_FFFF_FFFF_FFFF, 0x11, 0x003D_0F00].map {
            [$0, 0]
        }
        + [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000, 0x7E02_0000].flatMap {
            [[$0 | 0x11, 0], [0, $0 | 0x11]]
        }

    @Test(arguments: Case.all) func standardRulesAreDockers(_ test: Case) throws {
        let docker = try SeccompProfile(parsing: Array(Files.text(Self.path).utf8))
        let theirs = try FilterSimulation(SyscallFilter(docker.resolved(for: test.place)).program())
        let rules = SeccompProfile.standard.resolved(for: test.place)
        let ours = try FilterSimulation(SyscallFilter(rules).program())
        #expect(ours.count > 100)
        let expected = try Expectation(parsing: Files.text(Self.path), test)
        for table in test.tables {
            let names = table.names(among: expected.names)
            var differences: [String] = []
            for number in table.numbers + [table.distant] {
                let rules = expected.rules(names[number] ?? [])
                let isConditional = rules.contains { $0["args"]?.array?.isEmpty == false }
                for arguments in isConditional ? Self.arguments : [Self.arguments[0], Self.arguments[7]] {
                    let (own, other) = (
                        ours.result(number: number, architecture: table.word, arguments: arguments),
                        theirs.result(number: number, architecture: table.word, arguments: arguments)
                    )
                    let right = expected.code(rules, number, table, arguments)
                    if own != other || own != right {
                        differences.append(
                            "\(number) \(names[number] ?? []) \(arguments): ours \(own ?? 1), theirs \(other ?? 1), right \(right)"
                        )
                    }
                }
            }
            #expect(differences.isEmpty, "\(table.name): \(differences.prefix(20).joined(separator: "\n"))")
        }
    }

    /// A program for another processor is killed, whatever it calls.
    @Test func otherProcessorsAreRefused() throws {
        let rules = SeccompProfile.standard.resolved(for: Case.all[0].place)
        let filter = try FilterSimulation(SyscallFilter(rules).program())
        for number: UInt32 in [0, 1, 39, 500] {
            #expect(
                filter.result(number: number, architecture: 0xC000_00B7, arguments: [])
                    == SyscallFilter.Action.killThread.code)
        }
    }

    @Test func callsThatAreNewerDoNotExist() throws {
        let rules = SeccompProfile.standard.resolved(for: Case.all[0].place)
        let filter = try FilterSimulation(SyscallFilter(rules).program())
        let missing = SyscallFilter.Action.fail(38).code
        #expect(filter.result(number: 449, architecture: 0xC000_003E, arguments: []) == SyscallFilter.Action.allow.code)
        #expect(
            filter.result(number: 250, architecture: 0xC000_003E, arguments: []) == SyscallFilter.Action.fail(1).code)
        for number: UInt32 in [450, 452, 1000] {
            #expect(filter.result(number: number, architecture: 0xC000_003E, arguments: []) == missing)
            #expect(filter.result(number: number, architecture: 0x4000_0003, arguments: []) == missing)
        }
    }
}

/// What docker's file says, read by itself: neither our reader nor libseccomp has a part in it.
private struct Expectation {
    private let rules: [JSON]
    private let all: [JSON]
    /// The numbers of all calls that count here, by table.
    private let known: [String: [UInt32]]
    private let test: SeccompProfileTests.Case

    init(parsing text: String, _ test: SeccompProfileTests.Case) throws {
        self.test = test
        let architecture = test.architecture == "386" ? "x86" : test.architecture
        let rights = Set(test.capabilities.map { "CAP_" + $0.rawValue })
        all = try JSON.parse(text)["syscalls"]?.array ?? []
        rules = all.filter { rule in
            func list(_ member: String, _ key: String) -> [String] { rule[member]?[key]?.strings ?? [] }
            let included = list("includes", "arches").isEmpty || list("includes", "arches").contains(architecture)
            return included && rights.isSuperset(of: list("includes", "caps"))
                && rights.isDisjoint(with: list("excludes", "caps"))
                && !list("excludes", "arches").contains(architecture)
        }
        let names = Set(rules.flatMap { $0["names"]?.strings ?? [] })
        known = Dictionary(
            uniqueKeysWithValues: test.tables.map { table in
                (table.name, names.compactMap { SyscallFilter.number(of: $0, on: table.name).map(UInt32.init) })
            })
    }

    var names: [String] { all.flatMap { $0["names"]?.strings ?? [] } }

    func rules(_ names: [String]) -> [JSON] {
        names.isEmpty ? [] : rules.filter { rule in names.contains { rule["names"]?.strings?.contains($0) == true } }
    }

    func code(_ rules: [JSON], _ number: UInt32, _ table: CallNumbers, _ arguments: [UInt64]) -> UInt32 {
        for rule in rules {
            let holds = (rule["args"]?.array ?? []).allSatisfy { condition in
                let argument = arguments[Int(condition["index"]?.integer ?? 0)] & table.mask
                let value = UInt64(condition["value"]?.integer ?? 0)
                return condition["op"]?.string == "SCMP_CMP_EQ"
                    ? argument == value : argument & value == UInt64(condition["valueTwo"]?.integer ?? 0)
            }
            if holds {
                return rule["action"]?.string == "SCMP_ACT_ALLOW"
                    ? 0x7FFF_0000 : 0x0005_0000 | UInt32(rule["errnoRet"]?.integer ?? 1)
            }
        }
        // Beyond the last that counts here it does not exist.
        let limit: UInt32 = table.name == "x86_64" ? 0x4000_0000 : table.name == "arm" ? 0x000F_0000 : .max
        let last = (known[table.name] ?? []).filter { $0 < limit }.max() ?? 0
        return number > last && number < limit ? 0x0005_0026 : 0x0005_0001
    }
}
