/// The words behind a mount's target, `ro,z`: docker's, each at most once of its kind.
///
/// Labels, consistency and propagation change nothing: nothing here is labelled, files are shared as they are, and a container's
/// mounts are its own.
package struct VolumeWords: Hashable, Sendable {
    package let isReadOnly: Bool
    /// Whether a new volume begins with what the image has at its place.
    package let copiesImage: Bool

    private enum Kind: Hashable { case access, label, consistency, propagation, copying }

    private static let kinds: [String: Kind] = [
        "ro": .access, "rw": .access, "z": .label, "Z": .label, "default": .consistency, "cached": .consistency,
        "delegated": .consistency, "consistent": .consistency, "private": .propagation, "rprivate": .propagation,
        "shared": .propagation, "rshared": .propagation, "slave": .propagation, "rslave": .propagation,
        "nocopy": .copying,
    ]

    /// For people.
    package static let known =
        "ro, rw, z, Z, cached, delegated, consistent, nocopy, [r]private, [r]shared, [r]slave, with commas between them"

    /// - Returns: nil for what docker does not know either: `readonly`, `RO`, `ro,rw`.
    package init?(_ text: String?) {
        var seen: Set<Kind> = []
        let words = text.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
        for word in words {
            guard let kind = Self.kinds[word], seen.insert(kind).inserted else { return nil }
        }
        isReadOnly = words.contains("ro")
        copiesImage = !words.contains("nocopy")
    }
}
