/// Keys of services that are more than letters behind a prefix.
enum ServiceKeys {
    /// - Parameter place: of `hooks.slack.com/`.
    static func slackWebhook(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let start = window.end(of: ByteSet(alphanumericAnd: "."), from: place, atMost: 32) + 1
        let end = window.end(of: ByteSet(alphanumericAnd: "/_-"), from: start, atMost: 256)
        let value = window.array(start..<end)
        let parts = value.split(separator: UInt8(ascii: "/"))
        guard parts.count >= 4, let last = parts.last, last.count >= 20, Entropy.bits(last) >= 3,
            !Placeholder.covers(Array(last))
        else { return [] }
        return [SecretMatch(.slackWebhook, place..<end, value)]
    }

    /// - Parameter place: of `SG.`.
    static func sendgridKey(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        guard window.beginsWord(at: place) else { return [] }
        let point = window.end(of: .token, from: place + 3, atMost: 64)
        guard window[point] == UInt8(ascii: "."), (16...40).contains(point - place - 3) else { return [] }
        let end = window.end(of: .token, from: point + 1, atMost: 128)
        guard end - point - 1 >= 32 else { return [] }
        let value = window.array(place..<end)
        guard Entropy.bits(value) >= 3.5, !Placeholder.covers(value) else { return [] }
        return [SecretMatch(.sendgridKey, place..<end, value)]
    }

    /// - Parameter place: within the service's name.
    static func twilioKey(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let range = window.around(place, 256)
        var from = range.lowerBound
        while let found = window.first("SK", in: from..<range.upperBound) {
            from = found + 2
            let end = window.end(of: .hex, from: found + 2, atMost: 64)
            guard end - found == 34, window.beginsWord(at: found), !ByteSet.word.contains(window[end]) else { continue }
            let value = window.array(found..<end)
            guard Entropy.bits(value.dropFirst(2)) >= 2.5, !Placeholder.covers(Array(value.dropFirst(2))) else {
                continue
            }
            return [SecretMatch(.twilioKey, found..<end, value)]
        }
        return []
    }

    /// A bot's number, a colon and 35 characters.
    ///
    /// - Parameter found: of the colon, or of the digit before it.
    static func botToken(_ window: ScanWindow, _ found: Int) -> [SecretMatch] {
        let place = window[found] == UInt8(ascii: ":") ? found - 1 : found
        let start = window.start(of: .digits, before: place + 1, atMost: 16)
        guard (8...10).contains(place + 1 - start), window.beginsWord(at: start) || window.has("bot", at: start - 3)
        else { return [] }
        let end = window.end(of: .token, from: place + 2, atMost: 64)
        guard end - place - 2 == 35 else { return [] }
        let body = window.array(place + 2..<end)
        let kinds = Entropy.kinds(body)
        guard kinds.hasLower, kinds.hasUpper, Entropy.bits(body) >= 3.5, !Placeholder.covers(body) else { return [] }
        return [SecretMatch(.botToken, start..<end, window.array(start..<end))]
    }

    /// The older form of OpenAI's keys: a mark in the middle.
    ///
    /// - Parameter place: of the mark.
    static func openaiKey(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let start = window.start(of: .token, before: place, atMost: 200)
        let end = window.end(of: .token, from: place, atMost: 200)
        guard window.has("sk-", at: start), place - start >= 15, end - place >= 20 else { return [] }
        let value = window.array(start..<end)
        guard Entropy.bits(value) >= 3.5, !Placeholder.covers(value) else { return [] }
        return [SecretMatch(.openaiKey, start..<end, value)]
    }

    /// PuTTY's own form of a private key.
    ///
    /// - Parameter place: of `PuTTY-User-Key-File-`.
    static func puttyKey(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        guard let lines = window.first("Private-Lines: ", in: place..<place + 12_000) else { return [] }
        let (body, _, end) = PrivateKeyText.body(window, window.line(around: lines).upperBound)
        guard body.count >= 40, Entropy.bits(body) >= 3 else { return [] }
        return [SecretMatch(.keyStore, place..<end, body)]
    }
}
