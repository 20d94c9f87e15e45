internal import OCI

/// Arguments that may be written as a JSON array of strings.
enum JSONArguments {
    case strings([String])
    /// A JSON array that holds something else than strings, which is an error.
    case otherArray
    /// No JSON array: the shell form.
    case none

    /// Reads the whole text: with anything behind the array it is no JSON, and so a command for the shell, as in
    /// `RUN [ "$a" ] && b` (reference frontend, `parseJSON`).
    init(_ text: String) {
        let bytes = Array(text.utf8)
        // Text that is no JSON is no error: it is a command for the shell.
        guard bytes.first == UInt8(ascii: "["), let array = (try? JSON.parse(bytes))?.array else {
            self = .none
            return
        }
        guard let strings = JSON.array(array).strings else {
            self = .otherArray
            return
        }
        self = .strings(strings)
    }
}
