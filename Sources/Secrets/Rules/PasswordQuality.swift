/// Whether what stands in a password's place is one.
enum PasswordQuality {
    /// For a place where manuals show examples all the time: eight characters of two kinds, and no word of a manual.
    static func isStrong(_ value: [UInt8]) -> Bool {
        value.count >= 8 && Entropy.kinds(value).count >= 2 && Entropy.bits(value) >= 2.5
            && !Placeholder.isManualPassword(value)
    }

    /// For a place that has nothing but passwords.
    static func isPassword(_ value: [UInt8]) -> Bool {
        value.count >= 6 && Entropy.bits(value) >= 2 && !Placeholder.isManualPassword(value)
    }
}
