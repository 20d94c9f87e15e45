package import OCI

/// What a person asked for beside the Dockerfile: the options of `distill build` that change the graph.
package struct BuildRequest: Sendable {
    /// The stage to build, by name or number; nil for the last one.
    package var target: String?
    /// `--build-arg NAME=value`. An option without `=` is looked up in the environment by the caller.
    package var buildArguments: [String: String]
    /// `--label`, in the order of the options.
    package var labels: [String: String]
    /// The platform of the result.
    package var platform: Platform
    /// The platform of this machine.
    package var buildPlatform: Platform
    /// `--network`, for RUN instructions that name none.
    package var network: Network
    /// What processes find around them by options that name it, such as `--add-host name:address`: part of every RUN's key.
    package var surroundings: [String]
    /// `--allow`: what steps may ask for beyond what every step has.
    package var entitlements: Set<Entitlement>
    /// `--build-context NAME=…`; a name here hides an image of the same name.
    package var namedContexts: [String: NamedContext]

    /// A name in front of the IDs of cache mounts (Dockerfile reference, `BUILDKIT_CACHE_MOUNT_NS`).
    var cacheMountNamespace: String? { buildArguments["BUILDKIT_CACHE_MOUNT_NS"].flatMap { $0.isEmpty ? nil : $0 } }

    /// The host name that RUN instructions see (Dockerfile reference, `BUILDKIT_SANDBOX_HOSTNAME`).
    var sandboxHostname: String {
        buildArguments["BUILDKIT_SANDBOX_HOSTNAME"].flatMap { $0.isEmpty ? nil : $0 } ?? "distill"
    }

    package init(platform: Platform = .host) {
        target = nil
        buildArguments = [:]
        labels = [:]
        self.platform = platform
        buildPlatform = .host
        network = .default
        surroundings = []
        entitlements = []
        namedContexts = [:]
    }
}

/// The network of a RUN instruction (Dockerfile reference, RUN --network).
package enum Network: String, Hashable, Sendable {
    case `default`, none, host
}

/// What `--build-context NAME=VALUE` stands for.
package enum NamedContext: Hashable, Sendable {
    /// `docker-image://REFERENCE`
    case image(ImageReference)
    /// A directory; the caller knows where. As a base it is `scratch` with the directory's content.
    case directory
    /// `target:NAME`: a stage of the same Dockerfile.
    case stage(String)
}

/// An image that must be looked up outside of the Dockerfile before the graph can be made.
package struct ImageRequest: Hashable, Sendable {
    package let reference: ImageReference
    package let platform: Platform

    package init(reference: ImageReference, platform: Platform) {
        (self.reference, self.platform) = (reference, platform)
    }
}
