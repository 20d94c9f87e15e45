internal import Dockerfile
internal import OrderedCollections

/// The variables of a stage: ENV and the ARGs that have a value, the later definition of a name before the earlier.
///
/// A stage that starts from another one goes on with its variables, arguments included, as in the reference frontend.
struct VariableScope: Sendable {
    private var values: OrderedDictionary<String, String> = [:]
    /// The ARGs that were declared, for the history of RUN: a name without a value has nil.
    private var arguments: OrderedDictionary<String, String?> = [:]

    /// Names that tell the builder something and that no process sees.
    private static let hidden: Set = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"]

    func value(of name: String) -> String? { values[name] }

    mutating func setEnvironment(_ name: String, _ value: String) { values[name] = value }

    mutating func declare(_ name: String, _ value: String?) {
        arguments[name] = .some(value)
        if let value, !Self.hidden.contains(name) { values[name] = value }
    }

    /// `NAME=value`.
    var environment: [String] { values.map { "\($0.key)=\($0.value)" } }

    /// `|2 A=1 B=2 `, which the history of RUN has in front of the command; empty without arguments. Histories are for whoever
    /// has the image: values of secrets are left out.
    var historyPrefix: String {
        guard !arguments.isEmpty else { return "" }
        let pairs = arguments.map { "\($0.key)=" + SecretName.shown(values[$0.key] ?? $0.value ?? "", of: $0.key) }
        return "|\(pairs.count) \(pairs.joined(separator: " ")) "
    }

    /// The same for text that people read: values of secrets are left out.
    func displayExpander(_ escape: EscapeCharacter, _ options: WordExpander.Options) -> WordExpander {
        WordExpander(
            escape: escape,
            variables: Dictionary(
                uniqueKeysWithValues: values.map { ($0.key, SecretName.shown($0.value, of: $0.key)) }),
            options: options)
    }

    func expander(_ escape: EscapeCharacter, _ options: WordExpander.Options = []) -> WordExpander {
        WordExpander(
            escape: escape, variables: Dictionary(uniqueKeysWithValues: values.map { ($0.key, $0.value) }),
            options: options)
    }
}
