@testable import BuildGraph
@testable import Compose
@testable import Debian
@testable import Dockerfile
@testable import Inspection
@testable import OCI
@testable import YAML

extension ForeignReader {
    /// Documents of images, builds and projects.
    static let documents: [ForeignReader] = [
        ForeignReader("json") { bytes in
            let json = try JSON.parse(bytes)
            _ = json.bytes.count
        },
        ForeignReader("config") { bytes in
            let config = try ImageConfig(bytes: bytes)
            _ = config.bytes.count
        },
        ForeignReader("manifest") { bytes in
            _ = try? Manifest(bytes: bytes).bytes.count  // the same bytes may be an index
            _ = try Index(bytes: bytes).bytes.count
        },
        ForeignReader("statement") { bytes in _ = try Statement(bytes: bytes) },
        ForeignReader("seccomp") { bytes in
            _ = try SeccompProfile(parsing: bytes).resolved(
                for: .init(architecture: "amd64", capabilities: [], kernel: KernelVersion(major: 6, minor: 1)))
        },
        ForeignReader("dockerfile") { bytes in
            let source = SourceFile(name: "Dockerfile", bytes: bytes)
            let (syntax, _) = DockerfileSyntax.read(source)
            let request = BuildRequest(platform: Platform(os: "linux", architecture: "amd64"))
            _ = BuildFaults(source, request) { _ in nil }
            guard let syntax else { return }
            _ = try CheckReport(CheckInput(syntax)).findings.count
            _ = try StagePlan(syntax, request).lower(bases: [:])
        },
        ForeignReader("ignore") { bytes in
            let patterns = try IgnorePatterns(SourceFile(name: ".dockerignore", bytes: bytes))
            for path in ["a", "a/b/c.txt", "node_modules/x/y", ".git/config", ""] {
                _ = patterns.decision(for: Array(path.utf8))
                _ = patterns.canSkip(Array(path.utf8))
            }
        },
        ForeignReader("yaml") { bytes in _ = try YAMLNode(parsing: bytes) },
        ForeignReader("compose") { bytes in
            let node = try ComposeNode(parsing: bytes, file: "compose.yaml")
            var interpolation = Interpolation(variables: ["A": "1", "B": ""])
            let project = try Project(interpolation.expand(node), name: nil, usualName: "app")
            _ = try project.selecting([], profiles: []).startOrder()
        },
        ForeignReader("environment") { bytes in
            _ = try DotEnvironment(parsing: bytes.text, file: ".env", known: ["A": "1"])
        },
        ForeignReader("recipe") { bytes in _ = try BaseRecipe(parsing: bytes, file: "recipe.yaml") },
        ForeignReader("names") { bytes in
            let text = bytes.text
            // Each of them may refuse what another takes.
            _ = try? ImageReference(text).description
            _ = try? Platform(parsing: text)
            _ = try? Digest(text)
            _ = try? GitReference(text)
            _ = try? FileModeChange(text).applied(to: 0o644, isDirectory: false)
            _ = (PublicURL.text(of: text), PublicURL.text(within: text), PublicURL.masked(within: text))
            _ = (PercentEncoding.bytes(text), ImagePath(bytes), Version(text))
        },
    ]

    /// Debian's documents.
    static let packages: [ForeignReader] = [
        ForeignReader("packages") { bytes in
            var reader = PackageIndexReader(architecture: "amd64")
            reader.begin(archive: 0)
            try bytes.forEachPiece { _ = reader.consume($0) }
            let index = reader.finish()
            for id in 0..<5 { _ = index.package(id) }
        },
        ForeignReader("control") { bytes in
            for paragraph in try ControlFile.parse(bytes.text) {
                for field in paragraph.fields { _ = try Dependency.parse(field.value, architecture: "amd64") }
            }
        },
        ForeignReader("release") { bytes in _ = try Release(text: bytes.text, suite: "bookworm") },
        ForeignReader("sources") { bytes in
            _ = try? AptSources.parse(bytes.text, file: "a.list")  // the two forms differ by the file's name
            _ = try AptSources.parse(bytes.text, file: "a.sources")
        },
    ]
}
