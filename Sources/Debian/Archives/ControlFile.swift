/// A paragraph of a control file (Debian policy 5.1): fields in their order.
package struct ControlParagraph: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package var name: String
        /// Without the spaces around it; continuation lines follow after newlines, with the space they start with.
        package var value: String

        package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    package var fields: [Field]

    package init(_ fields: [Field] = []) { self.fields = fields }

    /// The value of a field; names are compared without regard to case.
    package subscript(_ name: String) -> String? {
        fields.first { $0.name.equalsIgnoringCase(name) }?.value
    }

    /// A field's words, parted by white space and newlines; none if the field is missing.
    func words(_ name: String) -> [String] {
        self[name]?.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" }).map(String.init) ?? []
    }

    /// The paragraph as it stands in a file, with a newline at its end.
    package var text: String {
        fields.map { field in
            // A value of continuation lines only starts on the next line.
            let space = field.value.isEmpty || field.value.first == "\n" ? "" : " "
            return "\(field.name):\(space)\(field.value)\n"
        }.joined()
    }
}

/// A file of paragraphs (Debian policy 5.1, deb822(5)).
package enum ControlFile {
    /// Reads paragraphs parted by empty lines; lines that start with `#` are comments.
    ///
    /// - Throws: ``ControlFileError`` for a line that is no field, or a field that stands twice.
    package static func parse(_ text: String) throws(ControlFileError) -> [ControlParagraph] {
        var paragraphs: [ControlParagraph] = []
        var current: [ControlParagraph.Field] = []
        var seen: Set<String> = []
        func end() {
            if !current.isEmpty { paragraphs.append(ControlParagraph(current)) }
            current = []
            seen = []
        }
        for (index, raw) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let line = raw.trimmingEnd
            guard let first = raw.first, !line.isEmpty else {
                end()
                continue
            }
            if first == UInt8(ascii: "#") { continue }
            if first == 0x20 || first == 0x09 {
                guard !current.isEmpty else { throw ControlFileError(line: index + 1) }
                current[current.count - 1].value += "\n" + String(decoding: line, as: UTF8.self)
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon != line.startIndex,
                line[..<colon].allSatisfy({ (0x21...0x7E).contains($0) })
            else { throw ControlFileError(line: index + 1) }
            let name = String(decoding: line[..<colon], as: UTF8.self)
            guard seen.insert(name.lowercased()).inserted else { throw ControlFileError(line: index + 1) }
            let value = line[line.index(after: colon)...].drop { $0 == 0x20 || $0 == 0x09 }
            current.append(ControlParagraph.Field(name, String(decoding: value, as: UTF8.self)))
        }
        end()
        return paragraphs
    }
}

/// A line that a control file cannot have.
package struct ControlFileError: Error, Hashable, Sendable {
    /// From 1.
    package let line: Int
}

extension Substring.UTF8View {
    /// Without spaces, tabs and carriage returns at the end.
    fileprivate var trimmingEnd: Substring.UTF8View {
        let end = lastIndex { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
        return end.map { self[...$0] } ?? self[..<startIndex]
    }
}

extension String {
    /// Whether two ASCII words differ in case only.
    func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && (self == other || lowercased() == other.lowercased())
    }
}
