package import OCI

/// What an archive says about one suite, in its `Release` or `InRelease` file (DebianRepository/Format).
package struct Release: Sendable {
    package let suite: String
    package let codename: String
    /// Seconds since 1970.
    package let date: Int64
    /// Seconds since 1970; nil where the archive promises no end.
    package let validUntil: Int64?
    package let architectures: [String]
    package let components: [String]
    /// Whether index files can be had under their digests too, so that a mirror's update does no harm.
    package let acquiresByHash: Bool
    /// Paths below the suite's directory.
    package let files: [String: File]

    package struct File: Hashable, Sendable {
        package let digest: Digest
        /// Bytes.
        package let size: Int64
    }

    /// Reads the signed text.
    ///
    /// - Throws: ``DebianError/invalidRelease(suite:reason:)``.
    package init(text: String, suite wanted: String) throws(DebianError) {
        let paragraphs: [ControlParagraph]
        do { paragraphs = try ControlFile.parse(text) } catch {
            throw .invalidRelease(suite: wanted, reason: .syntax(line: error.line))
        }
        guard let paragraph = paragraphs.first, paragraphs.count == 1 else {
            throw .invalidRelease(suite: wanted, reason: .syntax(line: 1))
        }
        guard let date = paragraph["Date"].flatMap(ArchiveDate.seconds) else {
            throw .invalidRelease(suite: wanted, reason: .missingField("Date"))
        }
        suite = paragraph["Suite"] ?? ""
        codename = paragraph["Codename"] ?? ""
        guard wanted == suite || wanted == codename else {
            throw .invalidRelease(suite: wanted, reason: .otherSuite(suite: suite, codename: codename))
        }
        self.date = date
        if let text = paragraph["Valid-Until"] {
            guard let until = ArchiveDate.seconds(text) else {
                throw .invalidRelease(suite: wanted, reason: .missingField("Valid-Until"))
            }
            validUntil = until
        } else {
            validUntil = nil
        }
        architectures = paragraph.words("Architectures")
        components = paragraph.words("Components")
        acquiresByHash = paragraph["Acquire-By-Hash"] == "yes"
        guard let table = paragraph["SHA256"] else {
            throw .invalidRelease(suite: wanted, reason: .missingField("SHA256"))
        }
        files = Self.files(table)
    }

    /// Reads lines of digest, size and path; lines that are something else are left out.
    private static func files(_ table: String) -> [String: File] {
        var files: [String: File] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let size = Int64(words[1]), size >= 0 else { continue }
            // A line with a digest of another length names no file that we could check.
            guard let digest = try? Digest(algorithm: .sha256, hex: String(words[0])) else { continue }
            files[String(words[2])] = File(digest: digest, size: size)
        }
        return files
    }
}

/// Dates as archives write them (RFC 5322 in UTC): `Sat, 11 Jul 2026 10:16:37 UTC`.
enum ArchiveDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970; nil for another form or another zone.
    static func seconds(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, ["UTC", "GMT", "+0000", "Z"].contains(words[5]), let day = Int64(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int64(words[3]),
            (1970...9999).contains(year),
            (1...31).contains(day)
        else { return nil }
        let clock = words[4].split(separator: ":").map { Int64($0) ?? -1 }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        return days(year: year, month: Int64(month) + 1, day: day) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }

    /// RFC 3339 in UTC with whole seconds.
    static func rfc3339(_ seconds: Int64) -> String {
        let (days, second) = (Int64((Double(seconds) / 86_400).rounded(.down)), ((seconds % 86_400) + 86_400) % 86_400)
        // Eras of 400 years from 1 March of year 0, as in the proleptic Gregorian calendar.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
