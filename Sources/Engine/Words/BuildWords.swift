package import BuildGraph
import Dockerfile
package import LinuxSystem
package import OCI

/// The texts of a build's options, and of the keys of a Compose file that mean the same, as values.
package enum BuildWords {
    /// - Throws: ``InvalidOption`` for a name with a digest.
    package static func name(_ text: String) throws -> ImageReference {
        let reference = try ImageReference(text).withDefaultTag
        guard reference.digest == nil else {
            throw InvalidOption(name: "--tag", value: text, reason: "a tag cannot have a digest")
        }
        return reference
    }

    /// Each once; this machine's where none is named.
    package static func platforms(_ texts: [String]) throws -> [Platform] {
        var result: [Platform] = []
        // An option without a value, as scripts give it, names none.
        let parts = texts.filter { !$0.isEmpty }.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        for text in parts {
            let platform = try Platform(parsing: String(text))
            if !result.contains(platform) { result.append(platform) }
        }
        return result.isEmpty ? [.host] : result
    }

    package static func network(_ text: String) throws -> Network {
        guard let network = text == "bridge" ? .default : Network(rawValue: text) else {
            throw InvalidOption(name: "--network", value: text, reason: "known are default, none and host")
        }
        return network
    }

    package static func entitlements(_ texts: [String]) throws -> Set<Entitlement> {
        let words = texts.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        return Set(
            try words.map { word in
                guard let right = Entitlement(rawValue: word) else {
                    let known = Entitlement.allCases.map(\.rawValue).joined(separator: ", ")
                    throw InvalidOption(name: "--allow", value: word, reason: "known are \(known)")
                }
                return right
            })
    }

    /// `NAME=VALUE`, or `NAME` for the value of a variable; with SOURCE_DATE_EPOCH of the environment, and the proxies of docker's
    /// config.json.
    package static func arguments(_ texts: [String], _ environment: HostEnvironment) throws -> [String: String] {
        var result: [String: String] = [:]
        for text in texts {
            let (name, value) = try assignment(text, "--build-arg")
            if let value = value ?? environment[name] { result[name] = value }
        }
        if let epoch = environment["SOURCE_DATE_EPOCH"], result["SOURCE_DATE_EPOCH"] == nil {
            result["SOURCE_DATE_EPOCH"] = epoch
        }
        return result.merging(DockerProxies.arguments(environment)) { given, _ in given }
    }

    package static func labels(_ texts: [String]) throws -> [String: String] {
        var result: [String: String] = [:]
        for text in texts {
            let (name, value) = try assignment(text, "--label")
            result[name] = value ?? ""
        }
        return result
    }

    private static func assignment(_ text: String, _ option: String) throws -> (name: String, value: String?) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else {
            throw InvalidOption(name: option, value: text, reason: "it needs a name")
        }
        return (name, parts.count == 2 ? parts[1] : nil)
    }
}
