internal import LinuxSystem
internal import OCI

/// Finished filters of system calls, and what else is found out about OCI runtimes once.
///
/// A file begins with the digest of the rest: one that a power cut has shortened is no filter.
package final class FilterDirectory: Sendable {
    private let directory: Directory

    init(directory: Directory) { self.directory = directory }

    /// - Parameter name: hexadecimal.
    /// - Returns: nil for what is not there or damaged.
    package func load(_ name: String) -> String? {
        // What cannot be read is made again.
        guard let bytes = try? directory.read(Array(name.utf8), limit: 4 << 20), bytes.count > Self.prefixLength else {
            return nil
        }
        let text = bytes[Self.prefixLength...]
        return Array(bytes[..<Self.prefixLength]) == Self.prefix(text) ? String(decoding: text, as: UTF8.self) : nil
    }

    package func keep(_ name: String, _ text: String) {
        // A full disk, or a medium that cannot be written: it is made again the next time.
        try? directory.replaceFile(Array(name.utf8), with: Self.prefix(text.utf8) + Array(text.utf8), .recoverable)
    }

    func removeAll() throws { for name in try directory.names() { try directory.removeFile(name) } }

    private static let prefixLength = 65

    private static func prefix(_ text: some Sequence<UInt8>) -> [UInt8] { Array("\(Digest(sha256: text).hex)\n".utf8) }
}
