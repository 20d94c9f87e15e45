import LinuxSystem
import Network
import SystemPackage
import TestSupport
import Testing

@Suite struct PrivateNetworkTests {
    /// Which program is missing is told, and which package has it.
    @Test func namesTheProgramThatIsMissing() throws {
        // The directories for root are looked into always, so a machine with everything makes no error.
        let environment = HostEnvironment(variables: ["PATH": "/nonexistent"])
        let isComplete = ["ip", "nsenter", "unshare"].allSatisfy { environment.program($0) != nil }
        do {
            _ = try PrivateNetwork(directory: "/nonexistent", environment: environment)
            #expect(isComplete)
        } catch NetworkError.noProgram(let name, let package) {
            #expect(!isComplete && environment.program(name) == nil && ["iproute2", "util-linux"].contains(package))
        }
    }

    @Test func hasAtMostSoManyMembers() async throws {
        var network: PrivateNetwork
        do { network = try PrivateNetwork(directory: "/nonexistent", environment: .ofProcess()) } catch NetworkError.noProgram { return }
        await #expect { try await network.setUp((0..<181).map { "service\($0)" }) } throws: { error in
            if case NetworkError.tooManyMembers(limit: 180) = error { true } else { false }
        }
    }
}
