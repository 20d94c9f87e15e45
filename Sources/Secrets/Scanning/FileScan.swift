/// Looks through one file after another: its name, its content, and what is in it where it is an archive.
final class FileScan {
    /// Bytes that tell whether a file is an archive.
    private static let archiveHead = 512

    private let scanner: SecretScanner
    private let content: ContentScan
    /// Whether an instruction of the Dockerfile made these files.
    private let isOwn: Bool
    /// For what is in archives; nil within one.
    private let nested: FileScan?
    /// Bytes that may still come out of archives.
    private var budget = 1 << 30
    /// Archives that were not opened: too large, or too much came out of others.
    private(set) var unopened = 0

    private var path: [UInt8] = []
    private var size: Int64 = 0
    private var seen: Int64 = 0
    private var head: [UInt8] = []
    private var headLimit = NamedFile.headLimit
    private var wide: WideText?
    private var archive: ArchiveMembers.Kind?
    private var archived: [UInt8] = []

    init(_ scanner: SecretScanner, isOwn: Bool, isNested: Bool = false) {
        (self.scanner, self.isOwn) = (scanner, isOwn)
        content = ContentScan(scanner)
        nested = isNested ? nil : FileScan(scanner, isOwn: isOwn, isNested: true)
    }

    /// - Parameter path: without a slash at its start.
    func begin(_ path: [UInt8], size: Int64) {
        (self.path, self.size, seen, wide, archive) = (path, size, 0, nil, nil)
        head.removeAll(keepingCapacity: true)
        headLimit = NamedFile.isNotable(path) ? NamedFile.headLimit : Self.archiveHead
        archived = []
        content.begin()
    }

    func consume(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        if head.isEmpty, NamedFile.isNotable(firstByte: bytes[0]) { headLimit = NamedFile.headLimit }
        if head.count < headLimit {
            head += UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, headLimit - head.count)])
        }
        if seen == 0 {
            wide = WideText(bytes)
            if nested != nil { archive = ArchiveMembers.kind(bytes, path) }
        } else if archive == nil, seen < Self.archiveHead, nested != nil, wide == nil {
            // The first piece was too short to tell.
            archive = head.withUnsafeBytes { ArchiveMembers.kind($0, path) }
            if archive != nil { archived = Array(head.prefix(Int(seen))) }
        }
        seen += Int64(bytes.count)
        if archive != nil { collect(bytes) }
        if wide != nil {
            let narrow = wide?.narrowed(bytes) ?? []
            narrow.withUnsafeBytes { content.consume($0) }
        } else {
            content.consume(bytes)
        }
    }

    private func collect(_ bytes: UnsafeRawBufferPointer) {
        guard archived.count + bytes.count <= ArchiveMembers.sizeLimit else {
            (archive, archived) = (nil, [])
            unopened += 1
            return
        }
        if archived.isEmpty, size > 0 { archived.reserveCapacity(Int(min(size, Int64(ArchiveMembers.sizeLimit)))) }
        archived += bytes
    }

    func skip(_ count: Int64) {
        seen &+= count
        content.skip(count)
        if archive != nil { (archive, archived) = (nil, []) }
    }

    /// Ends a file.
    func finish() -> [SecretFinding] {
        var text: String { String(decoding: path, as: UTF8.self) }
        var findings = content.finish(isOwn: isOwn && !GenericAssignment.ignores(path)).map { match, offset in
            SecretFinding(match, .content, path: text, offset: wide == nil ? offset : 2 * offset)
        }
        if headLimit == NamedFile.headLimit {
            for match in NamedFile.matches(path, head, size: seen) {
                // A file that holds what was found is told of once, by what it holds.
                if match.rule == .secretFile, findings.contains(where: { $0.level >= match.level }) { continue }
                findings.append(SecretFinding(match, .content, path: text, offset: Int64(match.range.lowerBound)))
            }
        }
        if let kind = archive, let nested {
            if budget <= 0 { unopened += 1 } else { findings += members(kind, nested, text) }
        }
        archived = []
        return findings
    }

    private func members(_ kind: ArchiveMembers.Kind, _ nested: FileScan, _ path: String) -> [SecretFinding] {
        var findings: [SecretFinding] = []
        var member: String?
        let visitor = ArchiveMembers.Visitor(
            begin: { name, size in
                member = name ?? ""
                nested.begin(Array((name ?? "").utf8), size: size)
            },
            piece: { nested.consume($0) },
            end: { findings += nested.finish().map { $0.inArchive(path, member: member ?? "") } })
        ArchiveMembers.read(archived, kind, budget: &budget, visitor)
        return findings
    }
}

extension SecretFinding {
    fileprivate func inArchive(_ archive: String, member: String) -> SecretFinding {
        SecretFinding(self, path: archive, member: member)
    }

    private init(_ finding: SecretFinding, path: String, member: String) {
        (rule, level, part, offset) = (finding.rule, finding.level, finding.part, finding.offset)
        (excerpt, fingerprint, subject, expiry) = (
            finding.excerpt, finding.fingerprint, finding.subject, finding.expiry
        )
        self.path = path
        self.member = member
    }
}
