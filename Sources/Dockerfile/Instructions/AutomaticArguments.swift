package import OCI

/// The arguments that FROM sees without any ARG (Dockerfile reference, "Automatic platform ARGs in the global scope").
package enum AutomaticArguments {
    /// - Parameter target: the stage that is built; nil or empty for the last one, if it has no name.
    package static func values(target: String?, platform: Platform, buildPlatform: Platform) -> [String: String] {
        var values = ["TARGETSTAGE": target.flatMap { $0.isEmpty ? nil : $0 } ?? "default"]
        for (prefix, platform) in [("BUILD", buildPlatform), ("TARGET", platform)] {
            values[prefix + "PLATFORM"] = platform.description
            values[prefix + "OS"] = platform.os
            values[prefix + "OSVERSION"] = ""
            values[prefix + "ARCH"] = platform.architecture
            values[prefix + "VARIANT"] = platform.variant ?? ""
        }
        return values
    }
}
