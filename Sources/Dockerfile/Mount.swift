/// A mount of RUN with its variables expanded and its options checked (reference, "RUN --mount").
public enum Mount: Hashable, Sendable {
    case bind(Bind)
    case cache(Cache)
    case tmpfs(Tmpfs)
    case secret(Secret)
    case ssh(SSH)

    public enum Access: Hashable, Sendable { case readOnly, readWrite }

    public enum Sharing: String, Hashable, Sendable, CaseIterable { case shared, `private`, locked }

    /// What the build does when the caller gave no such secret or agent.
    public enum Presence: Hashable, Sendable { case optional, required }

    /// Mode and owner of what is made for the mount; nil for the mount's own default.
    public struct Ownership: Hashable, Sendable {
        public var mode: UInt32?
        public var user: UInt32?
        public var group: UInt32?
    }

    /// Files of the context, of a stage or of an image. Writes are discarded.
    public struct Bind: Hashable, Sendable {
        public var from: Word?
        public var source: String
        /// As it was written; relative to the working directory if it does not begin with a slash.
        public var target: String
        public var access: Access
    }

    /// A directory that is kept between builds and is no part of the image.
    public struct Cache: Hashable, Sendable {
        /// The cleaned target if none was written.
        public var id: String
        public var sharing: Sharing
        public var from: Word?
        public var source: String
        public var target: String
        public var ownership: Ownership
        public var access: Access
    }

    public struct Tmpfs: Hashable, Sendable {
        public var target: String
        /// Bytes; nil for the kernel's default.
        public var size: Int64?
    }

    public struct Secret: Hashable, Sendable {
        public var id: String
        /// Nil if the secret is only an environment variable.
        public var target: String?
        public var variable: String?
        public var ownership: Ownership
        public var presence: Presence
    }

    public struct SSH: Hashable, Sendable {
        public var id: String
        /// Nil for `/run/buildkit/ssh_agent.N`.
        public var target: String?
        public var ownership: Ownership
        public var presence: Presence
    }

    public enum Kind: String, Hashable, Sendable, CaseIterable { case bind, cache, tmpfs, secret, ssh }
}
