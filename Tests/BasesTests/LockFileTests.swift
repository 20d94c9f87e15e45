import Bases
import LinuxSystem
import SystemPackage
import Testing

@Suite struct LockFileTests {
    private let here = HostEnvironment(workingDirectory: "/srv/app")

    /// A lock names a recipe's file as seen from its own directory.
    @Test(arguments: [
        ("distroless/cc", "cc.lock", "distroless/cc"), ("app.yaml", "app.lock", "app.yaml"),
        ("bases/app.yaml", "bases/app.lock", "app.yaml"),
        ("bases/app.yaml", "app.lock", "/srv/app/bases/app.yaml"), ("/etc/app.yml", "app.lock", "/etc/app.yml"),
    ])
    func namesARecipe(recipe: String, lock: String, expected: String) {
        #expect(LockFile.name(of: recipe, from: lock, in: here) == expected)
    }

    @Test(arguments: [
        ("app.yaml", "app.lock"), ("bases/app.yml", "bases/app.lock"),
        ("distroless/cc:debug", "distroless-cc-debug.lock"),
    ])
    func hasAUsualPlace(recipe: String, expected: String) { #expect(LockFile.defaultPath(recipe) == expected) }

    @Test func tellsWhatIsNotThere() {
        #expect { try LockFile.read("/nonexistent/a.lock") } throws: {
            if case BaseError.noLock(path: "/nonexistent/a.lock") = $0 { true } else { false }
        }
        #expect { try RecipeSource.read("/nonexistent/a.yaml") } throws: {
            if case BaseError.noRecipe(path: "/nonexistent/a.yaml") = $0 { true } else { false }
        }
    }
}
