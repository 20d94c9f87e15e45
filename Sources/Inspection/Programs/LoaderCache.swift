/// The loader's list of libraries, `/etc/ld.so.cache`, as glibc writes it since 2.32 (ld.so.cache1.1, alone or behind the
/// older format).
struct LoaderCache {
    /// Bytes; the largest systems have some hundred KiB.
    static let sizeLimit = 16 << 20

    private var paths: [String: [String]] = [:]

    init(_ bytes: [UInt8]) {
        let magic = Array("glibc-ld.so.cache1.1".utf8)
        let start: Int
        if bytes.starts(with: magic) {
            start = 0
        } else if bytes.starts(with: "ld.so-1.7.0".utf8), let count: UInt32 = bytes.span.number(12, isBigEndian: false)
        {
            // The new part follows the old entries at a multiple of eight.
            let end = 16 + Int(count) * 12
            start = (end + 7) / 8 * 8
            guard bytes.count > start, bytes[start...].starts(with: magic) else { return }
        } else {
            return
        }
        let span = bytes.span
        var texts = TextBudget(limit: Self.sizeLimit)
        guard let count: UInt32 = span.number(start + 20, isBigEndian: false) else { return }
        for index in 0..<min(Int(count), 100_000) {
            let entry = start + 48 + index * 24
            guard let key: UInt32 = span.number(entry + 4, isBigEndian: false),
                let value: UInt32 = span.number(entry + 8, isBigEndian: false),
                let name = texts.text(in: bytes, at: start + Int(key)),
                let path = texts.text(in: bytes, at: start + Int(value))
            else { return }
            paths[name, default: []].append(path)
        }
    }

    func candidates(_ library: String) -> [String] { paths[library] ?? [] }
}
