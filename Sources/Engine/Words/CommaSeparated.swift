/// Fields with commas between them, as in one line of a CSV file (RFC 4180): docker's options are such lines.
package enum CommaSeparated {
    /// - Parameter option: whose value the text is, for errors.
    package static func fields(_ text: String, of option: String) throws -> [String] {
        var fields = [""]
        var isQuoted = false
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                rest.removeFirst()
                fields[fields.count - 1].append("\"")
            case "\"" where isQuoted || fields.last == "": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        guard !isQuoted else {
            throw InvalidOption(name: option, value: text, reason: "the quotation mark has no second one")
        }
        return fields
    }
}
