internal import OCI

/// Keys of cloud providers that are more than letters behind a prefix.
enum CloudKeys {
    private static let awsLetters = ByteSet(Array(65...90) + Array(50...55))

    /// - Parameter place: of `AKIA` or `ASIA`.
    static func awsAccessKey(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let end = window.end(of: .upperAlphanumeric, from: place, atMost: 64)
        guard end - place == 20, window.end(of: awsLetters, from: place + 4, atMost: 64) == end,
            window.beginsWord(at: place),
            !ByteSet.word.contains(window[end])
        else { return [] }
        let value = window.array(place..<end)
        guard Entropy.bits(value.dropFirst(4)) >= 2.5, !Placeholder.covers(Array(value.dropFirst(4))) else { return [] }
        return [SecretMatch(.awsAccessKey, place..<end, value)]
            + awsSecret(window, window.line(around: place, lines: 3, reach: 600), entropy: 4)
    }

    /// - Parameter place: of `secret` in any case, in a line that names AWS too.
    static func awsSecretKey(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let line = window.line(around: place, reach: 160)
        let head = line.lowerBound..<min(line.upperBound, place + 24)
        guard
            window.first("aws", in: head, ignoringCase: true) != nil
                || window.has(ignoringCase: "secretaccesskey", at: place)
        else { return [] }
        return awsSecret(window, place..<min(window.count, place + 200), entropy: 3.5)
    }

    /// The first run of exactly 40 characters of base64 that is no digest.
    private static func awsSecret(_ window: ScanWindow, _ range: Range<Int>, entropy: Double) -> [SecretMatch] {
        var place = range.lowerBound
        while place < range.upperBound {
            guard ByteSet.base64.contains(window[place]) else {
                place += 1
                continue
            }
            let end = window.end(of: .base64, from: place, atMost: 256)
            defer { place = end }
            guard end - place == 40, place == 0 || !ByteSet.token.contains(window[place - 1]),
                !ByteSet.token.contains(window[end])
            else { continue }
            let value = window.array(place..<end)
            let kinds = Entropy.kinds(value)
            guard kinds.hasDigit, kinds.hasLower, kinds.hasUpper, Entropy.bits(value) >= entropy,
                !Placeholder.covers(value)
            else { continue }
            return [SecretMatch(.awsSecretKey, place..<end, value)]
        }
        return []
    }

    /// - Parameter place: of `"service_account"`.
    static func googleServiceAccount(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        guard let member = window.first("private_key", in: window.around(place, 6000)) else { return [] }
        guard let key = window.first("PRIVATE KEY-----", in: member..<member + 6000) else { return [] }
        let (body, _, end) = PrivateKeyText.body(window, key + 16)
        guard body.count >= 60, Entropy.bits(body) >= 3 else { return [] }
        return [SecretMatch(.googleServiceAccount, place..<max(place + 17, end), body)]
    }

    /// - Parameter place: of `AccountKey=` or `SharedAccessKey=`.
    static func azureKey(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let start = window.end(of: ByteSet(alphanumericAnd: ""), from: place, atMost: 32) + 1
        let end = window.end(of: .base64Padded, from: start, atMost: 128)
        guard (43...90).contains(end - start) else { return [] }
        let value = window.array(start..<end)
        guard Entropy.bits(value) >= 3.5, !Placeholder.covers(value) else { return [] }
        return [SecretMatch(.azureKey, place..<end, value)]
    }

    /// - Parameter place: of `Q~`, or of the byte before it.
    static func azureClientSecret(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let letters = ByteSet(alphanumericAnd: "_~.-")
        let start = window.start(of: letters, before: place, atMost: 64)
        let end = window.end(of: letters, from: place, atMost: 64)
        guard (37...40).contains(end - start), place - start <= 20 else { return [] }
        let value = window.array(start..<end)
        let kinds = Entropy.kinds(value)
        guard kinds.hasDigit, kinds.hasLower, kinds.hasUpper, Entropy.bits(value) >= 3.5, !Placeholder.covers(value)
        else { return [] }
        return [SecretMatch(.azureClientSecret, start..<end, value)]
    }

    /// A signed address.
    ///
    /// - Parameter place: of what stands before `sig=`.
    static func azureSignature(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let letters = ByteSet(alphanumericAnd: "%+/=_-")
        let start = place + 5
        let end = window.end(of: letters, from: start, atMost: 256)
        guard end - start >= 40 else { return [] }
        let value = window.array(start..<end)
        let address = ByteSet(Array(33...126).filter { !Array("\"'<>\\`".utf8).contains($0) })
        let all =
            window.start(of: address, before: place, atMost: 1024)..<window.end(of: address, from: place, atMost: 1024)
        let hasEnd = ["&se=", "?se=", ";se="].contains { window.first($0, in: all) != nil }
        guard hasEnd, Entropy.bits(value) >= 3.5, !Placeholder.covers(value) else { return [] }
        return [SecretMatch(.azureSignature, start..<end, value)]
    }

    /// - Parameter place: of `.atlasv1.`.
    static func terraformToken(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let start = window.start(of: .alphanumeric, before: place, atMost: 64)
        let end = window.end(of: .token, from: place + 9, atMost: 512)
        guard place - start >= 10, end - place - 9 >= 40 else { return [] }
        let value = window.array(start..<end)
        guard Entropy.bits(value) >= 3.5, !Placeholder.covers(value) else { return [] }
        return [SecretMatch(.terraformToken, start..<end, value)]
    }
}
