extension MountSyntax {
    /// The stage, image or context that `from` names; it never holds variables.
    package var from: Word? { options.last { $0.key.text == "from" }?.value }

    /// Expands the options' values and checks them together.
    package func resolve(_ expand: (Word) throws(Diagnostic) -> String) throws(Diagnostic) -> Mount {
        var resolver = MountResolver(range: range)
        for option in options { try resolver.read(option, expand) }
        return try resolver.mount()
    }
}

/// Collects the options of one mount.
private struct MountResolver {
    let range: SourceRange
    private var kind = Mount.Kind.bind
    private var from: Word?
    private var source = ""
    private var target = ""
    private var access: Mount.Access?
    private var id: String?
    private var sharing: Mount.Sharing?
    private var presence: Mount.Presence?
    private var variable: String?
    private var size: Int64?
    private var ownership = Mount.Ownership()
    /// The options that only some mounts have, as they were met.
    private var special: [Word] = []

    init(range: SourceRange) { self.range = range }

    private static let keys = [
        "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid",
        "env", "src", "dst", "destination", "ro", "rw", "readwrite",
    ]

    mutating func read(
        _ option: MountSyntax.Option, _ expand: (Word) throws(Diagnostic) -> String
    ) throws(Diagnostic) {
        let key = option.key
        guard let word = option.value else { return try readWithoutValue(key) }
        let value = try expand(word)
        switch key.text {
        case "type": kind = try choice(value, word, "mount type")
        case "from": from = Word(value, at: word.range)
        case "source", "src": source = value
        case "target", "dst", "destination": target = value
        case "readonly", "ro": access = try boolean(value, option, word) ? .readOnly : .readWrite
        case "readwrite", "rw": access = try boolean(value, option, word) ? .readWrite : .readOnly
        case "required":
            presence = try boolean(value, option, word) ? .required : .optional
            special.append(key)
        case "id": id = value
        case "sharing":
            sharing = try choice(value, word, "sharing mode")
            special.append(key)
        case "size":
            guard let bytes = ByteCount.parse(value) else { throw invalid(value, key, word) }
            size = bytes
            special.append(key)
        case "mode": ownership.mode = try number(value, radix: 8, key, word)
        case "uid": ownership.user = try number(value, radix: 10, key, word)
        case "gid": ownership.group = try number(value, radix: 10, key, word)
        case "env":
            variable = value
            special.append(key)
        default: throw unknown(key)
        }
    }

    private mutating func readWithoutValue(_ key: Word) throws(Diagnostic) {
        switch key.text {
        case "readonly", "ro": access = .readOnly
        case "readwrite", "rw": access = .readWrite
        case "required":
            presence = .required
            special.append(key)
        case _ where Self.keys.contains(key.text):
            throw Diagnostic(
                .error(.invalidMount), at: key.range, "mount option '\(key)' has no value", hint: "write \(key)=…")
        default: throw unknown(key)
        }
    }

    func mount() throws(Diagnostic) -> Mount {
        try checkCombinations()
        switch kind {
        case .bind:
            return .bind(
                Mount.Bind(from: from, source: source, target: target, access: access ?? .readOnly))
        case .cache:
            return .cache(
                Mount.Cache(
                    id: id.flatMap { $0.isEmpty ? nil : $0 } ?? CleanPath.clean(target), sharing: sharing ?? .shared,
                    from: from, source: source, target: target, ownership: ownership, access: access ?? .readWrite))
        case .tmpfs: return .tmpfs(Mount.Tmpfs(target: target, size: size))
        case .secret: return .secret(try secret())
        case .ssh:
            return .ssh(
                Mount.SSH(
                    id: id.flatMap { $0.isEmpty ? nil : $0 } ?? "default", target: target.isEmpty ? nil : target,
                    ownership: ownership, presence: presence ?? .optional))
        }
    }

    private func secret() throws(Diagnostic) -> Mount.Secret {
        guard from == nil else { throw fault("a secret mount has no 'from'") }
        let named = [source, id ?? ""].first { !$0.isEmpty }
        guard source.isEmpty || (id ?? "").isEmpty else { throw fault("a secret mount has 'source' or 'id', not both") }
        guard let name = named ?? (target.isEmpty ? variable : CleanPath.base(target)), !name.isEmpty else {
            throw fault("a secret mount needs an 'id' or a 'target'", hint: "write type=secret,id=name")
        }
        let file = target.isEmpty ? (variable == nil ? "/run/secrets/" + CleanPath.base(name) : nil) : target
        return Mount.Secret(
            id: name, target: file, variable: variable, ownership: ownership, presence: presence ?? .optional)
    }

    private func checkCombinations() throws(Diagnostic) {
        for key in special {
            let allowed: [Mount.Kind] =
                switch key.text {
                case "required": [.secret, .ssh]
                case "sharing": [.cache]
                case "size": [.tmpfs]
                default: [.secret]
                }
            guard allowed.contains(kind) else {
                throw Diagnostic(
                    .error(.invalidMount), at: key.range, "'\(key)' is no option of \(kind.rawValue) mounts")
            }
        }
        if kind == .bind || kind == .tmpfs {
            let set = [("mode", ownership.mode), ("uid", ownership.user), ("gid", ownership.group)]
            for (name, value) in set where value != nil {
                throw fault("'\(name)' is not allowed for \(kind.rawValue) mounts")
            }
        }
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ value: String, _ word: Word, _ what: String
    ) throws(Diagnostic) -> Choice where Choice.RawValue == String {
        if let choice = Choice(rawValue: value.lowercased()) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        throw Diagnostic(
            .error(.invalidMount), at: word.range, "unknown \(what) '\(value)'",
            hint: Suggestion.hint(for: value, among: names) ?? "use one of \(names.joined(separator: ", "))")
    }

    /// The spellings of Go's `strconv.ParseBool`.
    private func boolean(_ value: String, _ option: MountSyntax.Option, _ word: Word) throws(Diagnostic) -> Bool {
        switch value {
        case "1", "t", "T", "TRUE", "true", "True": return true
        case "0", "f", "F", "FALSE", "false", "False": return false
        default: throw invalid(value, option.key, word)
        }
    }

    private func number(_ value: String, radix: Int, _ key: Word, _ word: Word) throws(Diagnostic) -> UInt32 {
        guard let number = UInt32(value, radix: radix), value.utf8.first != UInt8(ascii: "+") else {
            throw invalid(value, key, word)
        }
        return number
    }

    private func invalid(_ value: String, _ key: Word, _ word: Word) -> Diagnostic {
        Diagnostic(.error(.invalidMount), at: word.range, "'\(value)' is no value for mount option '\(key)'")
    }

    private func unknown(_ key: Word) -> Diagnostic {
        Diagnostic(
            .error(.invalidMount), at: key.range, "unknown mount option '\(key)'",
            hint: Suggestion.hint(for: key.text, among: Self.keys))
    }

    private func fault(_ message: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(.error(.invalidMount), at: range, message, hint: hint)
    }
}
