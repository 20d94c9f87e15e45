internal import CLinux
internal import Glibc
package import SystemPackage

extension ProcessFacts {
    /// Directories in which processors tell how often they were too hot: a time that every process may read and no other
    /// knows.
    package static var thermalThrottlePaths: [String] {
        // Without /sys, as in some containers, there is nothing to hide.
        guard let directory = try? Directory(opening: "/sys/devices/system/cpu"), let names = try? directory.names()
        else { return [] }
        return names.compactMap { bytes in
            let name = String(decoding: bytes, as: UTF8.self)
            guard name.hasPrefix("cpu"), !name.dropFirst(3).isEmpty, name.dropFirst(3).allSatisfy(\.isNumber) else {
                return nil
            }
            let path = "/sys/devices/system/cpu/\(name)/thermal_throttle"
            return access(path, F_OK) == 0 ? path : nil
        }.sorted()
    }
}

extension ProcessFacts {
    /// What tells a file from every other that was or will be at its path.
    package struct FileFacts: Hashable, Sendable {
        /// Without links.
        package let path: FilePath
        package let size: Int64
        package let modified: FileTime
    }

    /// Facts about a file, links followed; nil if there is none.
    package static func file(_ path: FilePath) -> FileFacts? {
        var status = stat()
        guard let real = realPath(path), stat(real.string, &status) == 0 else { return nil }
        let facts = FileStatus(status)
        return FileFacts(path: real, size: facts.size, modified: facts.modified)
    }

    /// Whether a program's file, of at most 64 MB, has a text in it.
    package static func file(_ path: FilePath, contains text: String) -> Bool {
        guard let real = realPath(path), let name = real.lastComponent,
            let directory = try? Directory(opening: real.removingLastComponent()),  // gone by now
            let bytes = try? directory.read(Array(name.string.utf8))  // gone by now
        else { return false }
        return bytes.withUnsafeBytes { distill_contains($0.baseAddress, $0.count, text) == 1 }
    }
}
