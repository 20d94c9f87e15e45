package import OCI

/// Looks through the texts of an image's documents: variables, labels, commands, the health check, history, annotations, and members
/// that nobody knows.
package struct DocumentScan {
    private let content: ContentScan
    package private(set) var findings: [SecretFinding] = []
    private static let depth = 32

    package init(_ scanner: SecretScanner) { content = ContentScan(scanner) }

    /// - Parameter name: of the document, with which the places of its texts begin.
    package mutating func add(_ document: JSON, name: String) { walk(document, name, 0) }

    /// A text that stands alone.
    package mutating func add(_ text: String, name: String) {
        guard text.utf8.count >= KnownValue.shortest else { return }
        content.begin()
        var text = text
        text.withUTF8 { content.consume(UnsafeRawBufferPointer($0)) }
        for (match, offset) in content.finish(isOwn: true) {
            findings.append(SecretFinding(match, .document, path: name, offset: offset))
        }
    }

    private mutating func walk(_ value: JSON, _ place: String, _ depth: Int) {
        guard depth < Self.depth else { return }
        switch value {
        case .string(let text): add(text, name: place)
        case .array(let items): for (index, item) in items.enumerated() { walk(item, "\(place)[\(index)]", depth + 1) }
        case .object(let object):
            for (key, member) in object.members {
                if key.utf8.count >= 20 { add(key, name: "\(place).\(key.prefix(8))…") }
                // The name of a label or an annotation says what its value is.
                if case .string(let text) = member, depth > 0, key.utf8.count <= 128, !text.contains("\n") {
                    add("\(key)=\(text)", name: "\(place).\(key)", from: key.utf8.count + 1)
                } else {
                    walk(member, "\(place).\(key)", depth + 1)
                }
            }
        default: break
        }
    }

    /// A text behind a name, of which places count from the text.
    private mutating func add(_ text: String, name: String, from start: Int) {
        let count = findings.count
        add(text, name: name)
        for index in count..<findings.count { findings[index].shift(by: start) }
    }
}

extension SecretFinding {
    fileprivate mutating func shift(by start: Int) { self = SecretFinding(self, offset: max(0, offset - Int64(start))) }

    private init(_ finding: SecretFinding, offset: Int64) {
        (rule, level, part, path, member) = (finding.rule, finding.level, finding.part, finding.path, finding.member)
        (excerpt, fingerprint, subject, expiry) = (
            finding.excerpt, finding.fingerprint, finding.subject, finding.expiry
        )
        self.offset = offset
    }
}
