extension ProcessSpec.TemporaryMount {
    private static let flags: Set = [
        "rw", "ro", "exec", "noexec", "suid", "nosuid", "nodev", "atime", "noatime", "relatime", "norelatime",
        "strictatime", "nostrictatime", "diratime", "nodiratime", "sync", "async",
    ]

    package static let knownWords = "size=, mode=, uid=, gid=, nr_inodes= and flags as in ro and noexec"

    /// Takes one of the words of docker's `--tmpfs`, but a size in bytes.
    ///
    /// - Returns: whether it is one.
    package mutating func set(_ word: String) -> Bool {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            guard Self.flags.contains(word) else { return false }
            options.append(word)
            return true
        }
        let digits = parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) } ? parts[1] : ""
        switch parts[0] {
        case "mode":
            guard let number = UInt32(digits, radix: 8), number <= 0o7777 else { return false }
            mode = number
        case "uid":
            guard let number = UInt32(digits), number < .max else { return false }
            user = number
        case "gid":
            guard let number = UInt32(digits), number < .max else { return false }
            group = number
        case "nr_inodes", "nr_blocks":
            guard UInt64(digits) != nil else { return false }
            options.append(word)
        case "size":
            // Of the machine's memory.
            guard parts[1].hasSuffix("%"), let share = UInt64(parts[1].dropLast()), share <= 100 else { return false }
            options.append(word)
        default: return false
        }
        return true
    }
}
