internal import CLinux
internal import Glibc

extension Directory {
    /// The extended attributes of a name, sorted; symbolic links are not followed.
    package func extendedAttributes(_ name: [UInt8]) throws(SystemCallError) -> [(name: [UInt8], value: [UInt8])] {
        try withAttributePath(name) { path throws(SystemCallError) in
            try readExtendedAttributes(name) {
                llistxattr(path, $0.baseAddress, $0.count)
            } value: { attribute, buffer in
                lgetxattr(path, attribute, buffer.baseAddress, buffer.count)
            }
        }
    }

    /// The value of one attribute; nil if it is not set.
    package func extendedAttribute(_ attribute: [UInt8], of name: [UInt8]) throws(SystemCallError) -> [UInt8]? {
        try withAttributePath(name) { path throws(SystemCallError) in
            try readExtendedAttribute(attribute, of: name) { attribute, buffer in
                lgetxattr(path, attribute, buffer.baseAddress, buffer.count)
            }
        }
    }

    package func setExtendedAttribute(_ attribute: [UInt8], _ value: [UInt8], of name: [UInt8]) throws(SystemCallError)
    {
        let result = try withAttributePath(name) { path throws(SystemCallError) in
            withCString(attribute) { attribute in
                value.withUnsafeBytes { lsetxattr(path, attribute, $0.baseAddress, $0.count, 0) }
            }
        }
        guard result == 0 else { throw SystemCallError("lsetxattr", name) }
    }

    /// Removes an attribute; a missing one is fine.
    package func removeExtendedAttribute(_ attribute: [UInt8], of name: [UInt8]) throws(SystemCallError) {
        let result = try withAttributePath(name) { path in withCString(attribute) { lremovexattr(path, $0) } }
        guard result == 0 || errno == ENODATA || errno == ENOTSUP else { throw SystemCallError("lremovexattr", name) }
    }

    // There is no lgetxattrat before Linux 6.13; a path through the descriptor does the same. Names that are not UTF-8
    // would be mangled by String, so the path is made of bytes.
    private func withAttributePath<Result>(
        _ name: [UInt8], _ body: ([CChar]) throws(SystemCallError) -> Result
    ) throws(SystemCallError) -> Result {
        let open = try opened()
        let path = (Array("/proc/self/fd/\(open.descriptor.raw)/".utf8) + name + [0]).map { CChar(bitPattern: $0) }
        let result: Result
        do throws(SystemCallError) { result = try body(path) } catch {
            withExtendedLifetime(open) {}
            throw error
        }
        withExtendedLifetime(open) {}
        return result
    }
}

extension OwnedDescriptor {
    /// The extended attributes, sorted.
    package func extendedAttributes() throws(SystemCallError) -> [(name: [UInt8], value: [UInt8])] {
        let raw = raw
        return try readExtendedAttributes([]) {
            flistxattr(raw, $0.baseAddress, $0.count)
        } value: { attribute, buffer in
            fgetxattr(raw, attribute, buffer.baseAddress, buffer.count)
        }
    }

    package func setExtendedAttribute(_ attribute: [UInt8], _ value: [UInt8]) throws(SystemCallError) {
        let result = withCString(attribute) { attribute in
            value.withUnsafeBytes { fsetxattr(raw, attribute, $0.baseAddress, $0.count, 0) }
        }
        guard result == 0 else { throw SystemCallError("fsetxattr", attribute) }
    }
}

private typealias AttributeValue = (UnsafePointer<CChar>, UnsafeMutableRawBufferPointer) -> Int

private func readExtendedAttributes(
    _ name: [UInt8], list: (UnsafeMutableRawBufferPointer) -> Int, value: AttributeValue
) throws(SystemCallError) -> [(name: [UInt8], value: [UInt8])] {
    // Most files have none: then no list is needed.
    let size = list(UnsafeMutableRawBufferPointer(start: nil, count: 0))
    if size == 0 { return [] }
    if size < 0 {
        if errno == ENOTSUP { return [] }
        throw SystemCallError("listxattr", name)
    }
    // The most that the kernel gives (XATTR_LIST_MAX).
    var names = [UInt8](repeating: 0, count: 65536)
    let count = names.withUnsafeMutableBytes { list($0) }
    guard count >= 0 else { throw SystemCallError("listxattr", name) }
    var result: [(name: [UInt8], value: [UInt8])] = []
    for attribute in names[..<count].split(separator: 0).map(Array.init) {
        if let value = try readExtendedAttribute(attribute, of: name, value) { result.append((attribute, value)) }
    }
    result.sort { $0.name.lexicographicallyPrecedes($1.name) }
    return result
}

private func readExtendedAttribute(
    _ attribute: [UInt8], of name: [UInt8], _ read: AttributeValue
) throws(SystemCallError) -> [UInt8]? {
    var value = [UInt8](repeating: 0, count: 256)
    var count = withCString(attribute) { attribute in value.withUnsafeMutableBytes { read(attribute, $0) } }
    if count < 0, errno == ERANGE {
        value = [UInt8](repeating: 0, count: 65536)
        count = withCString(attribute) { attribute in value.withUnsafeMutableBytes { read(attribute, $0) } }
    }
    if count < 0 {
        if errno == ENODATA || errno == ENOTSUP { return nil }
        throw SystemCallError("getxattr", name)
    }
    return Array(value[..<count])
}
