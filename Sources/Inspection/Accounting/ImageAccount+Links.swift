extension ImageAccount {
    /// Symbolic links that are followed in one look-up (path_resolution(7)).
    private static let linkLimit = 40

    /// Where a path leads, through the links of the image; what is not there stays as it stands.
    package func resolving(_ path: [UInt8]) -> [UInt8] {
        var rest = Array(path.split(separator: UInt8(ascii: "/")).reversed())
        var current: [ArraySlice<UInt8>] = []
        var links = 0
        while let name = rest.popLast() {
            if name.elementsEqual("..".utf8) {
                _ = current.popLast()
                continue
            }
            if name.elementsEqual(".".utf8) { continue }
            let place = Array((current + [name]).joined(separator: [UInt8(ascii: "/")]))
            guard let found = lookUp(place), entry(found).kind == .symbolicLink, links < Self.linkLimit else {
                current.append(name)
                continue
            }
            links += 1
            let target = entry(found).link
            if target.first == UInt8(ascii: "/") { current = [] }
            rest += target.split(separator: UInt8(ascii: "/")).reversed()
        }
        return Array(current.joined(separator: [UInt8(ascii: "/")]))
    }
}
