import TestSupport
import Testing

/// The rules of docs/architecture.md about visible pages, scopes, contracts and folders.
@Suite struct StructureTests {
    /// The visible pages that are longer than 120 lines, in declarations. A number may only become less.
    private static let longPages = [
        "BuildGraph": 190, "Compose": 230, "Debian": 245, "Diagnosis": 150, "Distribution": 195, "Dockerfile": 325,
        "Engine": 575, "EngineAPI": 172, "Insight": 165, "Inspection": 445, "LinuxSystem": 343, "OCI": 381,
        "Projects": 130, "Rendering": 125,
        "Secrets": 125, "Storage": 549,
    ]

    /// `package` is the usual access, and what a target shows fits a page.
    @Test func visiblePagesAreShort() async throws {
        let visible = #/^\s*(package|public|open) /#.wordBoundaryKind(.simple)
        var pages: [String: Int] = [:]
        for line in try await SourceLine.all() where line.code.mentions("package ") || line.code.mentions("public ") {
            guard line.target != "TestSupport", let match = line.code.firstMatch(of: visible) else { continue }
            #expect(match.output.1 == "package", "no library product needs it: \(line)")
            pages[line.target, default: 0] += 1
        }
        #expect(pages.count > 20)
        for (target, length) in pages {
            #expect(length <= Self.longPages[target] ?? 120, "\(target) shows \(length) declarations")
        }
        for target in Self.longPages.keys { #expect(pages[target] ?? 0 > 120, "\(target) needs no exception any more") }
    }

    /// Mounts, namespaces and child processes are made in LinuxSystem, whose scopes end them; other programs are started in a few places.
    @Test func whatMustEndIsMadeInOnePlace() async throws {
        let calls =
            (/(?:^|[^.\w])(?:umount2?|unshare|setns|pivot_root|mkdtemp|mkostemp|v?fork|clone3?|posix_spawnp?|execvp?e?|Subprocess\.run)\(/)
            .wordBoundaryKind(.simple)
        let signs = [
            "umount", "unshare", "setns", "pivot_root", "mkdtemp", "mkostemp", "fork(", "clone", "posix_spawn", "exec",
            "Subprocess.run",
        ]
        let known: Set = [
            // These wait for the program's end, and end it where the task is cancelled.
            "ContextRepository.swift", "CredentialPrograms.swift", "GitProgram.swift", "KeyAgent.swift",
            "MachineTrials.swift",
            "UpCommand.swift",
            // Values that are named like system calls.
            "SeccompProfile+Standard.swift",
        ]
        var found: Set<String> = []
        for line in try await SourceLine.all() where !["LinuxSystem", "TestSupport"].contains(line.target) {
            guard signs.contains(where: line.code.mentions), !line.code.mentions("func "),
                line.code.firstMatch(of: calls) != nil
            else { continue }
            let file = line.path.split(separator: "/").last.map(String.init) ?? ""
            found.insert(file)
            #expect(known.contains(file), "\(line)")
        }
        for file in known { #expect(found.contains(file), "\(file) needs no exception any more") }
    }

    /// Every protocol of two or more conformers has one suite of tests that runs over all of them, whose comment begins
    /// "Contract of" and names it.
    @Test func protocolsHaveContracts() async throws {
        var texts: [String] = []
        for path in try await Repository.files(below: "Sources", named: "*.swift") {
            texts.append(try Repository.text(path))
        }
        var protocols: Set<String> = []
        var conformers: [String: Int] = [:]
        let declaration = (/^\s*(?:package |private |fileprivate )?protocol (\w+)/).anchorsMatchLineEndings()
        let conformance = #/\b(?:struct|class|enum|actor|extension)\s+[\w.]+(?:<[^>{]*>)?\s*:\s*([^{]*)\{/#
            .wordBoundaryKind(.simple)
        for text in texts {
            for match in text.matches(of: declaration) { protocols.insert(String(match.output.1)) }
            for match in text.matches(of: conformance) {
                for name in match.output.1.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
                    conformers[String(name), default: 0] += 1
                }
            }
        }
        let several = protocols.filter { conformers[$0] ?? 0 > 1 }
        #expect(several.contains("LayerFiles") && several.contains("ContainerRuntime"))
        var contracts: Set<String> = []
        for path in try await Repository.files(below: "Tests", named: "*Tests.swift") {
            for line in try Repository.lines(path) where line.hasPrefix("/// Contract of ") {
                contracts.formUnion(line.matches(of: /`(\w+)`/).map { String($0.output.1) })
            }
        }
        #expect(several.subtracting(contracts).isEmpty, "these have no contract suite")
    }

    /// A target of many files shows its concepts as folders.
    @Test func largeTargetsHaveFolders() async throws {
        var files: [String: [String: Int]] = [:]
        for path in try await Repository.files(below: "Sources", named: "*.swift") {
            let parts = path.split(separator: "/").map(String.init)
            guard parts.count > 2 else { continue }
            files[parts[1], default: [:]][parts.count > 3 ? parts[2] : "", default: 0] += 1
        }
        #expect(files.count > 20)
        for (target, folders) in files where folders.values.reduce(0, +) > 20 {
            #expect(folders[""] ?? 0 <= 20, "\(target) has \(folders[""] ?? 0) files outside of folders")
            for (folder, count) in folders { #expect(count <= 35, "\(target)/\(folder) has \(count) files") }
        }
    }
}
