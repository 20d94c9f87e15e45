import SystemPackage
import Testing

@testable import Debian

@Suite struct VerifierTests {
    private static let verifier = ReleaseVerifier(keyring: "/keys/archive.gpg")
    private static let valid = "[GNUPG:] GOODSIG 1 name\n[GNUPG:] VALIDSIG F 2026-07-11 1 0 4 0 22 8 01 F\n"

    @Test(
        arguments: [
            (valid, nil), (valid + "[GNUPG:] NO_PUBKEY AA\n", nil), ("[GNUPG:] NO_PUBKEY AA\n" + valid, nil),
            (
                "[GNUPG:] NO_PUBKEY AA\n[GNUPG:] NO_PUBKEY BB\n",
                .unknownKey(suite: "s", keys: ["AA", "BB"], keyring: "/keys/archive.gpg")
            ),
            (valid + "[GNUPG:] BADSIG 1 name\n", .badSignature(suite: "s", detail: "1 name")),
            ("[GNUPG:] NODATA 1\n", .badSignature(suite: "s", detail: "NODATA 1")),
            ("", .badSignature(suite: "s", detail: "")),
            (valid.replacing("GOODSIG", with: "EXPKEYSIG"), .badSignature(suite: "s", detail: "EXPKEYSIG 1 name")),
            (valid.replacing("GOODSIG", with: "REVKEYSIG"), .badSignature(suite: "s", detail: "REVKEYSIG 1 name")),
            (valid.replacing("22 8", with: "22 2"), .badSignature(suite: "s", detail: "VALIDSIG")),
            (
                " " + valid.split(separator: "\n")[1] + "\ngpgv: " + valid.split(separator: "\n")[1],
                .badSignature(suite: "s", detail: "")
            ),
        ] as [(String, DebianError?)])
    func `Status lines are judged as apt judges them`(_ status: String, _ expected: DebianError?) {
        do {
            try Self.verifier.judge(status, suite: "s")
            #expect(expected == nil)
        } catch { #expect(error == expected) }
    }

    @Test(.enabled("gpg or gpgv is missing") { try await SigningKey.isPossible() })
    func `Only what was signed is returned`() async throws {
        try await SigningKey.with { key in
            let signed = try await key.sign("Suite: x\n- dashed\n")
            let verifier = ReleaseVerifier(keyring: key.keyring)
            #expect(try await verifier.verify(signed, suite: "s") == "Suite: x\n- dashed\n")
            #expect(
                try await verifier.verify(Array("Injected: before\n".utf8) + signed, suite: "s")
                    == "Suite: x\n- dashed\n")
            let changed = String(decoding: signed, as: UTF8.self).replacing("Suite: x", with: "Suite: y")
            await #expect(throws: DebianError.self) { try await verifier.verify(Array(changed.utf8), suite: "s") }
            await #expect(throws: DebianError.self) { try await verifier.verify(Array("Suite: x\n".utf8), suite: "s") }
            // gpgv ends without reading all of this.
            let noise = [UInt8](repeating: 0, count: 4 << 20)
            await #expect(throws: DebianError.self) { try await verifier.verify(noise, suite: "s") }
            let missing = FilePath("/nonexistent/keys.gpg")
            await #expect(throws: DebianError.missingKeyring(missing)) {
                try await ReleaseVerifier(keyring: missing).verify(signed, suite: "s")
            }
            try await SigningKey.with { other in
                let error = await #expect(throws: DebianError.self) {
                    try await ReleaseVerifier(keyring: other.keyring).verify(signed, suite: "s")
                }
                guard case .unknownKey(suite: "s", let keys, keyring: other.keyring) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(keys.count == 1)
            }
        }
    }
}
