/// Fields with commas between them, as in one line of a CSV file (RFC 4180): docker's options are such lines.
package enum CommaSeparated {
    package static func fields(_ text: String) -> [String] {
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
        return fields
    }
}
