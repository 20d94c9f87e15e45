internal import OCI

/// Kubernetes' files: what logs in to a cluster, and secrets as manifests.
enum KubernetesDocuments {
    /// - Parameter place: of `client-key-data`.
    static func clientKey(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        guard let range = window.assignment(behind: place + 15) else { return [] }
        let value = window.array(range)
        guard value.count >= 64,
            window.end(of: .base64Padded, from: range.lowerBound, atMost: 8192) >= range.upperBound,
            Entropy.bits(value) >= 3.5,
            !Placeholder.covers(value)
        else { return [] }
        return [SecretMatch(.kubeconfig, place..<range.upperBound, value)]
    }

    /// The token of a kubeconfig.
    ///
    /// - Parameter place: of `kind: Config`, in YAML or JSON.
    static func config(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        guard endsKind(window, place, "Config") else { return [] }
        let document = document(window, place)
        var matches: [SecretMatch] = []
        var from = document.lowerBound
        while matches.count < 8, let found = window.first("token", in: from..<document.upperBound) {
            from = found + 5
            guard window.beginsWord(at: found), window[found - 1] != UInt8(ascii: "-"),
                let range = window.assignment(behind: from)
            else { continue }
            let value = window.array(range)
            guard value.count >= 16, Entropy.bits(value) >= 3, !Placeholder.covers(value) else { continue }
            matches.append(SecretMatch(.kubeconfig, found..<range.upperBound, value))
        }
        return matches
    }

    /// A manifest of a secret with a value that is no template. A sealed one is of another kind.
    ///
    /// - Parameter place: of `kind: Secret`, in YAML or JSON.
    static func secret(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        guard endsKind(window, place, "Secret") else { return [] }
        let document = document(window, place)
        for name in ["data:", "stringData:", "\"data\"", "\"stringData\""] as [StaticString] {
            guard let data = window.first(name, in: document) else { continue }
            let before = window[data - 1]
            guard
                data == document.lowerBound || ByteSet.space.contains(before) || before == UInt8(ascii: ",")
                    || before == UInt8(ascii: "{")
            else { continue }
            if let match = value(
                window, data + name.utf8CodeUnitCount..<document.upperBound, isYAML: window[data] != UInt8(ascii: "\""))
            {
                return [match]
            }
        }
        return []
    }

    private static func endsKind(_ window: ScanWindow, _ place: Int, _ kind: StaticString) -> Bool {
        guard let word = window.first(kind, in: place..<min(window.count, place + 24)) else { return false }
        return !ByteSet.token.contains(window[word + kind.utf8CodeUnitCount])
    }

    /// From one line of `---` to the next.
    private static func document(_ window: ScanWindow, _ place: Int) -> Range<Int> {
        let around = window.around(place, 6000)
        let end = window.first("\n---", in: place..<around.upperBound) ?? around.upperBound
        var start = around.lowerBound
        while let next = window.first("\n---", in: start..<place) { start = next + 4 }
        return start..<end
    }

    /// The first value of the lines, or members, that follow.
    private static func value(_ window: ScanWindow, _ range: Range<Int>, isYAML: Bool) -> SecretMatch? {
        var place = range.lowerBound
        let names = ByteSet(alphanumericAnd: "._-")
        for _ in 0..<32 {
            let skipped = isYAML ? ByteSet.space : ByteSet(Array(" \t\r\n{},:\"".utf8))
            let start = window.end(of: skipped, from: place, atMost: 256)
            guard start < range.upperBound else { return nil }
            let lineBegin = window.line(around: start).lowerBound
            // What is not indented is no longer a member.
            if isYAML, lineBegin == start { return nil }
            let end = window.end(of: names, from: start, atMost: 256)
            guard end > start, let found = window.assignment(behind: end), found.upperBound <= range.upperBound else {
                return nil
            }
            let value = window.array(found)
            if value.count >= 8, !Placeholder.covers(value), Entropy.bits(value) >= 2 {
                return SecretMatch(.kubernetesSecret, start..<found.upperBound, value)
            }
            place = max(found.upperBound + 1, end + 1)
        }
        return nil
    }
}
