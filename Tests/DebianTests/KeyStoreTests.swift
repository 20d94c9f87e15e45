import TestSupport
import Testing

@testable import Debian

@Suite struct KeyStoreTests {
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (String(repeating: "a", count: 1000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
    func sha1(text: String, expected: String) {
        let hex = SHA1.digest(Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == expected)
    }

    @Test func textThatIsNoCertificateHasNone() {
        for text in [
            "", "x", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n",
        ] {
            #expect(KeyStore.pem(Array(text.utf8)).isEmpty)
        }
    }

    /// Java's own program reads what was written.
    @Test(.enabled("keytool or openssl is missing") { try await Program.isExpected("keytool", "openssl") })
    func keytoolReadsTheStore() async throws {
        try await Files.withTemporaryDirectory { directory in
            var certificates: [[UInt8]] = []
            for name in ["one", "two"] {
                certificates.append(
                    try await Program.shell(
                        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=\(name) 2>/dev/null"
                    ))
            }
            let path = "\(directory)/store"
            try Files.write(KeyStore.bytes(certificates: certificates), to: path)
            let listing = try await Command(
                "keytool", ["-list", "-v", "-storetype", "JKS", "-keystore", path, "-storepass", "changeit"]
            ).run()
            #expect(listing.output.contains("Your keystore contains 2 entries"), "\(listing)")
            #expect(listing.output.contains("CN=one") && listing.output.contains("CN=two"))
        }
    }
}
