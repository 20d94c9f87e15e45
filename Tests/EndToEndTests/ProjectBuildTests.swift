import SystemPackage
import TestSupport
import Testing

/// Whole projects, as people write them: `scripts/projects` builds each with Distill and with podman, starts it, asks it
/// something, and compares the two images. Fixtures/projects holds them, with what may differ and why.
@Suite(
    .serialized, .requires(.patience), .requires(.root), .requires(.program("podman")), .requires(.program("runc")),
    .requires(.program("python3")), .requires(.program("curl")), .requires(.debianBase), .timeLimit(.minutes(30)))
struct ProjectBuildTests {
    static let projects = [
        "cpp-cmake", "django", "fastapi-uv", "flask", "go-modules", "go-vendor", "heredocs", "maven", "monorepo",
        "mounts",
        "nginx-site", "npm", "onbuild", "perl", "php", "pnpm", "redis", "ruby", "rust-chef", "targets",
    ]

    private static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().string

    @Test(arguments: projects) func answersAndIsWhatPodmanBuilds(project: String) async throws {
        let environment: [String: String?] = [
            "DISTILL": Distill.binary, "DISTILL_ROOT": SharedBase.distill.store,
            "PROJECTS_ROOT": "\(SharedBase.distill.directory)/projects",
        ]
        let outcome = try await Command("\(Self.root)/scripts/projects", [project], environment: environment).run()
        #expect(outcome.succeeded, "\(outcome)")
        print(outcome.line)
    }

    /// None is forgotten, and none is only a name.
    @Test func namesAllThatThereAre() async throws {
        let projects = "\(Self.root)/Tests/EndToEndTests/Fixtures/projects"
        let found = try await Command("sh", ["-c", "cd \"$1\" && echo */", "sh", projects]).run()
        #expect(found.line == Self.projects.map { $0 + "/" }.joined(separator: " "))
    }
}
