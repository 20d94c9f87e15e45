internal import SystemPackage

/// Which processors' programs this machine can execute, itself or through an interpreter (binfmt_misc, Linux kernel,
/// admin-guide/binfmt-misc.rst).
package enum Emulation {
    /// ELF's class (1 is 32 bits, 2 is 64), byte order (1 is little, 2 is big) and machine, by Go's words.
    private static let machines: [String: (class: UInt8, order: UInt8, machine: UInt16)] = [
        "amd64": (2, 1, 62), "386": (1, 1, 3), "arm64": (2, 1, 183), "arm": (1, 1, 40), "riscv64": (2, 1, 243),
        "ppc64le": (2, 1, 21), "s390x": (2, 2, 22), "mips64le": (2, 1, 8), "loong64": (2, 1, 258),
    ]

    /// Whether an interpreter is registered that also works in another root file system (flag F).
    ///
    /// - Parameter architecture: in Go's words, as in an image's platform.
    package static func isRegistered(_ architecture: String) -> Bool {
        guard let (kind, order, machine) = machines[architecture],
            // not there: none
            let directory = try? Directory(opening: "/proc/sys/fs/binfmt_misc"), let names = try? directory.names()
        else { return false }
        var header: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, kind, order, 1] + [UInt8](repeating: 0, count: 9)
        let (low, high) = (UInt8(truncatingIfNeeded: machine), UInt8(truncatingIfNeeded: machine >> 8))
        // e_type 2 is an executable file; then e_machine.
        header += order == 1 ? [2, 0, low, high] : [0, 2, high, low]
        return names.contains { name in
            // "register" cannot be read
            guard let text = try? directory.read(name, limit: 64 << 10) else { return false }
            return Registration(String(decoding: text, as: UTF8.self))?.matches(header) ?? false
        }
    }

    /// One interpreter as the kernel describes it.
    struct Registration {
        private let magic: [UInt8]
        private let mask: [UInt8]

        /// nil for one that is disabled, goes by a file's name, or is looked up in the root file system of the program.
        init?(_ text: String) {
            let lines = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
            func value(_ name: String) -> String? { lines.first { $0.first == name && $0.count == 2 }?[1] }
            guard lines.first == ["enabled"], value("flags:")?.contains("F") == true, value("offset") == "0",
                let magic = value("magic").flatMap(Self.bytes)
            else { return nil }
            self.magic = magic
            mask = value("mask").flatMap(Self.bytes) ?? [UInt8](repeating: 0xFF, count: magic.count)
        }

        func matches(_ header: [UInt8]) -> Bool {
            magic.count <= header.count && mask.count >= magic.count
                && magic.indices.allSatisfy { magic[$0] & mask[$0] == header[$0] & mask[$0] }
        }

        private static func bytes(_ hex: String) -> [UInt8]? {
            let digits = hex.compactMap(\.hexDigitValue)
            guard digits.count == hex.count, digits.count.isMultiple(of: 2) else { return nil }
            return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        }
    }
}
