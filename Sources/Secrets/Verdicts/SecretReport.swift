package import OCI

/// What an image was found to hold, layer by layer, and what of it counts.
package struct SecretReport: Sendable {
    /// The instruction that made a layer, or a line of the history.
    package struct Instruction: Hashable, Sendable {
        package let file: String?
        /// Counted from 1.
        package let line: Int?
        package let text: String

        package init(file: String?, line: Int?, text: String) { (self.file, self.line, self.text) = (file, line, text) }
    }

    package enum Visibility: Hashable, Sendable {
        case visible
        /// A layer, counted from 1, takes it away or replaces it; it is still in its own.
        case hidden(by: Int)
    }

    package struct Item: Sendable {
        package let finding: SecretFinding
        package let level: SecretLevel
        /// Counted from 1; nil for the image's documents.
        package let layer: Int?
        package let diffID: DiffID?
        package var instruction: Instruction?
        package var visibility = Visibility.visible
        package let isBase: Bool
        /// The entry that allows it.
        package var allowed: AllowFile.Entry?

        package init(_ finding: SecretFinding, level: SecretLevel, layer: Int?, diffID: DiffID?, isBase: Bool) {
            (self.finding, self.level, self.layer, self.diffID, self.isBase) = (finding, level, layer, diffID, isBase)
        }
    }

    /// How a person calls the image.
    package let image: String
    package let platform: Platform
    package var items: [Item] = []
    /// Layers that were looked through, of all.
    package var scannedLayers = 0
    package var layerCount = 0
    /// Archives that were too large to be opened.
    package var unopened = 0
    /// Entries of the allow file that allow nothing here, and those whose day has passed.
    package var unusedEntries: [AllowFile.Entry] = []
    package var expiredEntries: [AllowFile.Entry] = []

    package init(image: String, platform: Platform) { (self.image, self.platform) = (image, platform) }

    /// What nobody allowed, the heaviest first, the base's last.
    package var open: [Item] {
        let places = items.enumerated().filter { $0.element.allowed == nil }
        return places.sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.isBase != b.isBase { return b.isBase }
            return a.level == b.level ? left.offset < right.offset : a.level > b.level
        }.map(\.element)
    }

    /// What stops an image that must have no secret.
    ///
    /// - Parameter includesBase: whether what the base brought counts.
    package func stopping(from level: SecretLevel = .high, includesBase: Bool = false) -> [Item] {
        open.filter { $0.level >= level && (includesBase || !$0.isBase) }
    }

    /// Sorts out what is allowed.
    ///
    /// - Parameter now: seconds since 1970.
    package mutating func apply(_ file: AllowFile, now: Int64) {
        expiredEntries = file.entries.filter { $0.isExpired(at: now) }
        let valid = file.entries.filter { !$0.isExpired(at: now) }
        var used: Set<AllowFile.Entry> = []
        for index in items.indices {
            guard let entry = valid.first(where: { $0.allows(items[index].finding) }) else { continue }
            items[index].allowed = entry
            used.insert(entry)
        }
        unusedEntries = valid.filter { !used.contains($0) }
    }

    /// `distill.secrets/1`: what a program reads.
    package var json: JSON {
        var object: JSONObject = [
            "schema": .string("distill.secrets/1"), "image": .string(image), "platform": .string(platform.description),
            "rules": .integer(Int64(SecretRule.version)), "layers": .integer(Int64(layerCount)),
            "scanned": .integer(Int64(scannedLayers)),
            "unopenedArchives": .integer(Int64(unopened)), "findings": .array(items.map(\.json)),
        ]
        object["unusedEntries"] = .array(unusedEntries.map { .integer(Int64($0.line)) })
        object["expiredEntries"] = .array(expiredEntries.map { .integer(Int64($0.line)) })
        return .object(object)
    }
}

extension SecretReport.Item {
    package var json: JSON {
        guard case .object(var object) = finding.json else { return finding.json }
        object["level"] = .string(level.rawValue)
        if let layer { object["layer"] = .integer(Int64(layer)) }
        if let diffID { object["diffID"] = .string(diffID.description) }
        if let instruction {
            var place = JSONObject()
            if let file = instruction.file { place["file"] = .string(file) }
            if let line = instruction.line { place["line"] = .integer(Int64(line)) }
            place["text"] = .string(instruction.text)
            object["instruction"] = .object(place)
        }
        object["base"] = .bool(isBase)
        switch visibility {
        case .visible: object["visible"] = .bool(true)
        case .hidden(let layer):
            object["visible"] = .bool(false)
            object["hiddenBy"] = .integer(Int64(layer))
        }
        if let allowed { object["allowed"] = .string(allowed.reason) }
        return .object(object)
    }
}
