import LinuxSystem
import Networking
import TestSupport
import Testing

@Suite struct PrivateNetworkTests {
    @Test func hasAtMostSoManyMembers() {
        #expect {
            _ = try PrivateNetwork(of: (0..<181).map { "service\($0)" }, environment: .ofProcess())
        } throws: { error in
            if case NetworkError.tooManyMembers(limit: 180) = error { true } else { false }
        }
    }
}
