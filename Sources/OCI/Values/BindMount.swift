/// A file or directory of the host that a container sees at another place (OCI runtime specification 1.0, config.md, "Mounts").
package struct BindMount: Hashable, Sendable {
    /// A host path.
    package let source: String
    package let target: ImagePath
    package let isReadOnly: Bool
    /// Whether it is a device that may be opened, or such can be opened in it.
    package let hasDevices: Bool

    package init(source: String, target: ImagePath, isReadOnly: Bool, hasDevices: Bool = false) {
        (self.source, self.target, self.isReadOnly, self.hasDevices) = (source, target, isReadOnly, hasDevices)
    }

    /// As an entry of `mounts` in a runtime's `config.json`.
    package var json: JSON {
        .object([
            "destination": .string(target.description), "type": .string("bind"), "source": .string(source),
            "options": .strings(["rbind", "rprivate"] + (hasDevices ? [] : ["nodev"]) + [isReadOnly ? "ro" : "rw"]),
        ])
    }
}
