/// A name in a layer that removes something from the layers below (OCI image specification, layer.md, "Whiteouts").
package enum Whiteout: Hashable, Sendable {
    /// `.wh.name` hides `name`.
    case entry([UInt8])
    /// `.wh..wh..opq` hides all that the lower layers have in the same directory.
    case opaque
    /// Any other name below `.wh..wh.`, which AUFS kept for itself, or a name that hides nothing. It is no file either.
    case reserved

    private static let prefix = Array(".wh.".utf8)
    private static let opaqueName = Array(".wh..wh..opq".utf8)

    /// Nil for a name of an ordinary file.
    ///
    /// - Parameter name: the last component of a path, without a slash.
    package init?(name: some Collection<UInt8>) {
        guard name.starts(with: Self.prefix) else { return nil }
        let hidden = Array(name.dropFirst(Self.prefix.count))
        if name.elementsEqual(Self.opaqueName) {
            self = .opaque
        } else if hidden.isEmpty || hidden.starts(with: Self.prefix) || hidden.elementsEqual(".".utf8)
            || hidden.elementsEqual("..".utf8)
        {
            self = .reserved
        } else {
            self = .entry(hidden)
        }
    }

    /// The last component of the path that stands in the layer; nil for ``reserved``.
    package var name: [UInt8]? {
        switch self {
        case .entry(let hidden): Self.prefix + hidden
        case .opaque: Self.opaqueName
        case .reserved: nil
        }
    }
}
