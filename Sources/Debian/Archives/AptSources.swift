internal import SystemPackage

/// Reads apt's lists of sources (sources.list(5)): one-line `.list` files and deb822 `.sources` files.
package enum AptSources {
    /// - Parameters:
    ///   - text: the file's content; the executable reads it.
    ///   - file: its name, which tells its form; apt reads no files of other names, so they have no sources.
    /// - Throws: ``DebianError/invalidSources(file:line:)``.
    package static func parse(_ text: String, file: String) throws(DebianError) -> [MirrorSource] {
        if file.hasSuffix(".sources") { return try parseParagraphs(text, file: file) }
        guard file.hasSuffix(".list") else { return [] }
        var sources: [MirrorSource] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = line.prefix { $0 != "#" }
            if content.allSatisfy(\.isWhitespace) { continue }
            guard let source = parseLine(content) else { throw .invalidSources(file: file, line: index + 1) }
            if let source = source.value { sources.append(source) }
        }
        return sources
    }

    /// A line's source, or none for source packages; nil for a line of another form.
    private static func parseLine(_ line: Substring) -> (value: MirrorSource?, Void)? {
        var rest = line.drop(while: \.isWhitespace)
        let type = rest.prefix { !$0.isWhitespace && $0 != "[" }
        rest = rest.dropFirst(type.count).drop(while: \.isWhitespace)
        var keyring: FilePath?
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            for option in rest[..<end].dropFirst().split(separator: " ") where option.hasPrefix("signed-by=") {
                keyring = path(String(option.dropFirst(10)))
            }
            rest = rest[end...].dropFirst()
        }
        let words = rest.split(whereSeparator: \.isWhitespace).map(String.init)
        guard type == "deb" || type == "deb-src", words.count >= 2 else { return nil }
        if type == "deb-src" { return (nil, ()) }
        let components = Array(words.dropFirst(2))
        return (MirrorSource(uri: words[0], suites: [words[1]], components: components, keyring: keyring), ())
    }

    private static func parseParagraphs(_ text: String, file: String) throws(DebianError) -> [MirrorSource] {
        let paragraphs: [ControlParagraph]
        do { paragraphs = try ControlFile.parse(text) } catch { throw .invalidSources(file: file, line: error.line) }
        var sources: [MirrorSource] = []
        for paragraph in paragraphs where paragraph.words("Types").contains("deb") {
            if ["no", "false", "0", "off"].contains(paragraph["Enabled"]?.lowercased()) { continue }
            // A key may stand in the field itself; then it is another archive's, and no file of ours.
            let keyring = paragraph.words("Signed-By").first.map { path($0) ?? FilePath("/embedded-key") }
            for uri in paragraph.words("URIs") {
                sources.append(
                    MirrorSource(
                        uri: uri, suites: paragraph.words("Suites"), components: paragraph.words("Components"),
                        keyring: keyring))
            }
        }
        return sources
    }

    private static func path(_ text: String) -> FilePath? {
        let first = text.split(separator: ",").first.map(String.init) ?? ""
        return first.hasPrefix("/") ? FilePath(first) : nil
    }
}
