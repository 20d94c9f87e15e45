/// The flags of one instruction, checked against those that it knows.
struct FlagSet {
    enum Kind { case boolean, single, repeated }

    private let text: LogicalText
    private var flags: [(name: String, flag: RawFlag)] = []

    init(_ head: InstructionHead, _ known: KeyValuePairs<String, Kind>) throws(Diagnostic) {
        text = head.text
        for flag in head.flags {
            let name = flag.name
            guard let kind = known.first(where: { $0.key == name })?.value else {
                throw Diagnostic(
                    .error(.unknownFlag), at: flag.range,
                    "unknown flag --\(name) for \(head.keyword.text.uppercased())",
                    hint: Suggestion.hint(for: "--" + name, among: known.map { "--" + $0.key }))
            }
            guard kind == .repeated || !flags.contains(where: { $0.name == name }) else {
                throw Diagnostic(.error(.invalidFlag), at: flag.range, "flag --\(name) is given twice")
            }
            try Self.check(flag, name, kind, text)
            flags.append((name, flag))
        }
    }

    private static func check(
        _ flag: RawFlag, _ name: String, _ kind: Kind, _ text: LogicalText
    ) throws(Diagnostic) {
        let value = flag.value(in: text)
        switch kind {
        case .boolean:
            guard let value, !["true", "false"].contains(value.string.lowercased()) else { return }
            throw Diagnostic(
                .error(.invalidFlag), at: flag.range,
                value.string.isEmpty
                    ? "flag --\(name) has no value behind its '='"
                    : "flag --\(name) takes true or false, not '\(value.string)'")
        case .single, .repeated:
            guard value == nil else { return }
            throw Diagnostic(
                .error(.invalidFlag), at: flag.range, "flag --\(name) has no value", hint: "write --\(name)=…")
        }
    }

    func values(_ name: String) -> [FlagValue] {
        flags.compactMap { $0.name == name ? $0.flag.value(in: text) : nil }
    }

    /// The value of a flag that takes one; nil if it is absent or empty, which the reference does not tell apart.
    func word(_ name: String) -> Word? { values(name).first.flatMap { $0.scalars.isEmpty ? nil : $0.word } }

    /// Whether a Boolean flag is set; nil if it is absent.
    func boolean(_ name: String) -> Bool? {
        guard let flag = flags.first(where: { $0.name == name })?.flag else { return nil }
        return flag.value(in: text).map { $0.string.lowercased() == "true" } ?? true
    }
}
