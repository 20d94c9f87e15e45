/// A secret where it stands in a window.
struct SecretMatch {
    let rule: SecretRule
    var level: SecretLevel
    let range: Range<Int>
    /// What makes it this secret, wherever and however it is written.
    let value: [UInt8]
    /// When it ends by itself, in seconds since 1970.
    var expiry: Int64?
    /// Of a known value: which, and how it is written.
    var subject: String?

    init(_ rule: SecretRule, _ range: Range<Int>, _ value: [UInt8], level: SecretLevel? = nil) {
        (self.rule, self.range, self.value, self.level) = (rule, range, value, level ?? rule.level)
    }
}

/// Looks around a literal that was found at a place of a window; never over more than some kilobytes.
typealias SecretMatcher = @Sendable (_ window: ScanWindow, _ place: Int) -> [SecretMatch]
