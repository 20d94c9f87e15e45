package import Storage

/// A network that a command has to itself.
package struct StepNetwork: Sendable {
    /// The host path of its namespace.
    package let namespace: String
    /// What processes see in place of the image's own files.
    package let hostFiles: [RootFileSystem.HostFile]
    /// Waits until it leads outside.
    package let ready: @Sendable () async throws -> Void
    /// Gives it back when nobody is in it any more.
    package let leave: @Sendable (_ isUnchanged: Bool) -> Void

    package init(
        namespace: String, hostFiles: [RootFileSystem.HostFile], ready: @escaping @Sendable () async throws -> Void,
        leave: @escaping @Sendable (_ isUnchanged: Bool) -> Void
    ) {
        (self.namespace, self.hostFiles, self.ready, self.leave) = (namespace, hostFiles, ready, leave)
    }
}
