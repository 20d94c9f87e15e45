/// Looks through a stream of bytes in windows that overlap, so that what stands over a border of pieces is seen whole.
final class ContentScan {
    /// Bytes that stay before and behind what is looked through: no matcher looks farther.
    static let reach = 16 << 10
    private static let capacity = (1 << 20) + 2 * reach

    private let scanner: SecretScanner
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    /// Where in the buffer the next window begins.
    private var next = 0
    /// Bytes of the stream before the buffer.
    private(set) var base: Int64 = 0
    private var found: [(match: SecretMatch, offset: Int64)] = []

    init(_ scanner: SecretScanner) {
        self.scanner = scanner
        buffer = .allocate(byteCount: Self.capacity, alignment: 64)
    }

    deinit { buffer.deallocate() }

    func begin() {
        (filled, next, base) = (0, 0, 0)
        found.removeAll(keepingCapacity: true)
    }

    func consume(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, buffer.count - filled)
            UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            filled += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if filled == buffer.count { advance() }
        }
    }

    /// So many bytes that are zeros.
    func skip(_ count: Int64) {
        scan(upTo: filled)
        base = base &+ Int64(filled) &+ count
        (filled, next) = (0, 0)
    }

    /// What was found, each with its place in the stream.
    ///
    /// - Parameter isOwn: whether an instruction of the Dockerfile made it; only there names alone tell something.
    func finish(isOwn: @autoclosure () -> Bool) -> [(match: SecretMatch, offset: Int64)] {
        scan(upTo: filled)
        if base == 0, isText, isOwn() {
            let window = ScanWindow(bytes: UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
            let others = found
            for match in scanner.genericMatches(in: window)
            where !others.contains(where: {
                $0.match.value.contains(match.value) || match.value.contains($0.match.value)
            }) {
                take(match, window)
            }
        }
        return found
    }

    /// Small, without a NUL at its start, and of lines that a person could read.
    private var isText: Bool {
        let head = buffer[..<min(filled, 8192)]
        guard filled > 0, !head.contains(0) else { return false }
        let lines = head.count { $0 == UInt8(ascii: "\n") }
        return head.count < 2048 || head.count / (lines + 1) < 400
    }

    private func advance() {
        scan(upTo: filled - Self.reach)
        let kept = max(0, next - Self.reach)
        let rest = filled - kept
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<rest]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: buffer[kept..<filled]))
        base += Int64(kept)
        filled = rest
        next -= kept
    }

    private func scan(upTo limit: Int) {
        guard limit > next else { return }
        let window = ScanWindow(bytes: UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
        for match in scanner.matches(in: window, from: next, upTo: limit) { take(match, window) }
        next = limit
    }

    private static let most = 1000

    private func take(_ match: SecretMatch, _ window: ScanWindow) {
        let offset = base + Int64(match.range.lowerBound)
        guard found.count < Self.most, !isAllowed(match, window) else { return }
        guard !found.contains(where: { $0.match.rule == match.rule && $0.match.value == match.value }) else { return }
        found.append((match, offset))
    }

    /// Whether a comment on the line, or on the one before it, says `distill:allow-secret RULE` and why.
    private func isAllowed(_ match: SecretMatch, _ window: ScanWindow) -> Bool {
        guard !match.rule.isKnownValue else { return false }
        let start = window.line(around: match.range.lowerBound, lines: 1).lowerBound
        let end = window.line(around: match.range.lowerBound).upperBound
        guard let mark = window.first("distill:allow-secret", in: start..<end) else { return false }
        let line = mark + 20..<max(mark + 20, window.line(around: mark).upperBound)
        let words = window.array(line).split { $0 == 32 || $0 == 9 }.map { String(decoding: $0, as: UTF8.self) }
        return words.count >= 2 && words[0] == match.rule.rawValue && words[1].contains { $0.isLetter }
    }
}
