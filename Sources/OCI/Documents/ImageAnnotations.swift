/// What is noted beside an image: on its manifest, on the index that lists it, or where one of these is named (OCI image
/// specification, annotations.md; BuildKit, "Image annotations").
package struct ImageAnnotations: Hashable, Sendable {
    package enum Place: String, Hashable, Sendable, CaseIterable {
        /// The image's manifest.
        case manifest
        /// The manifest's entry in an index.
        case manifestDescriptor = "manifest-descriptor"
        /// The index of an image's platforms.
        case index
        /// The entry of a layout's `index.json` that names the image's index.
        case indexDescriptor = "index-descriptor"
    }

    package struct Note: Hashable, Sendable {
        package let place: Place
        /// The images that it is for; all for nil. An index has no platform.
        package let platform: Platform?
        package let name: String
        package let value: String

        package init(_ place: Place, platform: Platform? = nil, name: String, value: String) {
            (self.place, self.platform, self.name, self.value) = (place, platform, name, value)
        }
    }

    package var notes: [Note]

    package init(_ notes: [Note] = []) { self.notes = notes }

    /// What an index has, and its entries for images.
    package init(on index: Index) {
        let ofIndex = index.annotations.map { Note(.index, name: $0.key, value: $0.value) }
        let ofEntries = index.images.flatMap { entry in
            entry.annotations.map { Note(.manifestDescriptor, platform: entry.platform, name: $0.key, value: $0.value) }
        }
        notes = ofIndex + ofEntries
    }

    package var isEmpty: Bool { notes.isEmpty }

    /// Whether some of them have no place but an index, so that one is made even for one image.
    package var needIndex: Bool { notes.contains { $0.place == .index || $0.place == .manifestDescriptor } }

    /// What belongs to a place; the last of one name counts.
    ///
    /// - Parameters:
    ///   - place: what the annotations are on.
    ///   - platform: of the image that the place is about; nil for an index.
    package func values(_ place: Place, _ platform: Platform? = nil) -> [String: String] {
        var result: [String: String] = [:]
        for note in notes where note.place == place {
            guard let wanted = note.platform, let platform else {
                result[note.name] = note.value
                continue
            }
            if wanted.os == platform.os, wanted.architecture == platform.architecture,
                wanted.variant == nil || wanted.variant == platform.variant
            {
                result[note.name] = note.value
            }
        }
        return result
    }
}
