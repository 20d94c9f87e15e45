internal import BuildGraph
public import OCI

/// The file system that a step leaves, as a stack of layers.
public struct Snapshot: Sendable {
    public struct Layer: Sendable {
        public let layer: Image.Layer
        /// The identity of its files; the diffID where nothing better is known.
        let content: Digest
        /// Bytes; nil for a layer from outside that was never unpacked.
        public let size: Int64?
    }

    /// From the lowest to the highest.
    public internal(set) var layers: [Layer]

    static let empty = Snapshot(layers: [])

    var identity: Digest? { stackIdentity(layers.map(\.content)) }

    var diffIDs: [DiffID] { layers.map(\.layer.diffID) }
}
