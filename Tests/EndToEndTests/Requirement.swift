import TestSupport
import Testing

/// Something that a test needs of the machine.
enum Requirement: Sendable, CustomStringConvertible {
    case root
    /// A program on `PATH`.
    case program(String)
    /// A file or directory that a package brings.
    case file(String)
    /// A module of Python in the environment that `scripts/setup --test` makes.
    case module(String)
    /// A Debian mirror, and all that the composed base needs.
    case debianBase
    /// The package of one of Debian's kernels, by the kernel's version.
    case kernel(String)
    /// The tests that take long, which `scripts/test --all` asks for.
    case patience

    var description: String {
        switch self {
        case .root: "root"
        case .program(let name): "the program '\(name)'"
        case .file(let path): "the file '\(path)'"
        case .module(let name): "the Python module '\(name)'"
        case .debianBase: "a Debian mirror"
        case .kernel(let version): "Debian's kernel \(version)"
        case .patience: "scripts/test --all"
        }
    }

    /// Why the machine does not have it; nil when it does.
    func missing() async throws -> String? {
        switch self {
        case .root:
            return try await Command("id", ["-u"]).run().line == "0" ? nil : "the tests do not run as root"
        case .program(let name):
            let found = try await Command("sh", ["-c", "command -v \"$1\"", "sh", name]).run()
            return found.succeeded ? nil : "there is no program '\(name)'"
        case .file(let path): return Files.exists(path) ? nil : "there is no '\(path)'"
        case .module(let name):
            let search = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
            let found = try await Command(PythonRegistry.python, ["-c", search, name]).run()
            return found.succeeded ? nil : "'\(PythonRegistry.python)' has no module '\(name)'"
        case .debianBase:
            let outcome = try await SharedBase.compose()
            return outcome.succeeded ? nil : "the base cannot be composed: \(outcome)"
        case .kernel(let version):
            let fetched = try await Command(KernelTests.script, ["--fetch", version]).run()
            return fetched.succeeded ? nil : "the kernel \(version) cannot be fetched: \(fetched)"
        case .patience:
            return environmentVariable("DISTILL_TEST_ALL") == nil ? "scripts/test was called without --all" : nil
        }
    }

    /// Whether a missing requirement is a failure: continuous integration must not skip in silence.
    var failsWhenMissing: Bool {
        if case .patience = self { return false }
        return environmentVariable("CI") != nil
    }
}

struct MissingRequirement: Error, CustomStringConvertible {
    let description: String
}

extension Trait where Self == ConditionTrait {
    /// Skips the test where something is missing, and fails it when `CI` is set.
    static func requires(_ requirement: Requirement) -> Self {
        .enabled("needs \(requirement)") {
            guard let reason = try await requirement.missing() else { return true }
            if requirement.failsWhenMissing {
                throw MissingRequirement(description: "CI is set and a requirement is missing: \(reason)")
            }
            return false
        }
    }
}
