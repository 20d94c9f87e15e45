import TestSupport
import Testing

/// The rules of docs/architecture.md that are about the executable: it fills specifications and shows what comes back.
@Suite struct HouseTests {
    @Test func theExecutableIsSmall() async throws {
        var counts: (executable: Int, all: Int) = (0, 0)
        for line in try await SourceLine.all() where line.target != "TestSupport" {
            counts.all += 1
            if line.target == "distill" { counts.executable += 1 }
        }
        #expect(counts.all > 10_000)
        #expect(counts.executable * 10 <= counts.all, "\(counts.executable) of \(counts.all) lines")
    }

    /// What surrounds a command is read at the entrance and handed down (``HostEnvironment``); three places of LinuxSystem are asked
    /// before there is one, or by the kernel's rules.
    @Test func theEnvironmentIsReadAtTheEntrance() async throws {
        let world =
            (/\bProcessFacts\.environment\b|(?:^|[^.\w])getenv\(|\bCommandLine\.|\bHostEnvironment\.ofProcess\(\)|\(\.ofProcess\(\)/)
            .wordBoundaryKind(.simple)
        let signs = ["nvironment", "getenv", "CommandLine", "ofProcess"]
        let known: Set = [
            "HostEnvironment.swift", "UserNamespace.swift", "OverlayProgram.swift", "ErrorReport+Storage.swift",
        ]
        for line in try await SourceLine.all() where !["distill", "TestSupport"].contains(line.target) {
            guard signs.contains(where: line.code.mentions), line.code.firstMatch(of: world) != nil else { continue }
            let file = line.path.split(separator: "/").last.map(String.init) ?? ""
            #expect(known.contains(file), "\(line)")
        }
    }

    /// Only the executable writes to standard streams, or hands over another target's values to what does.
    @Test func onlyTheExecutableWritesToStreams() async throws {
        let streams = (/\bStandardStream\.(?:output|error)\b/).wordBoundaryKind(.simple)
        let known: Set = ["OutputFile.swift", "StandardStream.swift", "Terminal.swift"]
        for line in try await SourceLine.all() where !["distill", "TestSupport"].contains(line.target) {
            guard line.code.mentions("StandardStream"), line.code.firstMatch(of: streams) != nil else { continue }
            let file = line.path.split(separator: "/").last.map(String.init) ?? ""
            #expect(known.contains(file), "\(line)")
        }
    }

    /// A specification is a plain value: nobody composes the arguments of a command of ours, but for the process that `up -d` leaves behind.
    @Test func nobodyParsesComposedArguments() async throws {
        for line in try await SourceLine.all() where line.code.mentions("Command.parse(") {
            #expect(
                line.code.firstMatch(of: /\b(?!Named)\w+Command\.parse\(/.wordBoundaryKind(.simple)) == nil, "\(line)")
        }
    }

    /// Every variable that a command reads of its own environment is in the reference; those of images are Inspection's.
    @Test func everyVariableIsInTheReference() async throws {
        let reference = try Repository.text("docs/reference/distill.md")
        // What a container or a log is given when nothing is known better, and what containers are told;
        // a server that starts programs for its requests sets the last one.
        let known: Set = ["USER", "HOSTNAME", "TZ", "REQUEST_METHOD"]
        for line in try await SourceLine.all() where line.target != "Inspection" && line.target != "TestSupport" {
            guard line.code.mentions("nvironment[\"") else { continue }
            for match in line.code.matches(of: /nvironment\["([A-Z][A-Z_]+)"\]/) {
                let name = String(match.1)
                guard !known.contains(name), !name.hasPrefix("GIT_CONFIG") else { continue }
                #expect(reference.contains(name), "\(name): \(line)")
            }
        }
    }
}
