package import Secrets

extension AllowFileError {
    package var sentence: String { "line \(line): \(reason.sentence)" }
}

extension AllowFileError.Reason {
    fileprivate var sentence: String {
        switch self {
        case .syntax(let text): text
        case .noList: "what is allowed is a list, or the list `allow`"
        case .noMapping: "an entry has the keys rule, path, fingerprint, reason and until"
        case .unknownKey(let key): "'\(key)' is no key of an entry; those are rule, path, fingerprint, reason and until"
        case .unknownRule(let rule): "there is no rule '\(rule)'"
        case .noText(let key): "'\(key)' is a text"
        case .noReason: "an entry says in `reason` why it allows something"
        case .tooWide: "an entry names a path or a fingerprint"
        case .noDate(let text): "'\(text)' is no day in the form 2026-12-31"
        case .noFingerprint(let text): "'\(text)' is no fingerprint of 64 hexadecimal digits"
        }
    }
}
