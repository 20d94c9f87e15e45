/// A path inside an image: absolute, without `.`, `..`, empty components or NUL. Its bytes need not be UTF-8.
///
/// It is not a host path, and does not become one without a root directory handle.
package struct ImagePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The names from the root down; empty for the root itself.
    package let components: [[UInt8]]

    package static let root = ImagePath(components: [])

    private init(components: [[UInt8]]) { self.components = components }

    /// Cleans a path as Go's `path.Clean("/" + path)` does: `..` at the root stays at the root. Nil if it holds a NUL.
    package init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.contains(0) else { return nil }
        var components: [[UInt8]] = []
        for part in bytes.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                components.removeLast(components.isEmpty ? 0 : 1)
            } else {
                components.append(Array(part))
            }
        }
        self.init(components: components)
    }

    package init?(_ text: String) { self.init(Array(text.utf8)) }

    /// This path, or `text` resolved against it when `text` is relative.
    package func resolving(_ text: String) -> ImagePath? {
        text.hasPrefix("/") ? ImagePath(text) : ImagePath(bytes + [UInt8(ascii: "/")] + Array(text.utf8))
    }

    package func appending(_ name: [UInt8]) -> ImagePath { ImagePath(components: components + [name]) }

    package var parent: ImagePath { ImagePath(components: Array(components.dropLast())) }

    package var name: [UInt8]? { components.last }

    package var isRoot: Bool { components.isEmpty }

    /// The path from `/` on.
    package var bytes: [UInt8] {
        if components.isEmpty { return [UInt8(ascii: "/")] }
        var result: [UInt8] = []
        for component in components {
            result.append(UInt8(ascii: "/"))
            result += component
        }
        return result
    }

    /// The path without its leading slash; empty for the root.
    package var relativeBytes: [UInt8] { Array(components.joined(separator: [UInt8(ascii: "/")])) }

    /// For people; bytes that are not UTF-8 are replaced.
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    package func hasPrefix(_ other: ImagePath) -> Bool { components.starts(with: other.components) }

    package static func < (left: ImagePath, right: ImagePath) -> Bool {
        for (a, b) in zip(left.components, right.components) where a != b { return a.lexicographicallyPrecedes(b) }
        return left.components.count < right.components.count
    }
}
