package import Archive
internal import LinuxSystem
internal import OCI

/// How layers leave the store.
package struct LayerCompression: Hashable, Sendable {
    /// nil: not packed at all.
    package let format: BlockCompressor.Format?
    /// One of the format's levels.
    package let level: Int
    /// Whether layers that are packed already in another way are packed anew.
    package let isForced: Bool

    /// - Parameter level: nil for the format's usual one.
    package init(_ format: BlockCompressor.Format?, level: Int? = nil, isForced: Bool = false) {
        self.format = format
        self.level = level ?? format?.usualLevel ?? 0
        self.isForced = isForced
    }

    package static let gzip = LayerCompression(.gzip)

    var mediaType: MediaType {
        switch format {
        case nil: .layer
        case .gzip: .layerGzip
        case .zstd: .layerZstd
        }
    }

    /// `gzip-4`: the name under which a packed layer is remembered; nil when there is nothing to remember.
    var name: String? { format.map { "\($0.rawValue)-\(level)" } }

    /// What is done to a layer of an image. docker's archives hold layers that are not packed, under no digest that anybody knows:
    /// such a layer is packed as one that was made here. Where a manifest names it as it is, it stays so.
    func applied(to layer: Image.Layer, of image: Image) -> LayerCompression {
        let isPlain = layer.blobs.allSatisfy { LayerCompression(nil).fits($0.mediaType) }
        return LayerCompression(format, level: level, isForced: isForced || isPlain && image.manifestBytes == nil)
    }

    /// Whether a blob of this kind needs no change.
    func fits(_ type: MediaType) -> Bool {
        let text = type.rawValue
        return switch format {
        case nil: text.hasSuffix(".tar")
        case .gzip: text.hasSuffix("gzip")
        case .zstd: text.hasSuffix("zstd")
        }
    }
}

/// Whether nobody waits yet for a layer that is being packed: as long as that is so, it is packed on one thread alone. It throws where
/// nobody wants it any more.
package typealias PackingPace = @Sendable () throws -> Bool

/// Packs a stream on several threads; what comes out does not depend on their number.
final class StreamCompressor {
    private let format: BlockCompressor.Format
    private let level: Int
    private let isUnhurried: PackingPace?
    private let output: (UnsafeRawBufferPointer) throws -> Void
    /// Packs on the thread that writes.
    private var own: BlockCompressor?
    /// Packs on others; made when it is first needed.
    private var others: OrderedWork<[UInt8], [UInt8]>?
    private var block: [UInt8] = []
    private var isEmpty = true

    /// - Parameters:
    ///   - isUnhurried: whether the thread that writes packs alone; nil hurries.
    ///   - output: gets the packed bytes, on the thread that writes.
    init(
        _ format: BlockCompressor.Format, level: Int, isUnhurried: PackingPace? = nil,
        output: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) {
        (self.format, self.level, self.isUnhurried, self.output) = (format, level, isUnhurried, output)
    }

    private var blockSize: Int { format.blockSize }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            if block.isEmpty { block.reserveCapacity(blockSize) }
            let piece = rest.prefix(blockSize - block.count)
            block.append(contentsOf: piece)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
            if block.count == blockSize { try submit() }
        }
    }

    /// Call once, at the end.
    func finish() throws {
        if !block.isEmpty || isEmpty { try submit() }
        try others?.finish()
    }

    private func submit() throws {
        isEmpty = false
        let full = block
        block = []
        // What others have begun they finish, in its order.
        if others == nil, try isUnhurried?() == true {
            let compressor = try own ?? BlockCompressor(format, level: level)
            own = compressor
            let packed = try full.withUnsafeBytes { try compressor.compress($0) }
            try packed.withUnsafeBytes { try output($0) }
        } else {
            try threads().submit(full)
        }
    }

    private func threads() -> OrderedWork<[UInt8], [UInt8]> {
        if let others { return others }
        let (format, level, output) = (format, level, output)
        let made = OrderedWork<[UInt8], [UInt8]>(
            threads: min(ProcessFacts.processorCount, format.parallelism(at: level))
        ) {
            let compressor = try BlockCompressor(format, level: level)
            return { block in try block.withUnsafeBytes { try compressor.compress($0) } }
        } deliver: { packed in
            try packed.withUnsafeBytes { try output($0) }
        }
        others = made
        return made
    }
}
