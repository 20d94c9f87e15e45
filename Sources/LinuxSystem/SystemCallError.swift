internal import Glibc
package import SystemPackage

/// A system call that failed: which one, on what, and why.
package struct SystemCallError: Error, Hashable, Sendable {
    /// The call's name as in its manual page: `openat2`.
    package let call: String
    /// The path or name that the call was given, for people.
    package let path: String
    package let errno: Errno

    package init(call: String, path: String, errno: Errno) { (self.call, self.path, self.errno) = (call, path, errno) }

    init(_ call: String, _ path: [UInt8]) {
        self.init(call: call, path: String(decoding: path, as: UTF8.self), errno: Errno(rawValue: Glibc.errno))
    }

    init(_ call: String, _ path: String) {
        self.init(call: call, path: path, errno: Errno(rawValue: Glibc.errno))
    }
}

/// Calls a function with a NUL-terminated copy of a name.
func withCString<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { buffer in
        for (index, byte) in name.enumerated() { buffer[index] = CChar(bitPattern: byte) }
        buffer[name.count] = 0
        // The buffer has at least one element, so it has an address.
        return buffer.baseAddress.map { body(UnsafePointer($0)) } ?? body("")
    }
}
