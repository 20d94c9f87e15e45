import SystemPackage
import Testing

@testable import Debian

@Suite struct MirrorTests {
    private static let sources = """
        Types: deb deb-src
        URIs: http://mirror.example/debian/
        Suites: bookworm bookworm-updates bookworm-backports
        Components: main contrib
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

        Types: deb
        URIs: http://mirror.example/debian-security
        Suites: bookworm-security
        Components: main
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

        # Somebody else's archive with the same suite names.
        Types: deb
        URIs: http://other.example/debian
        Suites: bookworm
        Components: main
        Signed-By: /usr/share/keyrings/other.gpg

        Enabled: no
        Types: deb
        URIs: http://off.example/debian
        Suites: bookworm
        Components: main
        """

    private static let list = """
        # comment
        deb http://mirror.example/debian bookworm main # trailing
        deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian bookworm-updates main
        deb-src http://mirror.example/debian bookworm main
        deb http://mirror.example/security bookworm/updates main
        deb http://flat.example/repository ./
        deb http://other.example/debian bookworm vendor
        """

    /// `uri suites components keyring`, with a question mark for an optional one.
    private static func lines(_ sources: [MirrorSource]) -> [String] {
        sources.map {
            "\($0.uri) \($0.suites.joined(separator: ",")) \($0.components.joined(separator: ",")) \($0.keyring?.lastComponent?.string ?? "-")"
                + ($0.isOptional ? " ?" : "")
        }
    }

    @Test(arguments: ["bookworm", "trixie"]) func `The host's deb822 sources serve every release`(_ suite: String)
        throws
    {
        let host = try AptSources.parse(Self.sources, file: "debian.sources")
        #expect(
            Self.lines(try MirrorConfiguration(host: host).sources(for: suite)) == [
                "http://mirror.example/debian \(suite) main debian-archive-keyring.gpg",
                "http://mirror.example/debian \(suite)-updates main debian-archive-keyring.gpg ?",
                "http://mirror.example/debian-security \(suite)-security main debian-archive-keyring.gpg ?",
            ])
    }

    @Test func `One-line sources are read`() throws {
        let host = try AptSources.parse(Self.list, file: "sources.list")
        #expect(
            Self.lines(try MirrorConfiguration(host: host).sources(for: "trixie")) == [
                "http://mirror.example/debian trixie main -",
                "http://mirror.example/debian trixie-updates main debian-archive-keyring.gpg ?",
                "http://mirror.example/security trixie-security main - ?",
            ])
    }

    @Test func `An option comes before the environment, and that before the recipe and the host`() throws {
        let host = try AptSources.parse(Self.sources, file: "debian.sources")
        var configuration = MirrorConfiguration(
            option: "http://option.example/debian/",
            environment: "http://environment.example/mirror, http://s.example/x-security",
            recipe: "http://recipe.example/debian", host: host)
        #expect(
            Self.lines(try configuration.sources(for: "trixie")) == [
                "http://option.example/debian trixie main -", "http://option.example/debian trixie-updates main - ?",
                "http://option.example/debian-security trixie-security main - ?",
            ])
        configuration.option = " "
        #expect(
            Self.lines(try configuration.sources(for: "trixie")) == [
                "http://environment.example/mirror trixie main -",
                "http://environment.example/mirror trixie-updates main - ?",
                "http://s.example/x-security trixie-security main -",
            ])
        configuration.environment = nil
        #expect(try configuration.sources(for: "trixie").first?.uri == "http://recipe.example/debian")
        configuration.recipe = nil
        #expect(try configuration.sources(for: "trixie").first?.uri == "http://mirror.example/debian")
        configuration.host = []
        #expect(throws: DebianError.noMirror(suite: "trixie")) { try configuration.sources(for: "trixie") }
    }

    @Test(arguments: [
        ("deb http://x", "a.list", 1), ("\nfoo bar baz", "a.list", 2), ("deb [x http://x y z", "a.list", 1),
        ("Types deb", "a.sources", 1),
    ])
    func `Other lines are refused`(_ text: String, _ file: String, _ line: Int) {
        #expect(throws: DebianError.invalidSources(file: file, line: line)) { try AptSources.parse(text, file: file) }
    }

    @Test func `Files of other names are none of apt's`() throws {
        #expect(try AptSources.parse("anything", file: "debian.sources.bak").isEmpty)
    }

    @Test func `An image is not told the password of its mirror`() {
        let suite = ArchiveSuite(
            uri: "https://me:word@mirror.example/debian", name: "x", components: ["main"], keyring: "/k",
            isOptional: false)
        #expect(
            AptSetup.sources([suite], keyring: nil)
                == "Types: deb\nURIs: https://mirror.example/debian\nSuites: x\nComponents: main\n")
    }
}
