import Dockerfile
import LinuxSystem
import OCI
package import Storage

/// What the options of commands that remove say, as a policy.
package struct PruneWords {
    /// Each `NAME=VALUE`.
    package var filters: [String] = []
    /// Bytes of the build cache that stay.
    package var keptBytes: String?
    package var keptBytesName = "--keep-storage"

    package init(filters: [String], keptBytes: String? = nil) { (self.filters, self.keptBytes) = (filters, keptBytes) }

    /// For `system prune` and `builder prune`.
    ///
    /// - Throws: ``InvalidOption``.
    package func policy() throws -> Store.PrunePolicy {
        var policy = Store.PrunePolicy()
        for filter in filters {
            let (name, value) = try Self.parts(filter)
            switch name {
            case "until", "unused-for": policy.lastUsedBefore = try Self.moment(value, filter)
            case "type":
                policy.includesCacheMounts = value == "exec.cachemount"
                policy.includesSteps = value != "exec.cachemount"
                let known = [
                    "exec.cachemount", "regular", "internal", "frontend", "source.local", "source.git.checkout",
                ]
                guard known.contains(value) else {
                    throw InvalidOption(
                        name: "--filter", value: filter, reason: "types are exec.cachemount and regular")
                }
            default: throw InvalidOption(name: "--filter", value: filter, reason: "known are until and type")
            }
        }
        if let keptBytes {
            guard let bytes = ByteCount.parse(keptBytes) else {
                throw InvalidOption(name: keptBytesName, value: keptBytes, reason: "the form is 10GB")
            }
            policy.keptBytes = bytes
        }
        return policy
    }

    private static func parts(_ filter: String) throws -> (name: String, value: String) {
        let parts = filter.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw InvalidOption(name: "--filter", value: filter, reason: "the form is until=24h")
        }
        return (parts[0], parts[1])
    }

    /// A duration before now, seconds since 1970, or a time of RFC 3339, in seconds since 1970.
    private static func moment(_ text: String, _ filter: String) throws -> Int64 {
        if let age = seconds(text) { return FileTime.now.seconds - age }
        if let seconds = Int64(text) { return seconds }
        if let time = Timestamp(rfc3339: text) { return time.seconds }
        throw InvalidOption(name: "--filter", value: filter, reason: "the form is until=24h")
    }

    /// `1h30m` in seconds; nil for anything else.
    package static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        var sum: Int64 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber, digits.count < 9 {
                digits.append(character)
            } else {
                guard let factor = units[character], let value = Int64(digits) else { return nil }
                sum += value * factor
                guard sum < 1 << 50 else { return nil }
                digits = ""
            }
        }
        return digits.isEmpty && !text.isEmpty ? sum : nil
    }

    /// Which images `image prune` chooses: `until=`, `label=NAME[=VALUE]`, `label!=…` and `dangling=`.
    ///
    /// - Parameter all: images with a name too.
    /// - Throws: ``InvalidOption``.
    package func images(all: Bool, in store: Store) throws -> (ImageDirectory.Summary) -> Bool {
        var tests: [(ImageDirectory.Summary) -> Bool] = []
        var includesNamed = all
        for filter in filters {
            let (name, value) = try Self.parts(filter)
            switch name {
            case "until":
                let moment = try Self.moment(value, filter)
                tests.append { ($0.created.flatMap(Timestamp.init(rfc3339:))?.seconds ?? 0) < moment }
            case "label", "label!":
                let label = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                tests.append { summary in
                    // Damaged: `system check` tells.
                    let found = (try? store.images.image(summary.id))?.config.container.labels[label[0]]
                    return (found != nil && (label.count == 1 || found == label[1])) == (name == "label")
                }
            case "dangling":
                guard let isWanted = SwitchWord.value(value) else {
                    throw InvalidOption(name: "--filter", value: filter, reason: "dangling is true or false")
                }
                includesNamed = includesNamed || !isWanted
            default:
                throw InvalidOption(
                    name: "--filter", value: filter, reason: "known are until, label, label! and dangling")
            }
        }
        return { summary in (includesNamed || !summary.isNamed) && tests.allSatisfy { $0(summary) } }
    }
}
