internal import OCI

/// What tools for packages and registries keep to log in.
enum RegistryCredentials {
    /// Lines of npmrc: `//host/:_authToken=…`, `_auth=…`, `_password=…`.
    ///
    /// - Parameter place: of `_auth` or `_password`.
    static func npm(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let name = window.end(of: .word, from: place, atMost: 32)
        let isToken = window.has("_authToken", at: place) && name - place == 10
        guard
            isToken || window.has("_auth", at: place) && name - place == 5
                || window.has("_password", at: place) && name - place == 9,
            let range = window.assignment(behind: name)
        else { return [] }
        let before = window[place - 1]
        let beginsLine = place == 0 || before == UInt8(ascii: "\n")
        guard beginsLine || before == UInt8(ascii: ":") || (isToken && !ByteSet.word.contains(before)) else {
            return []
        }
        let value = window.array(range)
        guard window.end(of: .anyBase64, from: range.lowerBound) >= range.upperBound || isToken,
            !Placeholder.covers(value)
        else { return [] }
        if isToken {
            guard value.count >= 16, Entropy.bits(value) >= 2.5,
                window.end(of: .dotted, from: range.lowerBound) >= range.upperBound
            else { return [] }
        } else {
            guard value.count >= 8, let plain = decoded(value) else { return [] }
            // A user and a password; the password alone stands below its registry's name.
            guard before == UInt8(ascii: ":") || plain.contains(UInt8(ascii: ":")) else { return [] }
        }
        return [SecretMatch(.npmAuth, place..<range.upperBound, value)]
    }

    /// `npmAuthToken: …` of yarn.
    ///
    /// - Parameter place: of `npmAuthToken`.
    static func yarn(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        guard let range = window.assignment(behind: place + 12) else { return [] }
        let value = window.array(range)
        guard value.count >= 16, Entropy.bits(value) >= 2.5, !Placeholder.covers(value) else { return [] }
        return [SecretMatch(.npmAuth, place..<range.upperBound, value)]
    }

    private static func decoded(_ value: [UInt8]) -> [UInt8]? { Base64.decode(String(decoding: value, as: UTF8.self)) }

    /// The logins of docker's config.
    ///
    /// - Parameter place: of `"auths"`.
    static func docker(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        var matches: [SecretMatch] = []
        for name in ["\"auth\"", "\"identitytoken\"", "\"registrytoken\""] as [StaticString] {
            var from = place
            while matches.count < 16, let found = window.first(name, in: from..<max(from, place + 8000)) {
                from = found + name.utf8CodeUnitCount
                guard let range = window.assignment(behind: from - 1) else { continue }
                let value = window.array(range)
                let isLogin = name.utf8CodeUnitCount == 6
                guard value.count >= 8, !Placeholder.covers(value),
                    !isLogin || decoded(value)?.contains(UInt8(ascii: ":")) == true
                else { continue }
                matches.append(SecretMatch(.dockerAuth, found..<range.upperBound, value))
            }
        }
        return matches
    }

    /// `machine HOST login USER password PASSWORD` (netrc(5)), over several lines as well. Manuals show such lines, so a password
    /// looks like chance here; what a file of that name has may be a weak one.
    ///
    /// - Parameter place: of `machine `.
    static func netrc(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        netrc(window, place, PasswordQuality.isStrong)
    }

    /// Weak passwords of a file whose name says that it has passwords.
    static func weakNetrc(_ head: [UInt8]) -> [SecretMatch] {
        head.withUnsafeBytes { bytes in
            let window = ScanWindow(bytes: bytes)
            var matches: [SecretMatch] = []
            var from = 0
            while matches.count < 16, let found = window.first("machine ", in: from..<bytes.count) {
                from = found + 8
                matches += netrc(window, found) { PasswordQuality.isPassword($0) && !PasswordQuality.isStrong($0) }
            }
            return matches
        }
    }

    private static func netrc(_ window: ScanWindow, _ place: Int, _ isMeant: ([UInt8]) -> Bool) -> [SecretMatch] {
        guard place == 0 || ByteSet.space.contains(window[place - 1]) else { return [] }
        var cursor = place + 7
        var words: [Range<Int>] = []
        while words.count < 8 {
            cursor = window.end(of: .space, from: cursor, atMost: 64)
            let end = window.end(of: ByteSet(Array(33...255)), from: cursor, atMost: 512)
            guard end > cursor else { break }
            words.append(cursor..<end)
            cursor = end
        }
        guard words.count >= 3, let keyword = words.dropFirst().firstIndex(where: { window.text($0) == "password" }),
            keyword + 1 < words.count,
            words[1..<keyword].contains(where: { window.text($0) == "login" }) || keyword == 2
        else { return [] }
        let range = words[keyword + 1]
        let value = window.array(range)
        guard isMeant(value) else { return [] }
        return [SecretMatch(.netrcPassword, place..<range.upperBound, value)]
    }

