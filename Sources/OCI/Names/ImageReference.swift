/// The name of an image: registry, repository, and a tag or a digest or both.
///
/// The grammar and the defaults are docker's (distribution reference package; OCI distribution specification, "Pulling
/// manifests"): `ubuntu` is `docker.io/library/ubuntu:latest`.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// Host and optional port, `docker.io` when none was written.
    package let domain: String
    /// The path below the registry, `library/ubuntu` for `ubuntu`.
    package let repository: String
    package let tag: String?
    package let digest: Digest?
    /// Whether no registry was written, which says nothing of what is named: with this machine's rules it may be another
    /// registry's than docker.io.
    package let isShort: Bool

    package static func == (one: ImageReference, other: ImageReference) -> Bool {
        one.domain == other.domain && one.repository == other.repository && one.tag == other.tag
            && one.digest == other.digest
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(domain)
        hasher.combine(repository)
        hasher.combine(tag)
        hasher.combine(digest)
    }

    package init(_ text: String) throws(ImageReferenceError) {
        var rest = Substring(text)
        var digest: Digest?
        if let at = rest.utf8.firstIndex(of: UInt8(ascii: "@")) {
            do { digest = try Digest(String(rest[rest.index(after: at)...])) } catch {
                throw ImageReferenceError(text: text, reason: .invalidDigest)
            }
            rest = rest[..<at]
        }
        var tag: String?
        if let colon = rest.utf8.lastIndex(of: UInt8(ascii: ":")), !rest[colon...].utf8.contains(UInt8(ascii: "/")) {
            let candidate = rest[rest.index(after: colon)...]
            guard Self.isTag(candidate) else { throw ImageReferenceError(text: text, reason: .invalidTag) }
            tag = String(candidate)
            rest = rest[..<colon]
        }
        guard !rest.isEmpty else { throw ImageReferenceError(text: text, reason: .empty) }

        var domain = "docker.io"
        var isShort = true
        if let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) {
            let first = rest[..<slash]
            if first.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") })
                || first == "localhost"
                || Self.hasUpperCase(first)
            {
                guard Self.isDomain(first) else { throw ImageReferenceError(text: text, reason: .invalidDomain) }
                domain = first == "index.docker.io" ? "docker.io" : String(first)
                rest = rest[rest.index(after: slash)...]
                isShort = false
            }
        }
        guard !Self.hasUpperCase(rest) else { throw ImageReferenceError(text: text, reason: .upperCase) }
        guard rest.utf8.count <= 255, Self.isPath(rest) else {
            throw ImageReferenceError(text: text, reason: .invalidRepository)
        }
        var repository = String(rest)
        if domain == "docker.io", !repository.utf8.contains(UInt8(ascii: "/")) { repository = "library/" + repository }
        (self.domain, self.repository, self.tag, self.digest, self.isShort) = (domain, repository, tag, digest, isShort)
    }

    /// The same repository with another tag and digest.
    private init(_ other: ImageReference, tag: String?, digest: Digest?) {
        (domain, repository, isShort) = (other.domain, other.repository, other.isShort)
        (self.tag, self.digest) = (tag, digest)
    }

    /// The same repository, by a digest in place of the tag.
    package func pinned(to digest: Digest) -> ImageReference {
        ImageReference(self, tag: nil, digest: digest)
    }

    /// The repository alone.
    package var untagged: ImageReference { ImageReference(self, tag: nil, digest: nil) }

    /// The reference with `latest` where neither tag nor digest was written.
    package var withDefaultTag: ImageReference {
        guard tag == nil, digest == nil else { return self }
        return ImageReference(self, tag: "latest", digest: nil)
    }

    /// The repository alone, as docker prints it in its REPOSITORY column: defaults left out.
    package var familiarName: String {
        guard domain == "docker.io" else { return "\(domain)/\(repository)" }
        return repository.hasPrefix("library/") ? String(repository.dropFirst("library/".count)) : repository
    }

    /// The whole name with its defaults left out, `ubuntu:24.04`.
    package var familiar: String { familiarName + suffix }

    /// The whole name with its defaults written out, `docker.io/library/ubuntu:24.04`.
    package var description: String { "\(domain)/\(repository)\(suffix)" }

    private var suffix: String { (tag.map { ":" + $0 } ?? "") + (digest.map { "@\($0)" } ?? "") }

    private static func hasUpperCase(_ text: Substring) -> Bool { text.utf8.contains { (0x41...0x5A).contains($0) } }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
    }

    private static func isTag(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, isWord(first), text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// A host name or an IPv6 address in brackets, with a port or without.
    private static func isDomain(_ text: Substring) -> Bool {
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return false }
            let address = text[text.index(after: text.startIndex)..<end]
            let port = text[text.index(after: end)...]
            let isAddress =
                address.contains(":")
                && address.utf8.allSatisfy {
                    (0x30...0x3A).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0)
                }
            return isAddress
                && (port.isEmpty
                    || (port.first == ":" && port.count > 1
                        && port.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2,
            parts.count == 1 || (!parts[1].isEmpty && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) })
        else { return false }
        return parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (isWord($0) && $0 != 0x5F) || $0 == UInt8(ascii: "-") }
        }
    }

    /// Path components of lower-case letters and digits with `.`, `_`, `__` or any number of `-` between them.
    private static func isPath(_ text: Substring) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { component in
            var separator: [UInt8] = []
            var sawWord = false
            for byte in component {
                switch byte {
                case 0x61...0x7A, 0x30...0x39:
                    if !separator.isEmpty {
                        guard sawWord, isSeparator(separator) else { return false }
                        separator = []
                    }
                    sawWord = true
                case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): separator.append(byte)
                default: return false
                }
            }
            return sawWord && separator.isEmpty
        }
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        bytes == [UInt8(ascii: ".")] || bytes == [UInt8(ascii: "_")] || bytes == [UInt8(ascii: "_"), UInt8(ascii: "_")]
            || bytes.allSatisfy { $0 == UInt8(ascii: "-") }
    }
}

/// Text that is not the name of an image.
package struct ImageReferenceError: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        case empty, invalidDigest, invalidTag, invalidDomain, upperCase, invalidRepository
    }

    package let text: String
    package let reason: Reason
}
