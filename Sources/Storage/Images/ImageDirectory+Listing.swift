internal import LinuxSystem
internal import OCI

/// The list of images as it was when it was last asked for. It holds for as long as the directories of images and names
/// are as they were: every change renames a file into them or removes one.
///
/// One line a value: the directories' times and the number of images, then seven lines an image.
struct KeptListing {
    private let file: Directory
    private static let name = Array("listing".utf8)

    init(in directory: Directory) { file = directory }

    /// When the directories were last changed.
    struct Stamp: Hashable {
        let times: [FileTime]

        init(_ directories: [Directory]) throws { times = try directories.map { try $0.status().modified } }

        /// Whether a change that follows is sure to give another time, whatever a file system's clock ticks in.
        var isSettled: Bool { times.allSatisfy { $0.seconds + 2 < FileTime.now.seconds } }

        fileprivate var text: String { times.map { "\($0.seconds).\($0.nanoseconds)" }.joined(separator: " ") }
    }

    /// - Returns: nil if nothing was kept since the directories changed.
    func summaries(at stamp: Stamp) -> [ImageDirectory.Summary]? {
        // What cannot be read is found out anew.
        guard let bytes = try? file.read(Self.name) else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let count = (lines.count - 2) / Self.linesPerImage
        guard lines.first == "\(stamp.text) \(count)", lines.last == "", lines.count == count * Self.linesPerImage + 2
        else { return nil }
        var summaries: [ImageDirectory.Summary] = []
        for start in stride(from: 1, to: lines.count - 1, by: Self.linesPerImage) {
            // Damaged: found out anew.
            guard let summary = try? Self.summary(lines[start..<start + Self.linesPerImage]) else { return nil }
            summaries.append(summary)
        }
        return summaries
    }

    /// Keeps a list, if it will be known when it is out of date. The size of a packed image changes when it is unpacked,
    /// of which the directories tell nothing.
    func keep(_ summaries: [ImageDirectory.Summary], at stamp: Stamp) {
        guard stamp.isSettled, !summaries.contains(where: \.isPacked) else { return }
        let lines = ["\(stamp.text) \(summaries.count)"] + summaries.flatMap(Self.lines)
        guard lines.allSatisfy({ !$0.utf8.contains(UInt8(ascii: "\n")) }) else { return }
        // Somebody who may only read goes on without.
        try? file.replaceFile(Self.name, with: Array(lines.map { $0 + "\n" }.joined().utf8), .recoverable)
    }

    private static let linesPerImage = 7

    private static func lines(_ summary: ImageDirectory.Summary) -> [String] {
        [
            summary.id.description, summary.references.map(\.description).joined(separator: " "), summary.created ?? "",
            "\(summary.size)", "\(summary.layerCount)", summary.manifest?.description ?? "", summary.platform,
        ]
    }

    private static func summary(_ lines: ArraySlice<String>) throws -> ImageDirectory.Summary? {
        var lines = lines
        let (id, names, created) = (lines.removeFirst(), lines.removeFirst(), lines.removeFirst())
        guard let size = Int64(lines.removeFirst()), let layerCount = Int(lines.removeFirst()) else { return nil }
        let (manifest, platform) = (lines.removeFirst(), lines.removeFirst())
        return ImageDirectory.Summary(
            id: try Digest(id), references: try names.split(separator: " ").map { try ImageReference(String($0)) },
            created: created.isEmpty ? nil : created, size: size, isPacked: false, layerCount: layerCount,
            manifest: manifest.isEmpty ? nil : try Digest(manifest), platform: platform)
    }
}
