internal import CLinux
internal import Glibc

extension Directory {
    /// The extended attributes of a name, sorted; symbolic links are not followed.
    public func extendedAttributes(_ name: [UInt8]) throws(SystemCallError) -> [(name: [UInt8], value: [UInt8])] {
        let path = attributePath(name)
        var list = [UInt8](repeating: 0, count: 1024)
        var count = list.withUnsafeMutableBytes { llistxattr(path, $0.baseAddress, $0.count) }
        if count < 0, errno == ERANGE {
            list = [UInt8](repeating: 0, count: 65536)
            count = list.withUnsafeMutableBytes { llistxattr(path, $0.baseAddress, $0.count) }
        }
        if count < 0 {
            if errno == ENOTSUP { return [] }
            throw SystemCallError("llistxattr", name)
        }
        var result: [(name: [UInt8], value: [UInt8])] = []
        for attribute in list[..<count].split(separator: 0) {
            if let value = try extendedAttribute(Array(attribute), of: name) { result.append((Array(attribute), value)) }
        }
        result.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return result
    }

    /// The value of one attribute; nil if it is not set.
    public func extendedAttribute(_ attribute: [UInt8], of name: [UInt8]) throws(SystemCallError) -> [UInt8]? {
        let path = attributePath(name)
        var value = [UInt8](repeating: 0, count: 256)
        var count = get(attribute, path, &value)
        if count < 0, errno == ERANGE {
            value = [UInt8](repeating: 0, count: 65536)
            count = get(attribute, path, &value)
        }
        if count < 0 {
            if errno == ENODATA || errno == ENOTSUP { return nil }
            throw SystemCallError("lgetxattr", name)
        }
        return Array(value[..<count])
    }

    public func setExtendedAttribute(_ attribute: [UInt8], _ value: [UInt8], of name: [UInt8]) throws(SystemCallError) {
        let path = attributePath(name)
        let result = withCString(attribute) { attribute in
            value.withUnsafeBytes { lsetxattr(path, attribute, $0.baseAddress, $0.count, 0) }
        }
        guard result == 0 else { throw SystemCallError("lsetxattr", name) }
    }

    // There is no lgetxattrat before Linux 6.13; a path through the descriptor does the same. Names that are not UTF-8
    // would be mangled by String, so the path is made of bytes.
    private func attributePath(_ name: [UInt8]) -> [CChar] {
        (Array("\(descriptorPath)/".utf8) + name + [0]).map { CChar(bitPattern: $0) }
    }

    private func get(_ attribute: [UInt8], _ path: [CChar], _ value: inout [UInt8]) -> Int {
        withCString(attribute) { attribute in
            value.withUnsafeMutableBytes { lgetxattr(path, attribute, $0.baseAddress, $0.count) }
        }
    }
}
