/// An operating system and a processor architecture in Go's words (OCI image specification, image-index.md, "platform").
package struct Platform: Hashable, Sendable, CustomStringConvertible {
    package let os: String
    package let architecture: String
    package let variant: String?
    /// The lowest version of the system, which Windows' images name: `10.0.17763.1`.
    package var osVersion: String?
    /// What the system must have, such as `win32k`.
    package var osFeatures: [String] = []

    package init(os: String, architecture: String, variant: String? = nil) {
        (self.os, self.architecture, self.variant) = (os, architecture, variant)
    }

    /// The platform that this binary runs on.
    package static let host: Platform = {
        #if arch(x86_64)
            Platform(os: "linux", architecture: "amd64")
        #elseif arch(arm64)
            Platform(os: "linux", architecture: "arm64")
        #elseif arch(arm)
            Platform(os: "linux", architecture: "arm", variant: "v7")
        #elseif arch(riscv64)
            Platform(os: "linux", architecture: "riscv64")
        #elseif arch(s390x)
            Platform(os: "linux", architecture: "s390x")
        #else
            Platform(os: "linux", architecture: "ppc64le")
        #endif
    }()

    /// The platform of what no machine runs: a manifest that says something about an image.
    package static let unknown = Platform(os: "unknown", architecture: "unknown")

    /// Reads `os[/arch[/variant]]` or an architecture alone and normalises it as containerd does:
    /// `x86_64` is `amd64`, `aarch64` and `arm64/v8` are `arm64`, `armhf` is `arm/v7`.
    package init(parsing text: String) throws(PlatformError) {
        let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count),
            parts.allSatisfy({ part in
                !part.isEmpty
                    && part.utf8.allSatisfy { byte in
                        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x2D
                            || byte == 0x2E
                    }
            })
        else { throw PlatformError(text: text) }
        if parts.count == 1 {
            if Self.operatingSystems.contains(parts[0]) {
                self.init(os: parts[0], architecture: Self.host.architecture, variant: Self.host.variant)
            } else if let known = Self.normalised(architecture: parts[0], variant: nil) {
                self.init(os: Self.host.os, architecture: known.architecture, variant: known.variant)
            } else {
                throw PlatformError(text: text)
            }
            return
        }
        let variant = parts.count == 3 ? parts[2] : nil
        let known = Self.normalised(architecture: parts[1], variant: variant) ?? (parts[1], variant)
        self.init(os: parts[0], architecture: known.architecture, variant: known.variant)
    }

    private static let operatingSystems: Set = ["linux", "windows", "darwin", "freebsd"]

    private static func normalised(architecture: String, variant: String?) -> (architecture: String, variant: String?)?
    {
        switch architecture {
        case "amd64", "x86_64", "x86-64": return ("amd64", variant == "v1" ? nil : variant)
        case "arm64", "aarch64": return ("arm64", variant == "v8" || variant == "8" ? nil : variant)
        case "armhf": return ("arm", "v7")
        case "armel": return ("arm", "v6")
        case "arm":
            switch variant {
            case nil, "7": return ("arm", "v7")
            case "5", "6", "8": return ("arm", variant.map { "v" + $0 })
            default: return ("arm", variant)
            }
        case "386", "i386": return ("386", nil)
        case "riscv64", "ppc64le", "s390x", "mips64le", "loong64": return (architecture, variant)
        default: return nil
        }
    }

    init?(_ json: JSON) {
        guard let os = json["os"]?.string, let architecture = json["architecture"]?.string else { return nil }
        self.init(os: os, architecture: architecture, variant: json["variant"]?.string)
        osVersion = json["os.version"]?.string
        osFeatures = json["os.features"]?.strings ?? []
    }

    package var json: JSON {
        var object: JSONObject = ["architecture": .string(architecture), "os": .string(os)]
        if let osVersion { object["os.version"] = .string(osVersion) }
        if !osFeatures.isEmpty { object["os.features"] = .strings(osFeatures) }
        if let variant { object["variant"] = .string(variant) }
        return .object(object)
    }

    package var description: String { [os, architecture, variant].compactMap { $0 }.joined(separator: "/") }

    /// How far an image of this platform is from what was asked for: 0 is the same; nil cannot serve.
    ///
    /// An older variant serves a newer machine (`arm/v6` on `arm/v7`, `amd64/v2` on `amd64/v3`), the nearest first; a
    /// missing variant is the architecture's usual one, and serves with any when nothing nearer is there.
    package func distance(to wanted: Platform) -> Int? {
        guard os == wanted.os, architecture == wanted.architecture else { return nil }
        if variant == wanted.variant { return 0 }
        if let own = level, let asked = wanted.level, own <= asked { return 1 + asked - own }
        return variant == nil || wanted.variant == nil ? 100 : nil
    }

    private var level: Int? {
        switch (architecture, variant) {
        case ("arm", nil): 7
        case ("arm64", nil): 8
        case ("amd64", nil): 1
        case ("arm", let text?), ("arm64", let text?), ("amd64", let text?):
            text.utf8.count == 2 && text.hasPrefix("v") ? Int(text.dropFirst()) : nil
        default: nil
        }
    }

    /// Whether an image of this platform serves where `wanted` was asked for; a missing variant matches any.
    package func serves(_ wanted: Platform) -> Bool {
        os == wanted.os && architecture == wanted.architecture
            && (variant == nil || wanted.variant == nil || variant == wanted.variant)
    }
}

/// Text that names no platform.
package struct PlatformError: Error, Hashable, Sendable {
    package let text: String
}
