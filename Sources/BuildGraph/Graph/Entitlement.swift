/// A right over the machine that builds, which a Dockerfile may ask for and only the person who builds can give (buildx,
/// `docker buildx build --allow`).
package enum Entitlement: String, Hashable, Sendable, CaseIterable {
    /// RUN --network=host: the machine's own network, with all that listens on its loopback device.
    case networkHost = "network.host"
    /// RUN --security=insecure: all of the builder's capabilities, and no filter of system calls.
    case securityInsecure = "security.insecure"
}
