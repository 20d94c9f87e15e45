/// What is done about secrets in an image before it goes anywhere.
package enum SecretMode: String, Hashable, Sendable, CaseIterable {
    /// It goes nowhere.
    case error
    case warn, off
}

/// How an image is looked through.
package struct SecretPolicy: Hashable, Sendable {
    /// nil: an error for what is pushed, else a warning.
    package var mode: SecretMode?
    /// Whether what the base brought is looked through too, and counts.
    package var includesBase = false
    /// The list of what is allowed; nil: `distill.secrets.yaml` of the context, or of the working directory.
    package var allowFile: String?
    /// Where the list is written that allows what was found.
    package var baseline: String?

    package init() {}

    package func mode(pushes: Bool) -> SecretMode { mode ?? (pushes ? .error : .warn) }
}
