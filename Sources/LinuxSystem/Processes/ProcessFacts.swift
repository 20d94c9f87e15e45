internal import CLinux
internal import Glibc
internal import Synchronization
package import SystemPackage

/// What the kernel says of this process and this machine.
package enum ProcessFacts {
    package static var effectiveUser: UInt32 { geteuid() }

    package static var effectiveGroup: UInt32 { getegid() }

    package static var isRoot: Bool { geteuid() == 0 }

    package static var identifier: Int32 { getpid() }

    /// Whether a descriptor of this process is a socket that is listened on (SO_ACCEPTCONN, socket(7)).
    package static func isListening(_ descriptor: Int32) -> Bool {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0
    }

    /// The kernel's release as uname(2) tells: `6.1.0-18-amd64`.
    package static var kernelRelease: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "" }
        return withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Whether the kernel is of an earlier release.
    package static func kernelIsOlder(than major: Int, _ minor: Int) -> Bool {
        let numbers = kernelRelease.split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
        return numbers.lexicographicallyPrecedes([major, minor])
    }

    /// Which boot of the machine this is (`/proc/sys/kernel/random/boot_id` in random(4)); nil where that cannot be told.
    package static let bootIdentifier: String? = {
        guard let directory = try? Directory(opening: "/proc/sys/kernel/random"),  // no /proc
            let bytes = try? directory.read(Array("boot_id".utf8), limit: 64)
        else { return nil }
        let text = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }()

    /// How many processors this process may run on.
    package static var processorCount: Int { Int(distill_processor_count()) }

    /// Bytes free on the file system of a path; nil if it cannot be told.
    package static func freeBytes(at path: FilePath) -> Int64? {
        let bytes = distill_free_bytes(path.string)
        return bytes < 0 ? nil : Int64(bytes)
    }

    /// Bytes of the file system of a path; nil if it cannot be told.
    package static func totalBytes(at path: FilePath) -> Int64? {
        let bytes = distill_total_bytes(path.string)
        return bytes < 0 ? nil : Int64(bytes)
    }

    /// A limit of getrlimit(2) by its name without `RLIMIT_`, in lower case; `UInt64.max` is unlimited. Nil for other names.
    package static func resourceLimit(_ name: String) -> (soft: UInt64, hard: UInt64)? {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        guard let number = resourceLimitNumbers.first(where: { $0.name == name })?.number,
            distill_resource_limit(Int32(number), &soft, &hard) == 0
        else { return nil }
        return (soft, hard)
    }

    /// How many descriptors the caller lets this process have, where that was raised; nil where it was not.
    package static var callersDescriptorLimit: (soft: UInt64, hard: UInt64)? { callersLimit.withLock { $0 } }

    private static let callersLimit = Mutex<(soft: UInt64, hard: UInt64)?>(nil)

    /// Lets this process have as many descriptors as it may: the usual limit of 1,024 is that of select(2), not of the
    /// machine (getrlimit(2)). What is executed in containers gets the caller's limit back.
    package static func raiseDescriptorLimit() {
        guard let limit = resourceLimit("nofile"), limit.soft < limit.hard,
            distill_set_resource_limit(Int32(RLIMIT_NOFILE.rawValue), limit.hard, limit.hard) == 0
        else { return }
        callersLimit.withLock { $0 = limit }
    }

    package static var resourceLimitNames: [String] { resourceLimitNumbers.map(\.name).sorted() }

    private static let resourceLimitNumbers: [(name: String, number: UInt32)] = [
        ("as", RLIMIT_AS.rawValue), ("core", RLIMIT_CORE.rawValue), ("cpu", RLIMIT_CPU.rawValue),
        ("data", RLIMIT_DATA.rawValue), ("fsize", RLIMIT_FSIZE.rawValue), ("locks", UInt32(__RLIMIT_LOCKS.rawValue)),
        ("memlock", UInt32(__RLIMIT_MEMLOCK.rawValue)), ("msgqueue", UInt32(__RLIMIT_MSGQUEUE.rawValue)),
        ("nice", UInt32(__RLIMIT_NICE.rawValue)), ("nofile", RLIMIT_NOFILE.rawValue),
        ("nproc", UInt32(__RLIMIT_NPROC.rawValue)), ("rss", UInt32(__RLIMIT_RSS.rawValue)),
        ("rtprio", UInt32(__RLIMIT_RTPRIO.rawValue)), ("sigpending", UInt32(__RLIMIT_SIGPENDING.rawValue)),
        ("stack", RLIMIT_STACK.rawValue),
    ]
}

extension ProcessFacts {
    /// The capability bounding set as a mask by number (`CapBnd` in proc(5)); all ones if it cannot be read.
    package static var boundingCapabilities: UInt64 {
        guard let directory = try? Directory(opening: "/proc/self"),  // no /proc: the runtime will say so
            let status = try? directory.read(Array("status".utf8))
        else { return .max }
        for line in status.split(separator: 0x0A) where line.starts(with: "CapBnd:".utf8) {
            let digits = line.dropFirst("CapBnd:".utf8.count).drop { $0 == 0x09 || $0 == 0x20 }
            return UInt64(String(decoding: digits, as: UTF8.self), radix: 16) ?? .max
        }
        return .max
    }
}

extension ProcessFacts {
    /// Whether the kernel has namespaces of a kind (namespaces(7), "The /proc/pid/ns/ directory").
    package static func hasNamespaces(of kind: String) -> Bool { access("/proc/self/ns/\(kind)", F_OK) == 0 }

    /// Whether a path is a regular file that this process may execute.
    package static func isExecutable(_ path: FilePath) -> Bool {
        var status = stat()
        return stat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path.string, X_OK) == 0
    }
}

extension ProcessFacts {
    /// The environment's variables; of a name that stands twice the first counts.
    package static var environment: [String: String] {
        var result: [String: String] = [:]
        var pointer = environ
        while let entry = pointer.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "="), text[..<equals] != "" {
                let name = String(text[..<equals])
                if result[name] == nil { result[name] = String(text[text.index(after: equals)...]) }
            }
            pointer += 1
        }
        return result
    }

    /// Sets a variable for this process and those that it starts. Not to be called when there is a second thread.
    package static func setEnvironment(_ name: String, _ value: String) { setenv(name, value, 1) }

    /// Looks up hosts in `/etc/hosts` and by DNS, users and groups in the files, whatever nsswitch.conf(5) says.
    package static func usePlainNameService() { distill_use_plain_name_service() }

    /// The bits that the caller's umask(2) takes from the modes of new files. First to be asked before there is a second thread.
    package static let fileModeMask: UInt32 = {
        let mask = umask(0o077)
        umask(mask)
        return mask
    }()

    /// A path without links and dots, as realpath(3) tells; nil if it does not exist.
    package static func realPath(_ path: FilePath) -> FilePath? {
        guard let resolved = realpath(path.string, nil) else { return nil }
        defer { free(resolved) }
        return FilePath(String(cString: resolved))
    }

    /// The process's working directory.
    package static var workingDirectory: FilePath { realPath(".") ?? "/" }
}
