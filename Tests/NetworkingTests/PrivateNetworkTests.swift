import LinuxSystem
import Networking
import SystemPackage
import TestSupport
import Testing

@Suite struct PrivateNetworkTests {
    @Test func hasAtMostSoManyMembers() async throws {
        var network: PrivateNetwork
        do { network = try PrivateNetwork(directory: "/nonexistent", environment: .ofProcess()) } catch NetworkError
            .noProgram
        { return }
        await #expect { try await network.setUp((0..<181).map { "service\($0)" }) } throws: { error in
            if case NetworkError.tooManyMembers(limit: 180) = error { true } else { false }
        }
    }
}
