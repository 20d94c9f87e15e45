/// The words by which a switch is set, as Go's flag packages read them (strconv.ParseBool).
package enum SwitchWord {
    /// nil for text that is no such word.
    package static func value(_ text: some StringProtocol) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }
}
