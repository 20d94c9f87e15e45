/// A token that begins with letters of its own: how it goes on.
struct TokenShape: Sendable {
    let rule: SecretRule
    let prefix: StaticString
    /// The bytes behind the prefix.
    let body: ByteSet
    /// Of the bytes behind the prefix; a longer one is a newer form of the same.
    let minimum: Int
    let maximum: Int
    let level: SecretLevel
    /// Bits a byte that it has at least.
    let entropy: Double

    init(
        _ rule: SecretRule, _ prefix: StaticString, _ body: ByteSet, _ length: ClosedRange<Int>,
        level: SecretLevel? = nil,
        entropy: Double = 3
    ) {
        (self.rule, self.prefix, self.body, self.entropy) = (rule, prefix, body, entropy)
        (minimum, maximum) = (length.lowerBound, length.upperBound)
        self.level = level ?? rule.level
    }

    func match(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        guard window.beginsWord(at: place) else { return [] }
        let start = place + prefix.utf8CodeUnitCount
        var end = window.end(of: body, from: start, atMost: 2048)
        // What ends a sentence, or joins it to something else, is no part of it.
        while end > start, [UInt8(ascii: "."), UInt8(ascii: "-")].contains(window[end - 1]) { end -= 1 }
        guard (minimum...maximum).contains(end - start) else { return [] }
        let value = window.array(start..<end)
        guard Entropy.bits(value) >= entropy, !Placeholder.covers(value) else { return [] }
        return [SecretMatch(rule, place..<end, window.array(place..<end), level: level)]
    }

    private static let long = 2048

    static let all: [TokenShape] =
        ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map { TokenShape(.githubToken, $0, .dotted, 36...long) }
        + [TokenShape(.githubToken, "github_pat_", .word, 60...long)]
        + [
            "glpat-", "gldt-", "glrt-", "glptt-", "glsoat-", "glcbt-", "glimt-", "glagent-", "gloas-", "glft-",
            "glffct-",
        ].map {
            TokenShape(.gitlabToken, $0, .dotted, 20...long)
        }
        + [
            TokenShape(.googleAPIKey, "AIza", .token, 35...45),
            TokenShape(.googleOAuthSecret, "GOCSPX-", .token, 24...long),
            TokenShape(.npmToken, "npm_", .alphanumeric, 36...long),
            TokenShape(.pypiToken, "pypi-AgEI", .token, 50...long),
            TokenShape(.rubygemsKey, "rubygems_", .hex, 48...long),
            TokenShape(.dockerHubToken, "dckr_pat_", .token, 27...long),
            TokenShape(.dockerHubToken, "dckr_oat_", .token, 27...long),
            TokenShape(.stripeKey, "sk_live_", .alphanumeric, 24...long),
            TokenShape(.stripeKey, "rk_live_", .alphanumeric, 24...long),
            TokenShape(.stripeKey, "sk_test_", .alphanumeric, 24...long, level: .low),
            TokenShape(.stripeKey, "rk_test_", .alphanumeric, 24...long, level: .low),
            TokenShape(.anthropicKey, "sk-ant-", .token, 32...long),
            TokenShape(.openaiKey, "sk-proj-", .token, 32...long),
            TokenShape(.openaiKey, "sk-svcacct-", .token, 32...long),
            TokenShape(.openaiKey, "sk-admin-", .token, 32...long),
            TokenShape(.huggingFaceToken, "hf_", .alphanumeric, 34...long),
            TokenShape(.vaultToken, "hvs.", .token, 24...long, entropy: 3.5),
            TokenShape(.vaultToken, "hvb.", .token, 24...long, entropy: 3.5),
            TokenShape(.digitalOceanToken, "dop_v1_", .hex, 64...long),
            TokenShape(.digitalOceanToken, "doo_v1_", .hex, 64...long),
            TokenShape(.digitalOceanToken, "dor_v1_", .hex, 64...long),
            TokenShape(.shopifyToken, "shpat_", .hex, 32...long),
            TokenShape(.shopifyToken, "shpca_", .hex, 32...long),
            TokenShape(.shopifyToken, "shppa_", .hex, 32...long),
            TokenShape(.shopifyToken, "shpss_", .hex, 32...long),
            TokenShape(.alibabaKey, "LTAI", .alphanumeric, 12...26),
            TokenShape(.keyStore, "AGE-SECRET-KEY-1", .upperAlphanumeric, 50...80, level: .medium),
        ]
        + ["xoxa-", "xoxb-", "xoxp-", "xoxo-", "xoxs-", "xoxr-", "xoxe-", "xoxc-", "xoxd-"].map {
            TokenShape(.slackToken, $0, .token, 24...long, entropy: 2.5)
        }
        + [TokenShape(.slackToken, "xapp-", .token, 40...long, entropy: 2.5)]
}
