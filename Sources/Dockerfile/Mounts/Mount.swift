/// A mount of RUN with its variables expanded and its options checked (reference, "RUN --mount").
package enum Mount: Hashable, Sendable {
    case bind(Bind)
    case cache(Cache)
    case tmpfs(Tmpfs)
    case secret(Secret)
    case ssh(SSH)

    package enum Access: Hashable, Sendable { case readOnly, readWrite }

    package enum Sharing: String, Hashable, Sendable, CaseIterable { case shared, `private`, locked }

    /// What the build does when the caller gave no such secret or agent.
    package enum Presence: Hashable, Sendable { case optional, required }

    /// Mode and owner of what is made for the mount; nil for the mount's own default.
    package struct Ownership: Hashable, Sendable {
        package var mode: UInt32?
        package var user: UInt32?
        package var group: UInt32?
    }

    /// Files of the context, of a stage or of an image. Writes are discarded.
    package struct Bind: Hashable, Sendable {
        package var from: Word?
        package var source: String
        /// As it was written; relative to the working directory if it does not begin with a slash.
        package var target: String
        package var access: Access
    }

    /// A directory that is kept between builds and is no part of the image.
    package struct Cache: Hashable, Sendable {
        /// The cleaned target if none was written.
        package var id: String
        package var sharing: Sharing
        package var from: Word?
        package var source: String
        package var target: String
        package var ownership: Ownership
        package var access: Access
    }

    package struct Tmpfs: Hashable, Sendable {
        package var target: String
        /// Bytes; nil for the kernel's default.
        package var size: Int64?
    }

    package struct Secret: Hashable, Sendable {
        package var id: String
        /// Nil if the secret is only an environment variable.
        package var target: String?
        package var variable: String?
        package var ownership: Ownership
        package var presence: Presence
    }

    package struct SSH: Hashable, Sendable {
        package var id: String
        /// Nil for `/run/buildkit/ssh_agent.N`.
        package var target: String?
        package var ownership: Ownership
        package var presence: Presence
    }

    package enum Kind: String, Hashable, Sendable, CaseIterable { case bind, cache, tmpfs, secret, ssh }
}
