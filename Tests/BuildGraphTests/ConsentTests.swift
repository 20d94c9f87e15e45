import BuildGraph
import OCI
import Testing

/// No Dockerfile and no base gives itself a right over the machine that builds.
@Suite struct ConsentTests {
    private static let insecure =
        "2:1-2:29 InvalidArguments: RUN --security=insecure asks for a right over this machine that was not given (if the file is to be trusted, build with --allow security.insecure)"
    private static let host =
        "2:1-2:27 InvalidArguments: RUN --network=host asks for a right over this machine that was not given (if the file is to be trusted, build with --allow network.host)"

    @Test(
        arguments: [
            ("FROM base\nRUN --security=insecure make", [], Self.insecure),
            ("FROM base\nRUN --security=insecure make", [.networkHost], Self.insecure),
            ("FROM base\nRUN --network=host make it", [], Self.host),
            ("FROM base\nRUN --network=host make it", [.securityInsecure], Self.host),
        ] as [(String, Set<Entitlement>, String)])
    func asksThePersonWhoBuilds(text: String, given: Set<Entitlement>, expected: String) {
        #expect(lowered(text) { $0.entitlements = given } == "error " + expected)
    }

    @Test func isGivenByTheOptionAlone() {
        #expect(
            !lowered("FROM base\nRUN --security=insecure make") { $0.entitlements = [.securityInsecure] }.hasPrefix(
                "error"))
        #expect(!lowered("FROM base\nRUN --network=host make") { $0.entitlements = [.networkHost] }.hasPrefix("error"))
        #expect(
            !lowered("FROM base\nRUN --network=host make") { ($0.entitlements, $0.network) = ([], .host) }.hasPrefix(
                "error"))
        #expect(
            !lowered("FROM base\nRUN --security=sandbox --network=none make") { $0.entitlements = [] }.hasPrefix(
                "error"))
    }

    @Test func triggersOfABaseAskToo() {
        var base = ContainerConfig()
        base.onBuild = ["RUN --security=insecure mount -t tmpfs none /x"]
        let result = lowered("FROM base", bases: ["base:latest": base]) { $0.entitlements = [] }
        #expect(result.contains("--allow security.insecure"), "\(result)")
    }
}
