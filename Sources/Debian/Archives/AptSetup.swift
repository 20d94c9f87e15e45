internal import OCI

/// The list of sources that lets apt in the image use the mirrors that it was composed from.
enum AptSetup {
    static let path = "/etc/apt/sources.list.d/debian.sources"
    /// Where the package debian-archive-keyring puts the archive's keys.
    static let keyrings = [
        "/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp",
    ]

    /// deb822(5) text, one paragraph a mirror. The image is for others: a mirror's password is not.
    static func sources(_ suites: [ArchiveSuite], keyring: String?) -> String {
        var paragraphs: [(uri: String, components: [String], suites: [String])] = []
        for suite in suites {
            let place = paragraphs.firstIndex { $0.uri == suite.uri && $0.components == suite.components }
            if let place {
                paragraphs[place].suites.append(suite.name)
            } else {
                paragraphs.append((suite.uri, suite.components, [suite.name]))
            }
        }
        return paragraphs.map { paragraph in
            var fields: [ControlParagraph.Field] = [
                .init("Types", "deb"), .init("URIs", PublicURL.text(of: paragraph.uri)),
                .init("Suites", paragraph.suites.joined(separator: " ")),
                .init("Components", paragraph.components.joined(separator: " ")),
            ]
            if let keyring { fields.append(.init("Signed-By", keyring)) }
            return ControlParagraph(fields).text
        }.joined(separator: "\n")
    }
}
