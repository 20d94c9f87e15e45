internal import LinuxSystem
package import OCI

/// An index in the making: what `manifest create` gathers until it is pushed.
package struct DraftIndex: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        /// What will stand in the index.
        package var descriptor: Descriptor
        /// Where the manifest is: a repository of a registry; nil for this store.
        package let origin: ImageReference?

        package init(_ descriptor: Descriptor, origin: ImageReference?) {
            (self.descriptor, self.origin) = (descriptor, origin)
        }
    }

    package var entries: [Entry]

    package init(entries: [Entry] = []) { self.entries = entries }

    /// Adds manifests; one that is there already takes the new descriptor.
    package mutating func add(_ new: [Entry]) {
        var places = Dictionary(entries.enumerated().map { ($1.descriptor.digest, $0) }) { first, _ in first }
        for entry in new {
            if let place = places[entry.descriptor.digest] {
                entries[place] = entry
            } else {
                places[entry.descriptor.digest] = entries.count
                entries.append(entry)
            }
        }
    }

    package var index: Index { Index(manifests: entries.map(\.descriptor)) }

    init(_ bytes: [UInt8]) throws {
        let list = try JSON.parse(bytes).array ?? []
        entries = try list.map { json in
            guard let descriptor = json["descriptor"] else { throw ImageFormatError.missingMember("descriptor") }
            return Entry(try Descriptor(descriptor), origin: try json["origin"]?.string.map { try ImageReference($0) })
        }
    }

    var bytes: [UInt8] {
        JSON.array(
            entries.map { entry in
                var object: JSONObject = ["descriptor": entry.descriptor.json]
                if let origin = entry.origin { object["origin"] = .string(origin.description) }
                return .object(object)
            }
        ).bytes
    }
}

/// Indexes that are not pushed yet, by the name that they will have.
package struct DraftIndexDirectory: Sendable {
    let directory: Directory

    /// No draft's name: those have a domain.
    private static let lock = Array("lock".utf8)

    /// - Returns: nil if there is none of this name.
    package func draft(named name: ImageReference) throws -> DraftIndex? {
        guard let bytes = try directory.read(Self.file(name)) else { return nil }
        do { return try DraftIndex(bytes) } catch { throw StorageError.damaged(what: "manifest list \(name.familiar)") }
    }

    /// Makes of a draft the next one. Two commands that add to one draft do it one after the other.
    ///
    /// - Parameter body: gets nil if there is none of this name; the draft stays what it was when it throws.
    package func change(_ name: ImageReference, _ body: (DraftIndex?) throws -> DraftIndex) throws {
        let lock = try FileLock.wait(Self.lock, in: directory, mode: .exclusive)
        defer { withExtendedLifetime(lock) {} }
        try directory.replaceFile(Self.file(name), with: body(draft(named: name)).bytes)
    }

    /// - Returns: false if there was none.
    package func remove(_ name: ImageReference) throws -> Bool {
        guard try directory.status(Self.file(name)) != nil else { return false }
        try directory.removeFile(Self.file(name))
        return true
    }

    /// The full form, with the slashes escaped.
    private static func file(_ name: ImageReference) -> [UInt8] {
        Array(name.withDefaultTag.description.replacing("/", with: "%2f").utf8)
    }
}
