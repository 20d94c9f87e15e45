/// How much a document from elsewhere may be. Registries take manifests of 4 MiB, and other programs read configs of as much.
package enum DocumentLimit {
    /// Bytes of a manifest or an index.
    package static let manifest = 4 << 20
    /// Bytes of a config, in which a build's cache may be.
    package static let config = 8 << 20
    /// Bytes of what is said about an image: a list of its packages can be long.
    package static let statement = 32 << 20
    /// Values of all that is said about images and read together: each takes more memory than its bytes.
    package static let statementValues = 2 * JSON.valueLimit
    /// Layers of an image: as many as one overlay of an overlay shows.
    package static let layers = 999
    /// Bytes that a descriptor may tell of; sums of such numbers are numbers too.
    package static let blob: Int64 = 1 << 43
}

extension JSON {
    /// Reads a document of bounded size.
    static func document(_ bytes: [UInt8], limit: Int, maximumValues: Int = Self.valueLimit) throws(ImageFormatError)
        -> JSON
    {
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        do { return try parse(bytes, maximumValues: maximumValues) } catch { throw .notJSON(error) }
    }

    /// How many values this is, itself among them.
    var valueCount: Int {
        switch self {
        case .null, .bool, .number, .string: 1
        case .array(let items): items.reduce(1) { $0 + $1.valueCount }
        case .object(let object): object.members.reduce(1) { $0 + $1.value.valueCount }
        }
    }
}