    /// `<password>…</password>` of Maven's settings.
    ///
    /// - Parameter place: of `<password>` or `<passphrase>`.
    static func maven(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let isPassword = window.has("<password>", at: place)
        let start = place + (isPassword ? 10 : 12)
        guard
            let end = window.first(
                isPassword ? "</password>" : "</passphrase>", in: start..<min(window.count, start + 300))
        else { return [] }
        let value = window.array(start..<end)
        // An encrypted one stands in braces, as a variable does behind its sign.
        guard value.first != UInt8(ascii: "{"), !value.contains(UInt8(ascii: "\n")), PasswordQuality.isPassword(value)
        else { return [] }
        return [SecretMatch(.mavenPassword, place..<end, value)]
    }

    /// `<add key="ClearTextPassword" value="…" />`.
    ///
    /// - Parameter place: of `ClearTextPassword`.
    static func nuget(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let name = place + 17
        guard let attribute = window.first("value", in: name..<min(window.count, name + 64)),
            let range = window.assignment(behind: attribute + 5)
        else { return [] }
        let value = window.array(range)
        guard PasswordQuality.isPassword(value) else { return [] }
        return [SecretMatch(.nugetPassword, place..<range.upperBound, value)]
    }

    /// Logins of composer's auth.json: tokens by host, or a user and a password.
    ///
    /// - Parameter place: of the quote before `http-basic`, `github-oauth`, `gitlab-token` or `bearer`.
    static func composer(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let isBasic = window.has("\"http-basic\"", at: place)
        guard let open = window.first("{", in: place..<min(window.count, place + 40)) else { return [] }
        let range = open..<min(window.count, open + 2000)
        if isBasic {
            guard let name = window.first("\"password\"", in: range), let found = window.assignment(behind: name + 9)
            else { return [] }
            let value = window.array(found)
            return PasswordQuality.isPassword(value)
                ? [SecretMatch(.composerAuth, place..<found.upperBound, value)] : []
        }
        guard let separator = window.first("\":", in: range), let found = window.assignment(behind: separator) else {
            return []
        }
        let value = window.array(found)
        guard value.count >= 16, Entropy.bits(value) >= 2.5, !Placeholder.covers(value),
            window[found.lowerBound - 1] == UInt8(ascii: "\"")
        else { return [] }
        return [SecretMatch(.composerAuth, place..<found.upperBound, value)]
    }

    /// `token = "…"` below a registry's name (The Cargo Book, "Configuration").
    ///
    /// - Parameter place: of `[registr`.
    static func cargo(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        guard place == 0 || ByteSet.space.contains(window[place - 1]) else { return [] }
        let section = place + 1..<min(window.count, place + 600)
        let end = window.first("\n[", in: section) ?? section.upperBound
        guard let name = window.first("token", in: section.lowerBound..<end), window[name - 1] != UInt8(ascii: "-"),
            let range = window.assignment(behind: name + 5)
        else { return [] }
        let value = window.array(range)
        guard value.count >= 16, Entropy.bits(value) >= 2.5, !Placeholder.covers(value) else { return [] }
        return [SecretMatch(.cargoToken, place..<range.upperBound, value)]
    }

    private static let userLetters = ByteSet(alphanumericAnd: "._~%+-")
    private static let passwordLetters = ByteSet(alphanumericAnd: "._~%+-!=*&;,'#^")

    /// `scheme://user:password@host`.
    ///
    /// - Parameter place: of `://`.
    static func url(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let scheme = window.start(of: ByteSet(alphanumericAnd: "+.-"), before: place, atMost: 24)
        guard place - scheme >= 2 else { return [] }
        let user = place + 3
        let colon = window.end(of: userLetters, from: user, atMost: 128)
        guard window[colon] == UInt8(ascii: ":") else { return [] }
        let end = window.end(of: passwordLetters, from: colon + 1, atMost: 512)
        guard window[end] == UInt8(ascii: "@"),
            ByteSet.alphanumeric.contains(window[end + 1]) || window[end + 1] == UInt8(ascii: "[")
        else { return [] }
        let value = window.array(colon + 1..<end)
        guard PasswordQuality.isStrong(value), value != window.array(user..<colon) else { return [] }
        return [SecretMatch(.urlPassword, scheme..<end, value)]
    }
}
