internal import BuildGraph
package import OCI

/// The file system that a step leaves, as a stack of layers.
package struct Snapshot: Sendable {
    package struct Layer: Sendable {
        package let layer: Image.Layer
        /// The identity of its files; the diffID where nothing better is known.
        let content: Digest
        /// Bytes; nil for a layer from outside that was never unpacked.
        package let size: Int64?
    }

    /// From the lowest to the highest.
    package internal(set) var layers: [Layer]

    static let empty = Snapshot(layers: [])

    var identity: Digest? { stackIdentity(layers.map(\.content)) }

    var diffIDs: [DiffID] { layers.map(\.layer.diffID) }
}
