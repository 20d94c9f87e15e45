import Dockerfile

/// The value of an option as an error shows it: nobody's secret ends in a log because something else is wrong.
package enum OptionValue {
    /// Options whose values may be secrets, whatever they are called.
    private static let confidential: Set = [
        "--build-arg", "--secret", "--ssh", "--label", "--env", "--password", "--annotation",
    ]

    package static func shown(_ value: String, of option: String) -> String {
        guard confidential.contains(option) else {
            return value.split(separator: ",", omittingEmptySubsequences: false).map(field).joined(separator: ",")
        }
        guard let name = name(value), !name.contains(",") else {
            return value.isEmpty || option == "--ssh" ? value : "…"
        }
        // What is missing is no secret.
        return value.hasSuffix("=") && value.utf8.count == name.utf8.count + 1 ? value : "\(name)=…"
    }

    /// A field `NAME=VALUE` of others.
    private static func field(_ text: Substring) -> String {
        guard let name = name(text), SecretName.matches(name) else { return String(text) }
        return "\(name)=…"
    }

    private static func name(_ text: some StringProtocol) -> String? {
        text.firstIndex(of: "=").map { String(text[..<$0]) }
    }
}
