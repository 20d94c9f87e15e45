import LinuxSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Sandbox

/// What is asked of a runtime depends on its release, which its binary tells by the texts in it.
struct RuntimeReleaseTests {
    /// The crun 0.17 of Debian 11 and Ubuntu 22.04 fails at a mount on `/.`, and keeps the root's flags by itself.
    @Test(arguments: [("crun", "rnodev", true), ("crun", "remount", false), ("runc", "rnodev", false)])
    func givesFlagsBackWhereTheyWereTaken(name: String, text: String, isMounted: Bool) async throws {
        guard UserNamespace.isInitial else { return }
        try await Files.withTemporaryDirectory { directory in
            try Files.write("\u{7F}ELF\0\(text)\0", to: "\(directory)/\(name)", mode: 0o755)
            try Files.makeDirectory("\(directory)/bundle")
            var spec = ProcessSpec(
                arguments: ["/x"], environment: [], workingDirectory: .root, hostname: "h", root: "/r")
            spec.systemCalls = .unrestricted
            let bundle = FilePath("\(directory)/bundle")
            _ = try OCIRuntime(path: FilePath("\(directory)/\(name)")).prepare(spec, bundle: bundle)
            let config = try JSON.parse(Files.bytes("\(directory)/bundle/config.json"))
            let targets = config["mounts"]?.array?.compactMap { $0["destination"]?.string } ?? []
            #expect(targets.contains("/proc") && targets.contains("/.") == isMounted)
        }
    }
}
