internal import OCI

/// Arguments that may be written as a JSON array of strings.
enum JSONArguments {
    case strings([String])
    /// A JSON array that holds something else than strings, which is an error.
    case otherArray
    /// No JSON array: the shell form.
    case none

    /// Reads one array; text behind it is not looked at, as in the reference frontend.
    init(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "["), let end = Self.endOfArray(bytes) else {
            self = .none
            return
        }
        // Text that is no JSON is no error: it is a command for the shell.
        guard let array = (try? JSON.parse(Array(bytes[..<end])))?.array else {
            self = .none
            return
        }
        guard let strings = JSON.array(array).strings else {
            self = .otherArray
            return
        }
        self = .strings(strings)
    }

    private static func endOfArray(_ bytes: [UInt8]) -> Int? {
        var depth = 0
        var inString = false
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where inString: index += 1
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "["), UInt8(ascii: "{"): if !inString { depth += 1 }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if !inString {
                    depth -= 1
                    if depth == 0 { return index + 1 }
                }
            default: break
            }
            index += 1
        }
        return nil
    }
}
