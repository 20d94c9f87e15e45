package import OCI

/// `--annotation` of buildx, and `annotation…` of `--output`.
package enum AnnotationOption {
    /// Reads `[TYPE[PLATFORM],…:]NAME=VALUE`, as in `index,manifest[linux/arm64]:org.opencontainers.image.title=x`.
    package static func notes(_ text: String) throws -> [ImageAnnotations.Note] {
        func fail(_ reason: String) -> InvalidOption { .init(name: "--annotation", value: text, reason: reason) }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw fail("the form is [TYPE:]NAME=VALUE") }
        let words = parts[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = words.last, !name.isEmpty else { throw fail("it needs a name") }
        guard words.count == 2 else { return [.init(.manifest, name: name, value: parts[1])] }
        return try words[0].split(separator: ",", omittingEmptySubsequences: false).map { type in
            let (place, platform) = try Self.place(type, fail)
            return .init(place, platform: platform, name: name, value: parts[1])
        }
    }

    /// Reads the name of an `--output` field: `annotation[-TYPE][[PLATFORM]].NAME`.
    ///
    /// - Returns: nil for another field.
    package static func note(field: String, value: String, _ fail: (String) -> InvalidOption) throws -> ImageAnnotations
        .Note?
    {
        guard field.lowercased().hasPrefix("annotation") else { return nil }
        let rest = field.dropFirst("annotation".count)
        // A platform holds no dot before its bracket ends, the type none at all.
        let end = rest.firstIndex(of: "]").map { rest.index(after: $0) } ?? rest.startIndex
        let isPlatform = rest.prefix(while: { $0 != "." }).contains("[")
        guard let dot = rest[(isPlatform ? end : rest.startIndex)...].firstIndex(of: ".") else { return nil }
        let name = String(rest[rest.index(after: dot)...])
        let type = rest[..<dot]
        guard type.isEmpty || type.hasPrefix("-") || type.hasPrefix("[") else { return nil }
        guard !name.isEmpty else { throw fail("an annotation needs a name") }
        let (place, platform) = try Self.place(type.hasPrefix("-") ? type.dropFirst() : "manifest" + type, fail)
        return .init(place, platform: platform, name: name, value: value)
    }

    private static func place(
        _ text: some StringProtocol, _ fail: (String) -> InvalidOption
    ) throws -> (ImageAnnotations.Place, Platform?) {
        let word = text.prefix { $0 != "[" }
        guard let place = ImageAnnotations.Place(rawValue: String(word)) else {
            throw fail(
                "'\(word)' is no type; known are \(ImageAnnotations.Place.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        let bracket = text[word.endIndex...]
        guard !bracket.isEmpty else { return (place, nil) }
        guard bracket.hasSuffix("]") else { throw fail("a platform stands in brackets, as in manifest[linux/arm64]") }
        guard place == .manifest || place == .manifestDescriptor else { throw fail("an index has no platform") }
        return (place, try Platform(parsing: String(bracket.dropFirst().dropLast())))
    }
}
