internal import Subprocess
internal import SystemPackage

/// Checks a signed `InRelease` with gpgv and returns the text that was signed, and nothing around it.
struct ReleaseVerifier: Sendable {
    let keyring: FilePath

    /// Hash algorithms that no longer protect anything (RFC 9580, 9.5): MD5, SHA-1, RIPEMD-160.
    private static let brokenHashes: Set = ["1", "2", "3"]

    /// - Throws: ``DebianError`` for a missing program or keyring, and for everything but a good signature.
    func verify(_ signed: [UInt8], suite: String) async throws -> String {
        do { try FileDescriptor.open(keyring, .readOnly).close() } catch { throw DebianError.missingKeyring(keyring) }
        let output: (text: [UInt8], status: String)
        do {
            let result = try await run(
                .name("gpgv"),
                arguments: ["--keyring", keyring.string, "--status-fd", "2", "--output", "-", "-"],
                environment: .inherit.updating(["LC_ALL": "C"]), input: .inputWriter,
                output: .bytes(limit: signed.count),
                error: .string(limit: 1 << 20)
            ) { execution in
                // gpgv stops reading at bytes that are no message; with `.array` that would abort this process.
                _ = try? await execution.standardInputWriter.write(signed)
                try? await execution.standardInputWriter.finish()  // closed by gpgv's end at the latest
            }
            output = (result.standardOutput, result.standardError)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw DebianError.verifierMissing
        }
        try judge(output.status, suite: suite)
        return String(decoding: output.text, as: UTF8.self)
    }

    /// Decides by gpgv's status lines (GnuPG, doc/DETAILS), as apt does: one good signature is enough, a bad one spoils
    /// all, and one by an unknown key does no harm beside a good one.
    func judge(_ status: String, suite: String) throws(DebianError) {
        var goodKeys = 0
        var unknown: [String] = []
        var problem: String?
        for line in status.split(separator: "\n") where line.hasPrefix("[GNUPG:] ") {
            let words = line.split(separator: " ").dropFirst().map(String.init)
            guard let keyword = words.first else { continue }
            switch keyword {
            case "VALIDSIG":
                if words.count > 8, !Self.brokenHashes.contains(words[8]) { goodKeys += 1 } else { problem = keyword }
            case "BADSIG": throw .badSignature(suite: suite, detail: words.dropFirst().joined(separator: " "))
            case "NO_PUBKEY": unknown.append(words.dropFirst().joined(separator: " "))
            case "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NODATA":
                problem = words.joined(separator: " ")
                // A VALIDSIG line follows for a signature by a key that expired or was revoked.
                if keyword != "NODATA" { goodKeys -= 1 }
            default: continue
            }
        }
        guard goodKeys <= 0 else { return }
        if problem == nil, !unknown.isEmpty { throw .unknownKey(suite: suite, keys: unknown, keyring: keyring) }
        throw .badSignature(suite: suite, detail: problem ?? "")
    }
}
