import Archive
import OCI
import Testing

@testable import Secrets

/// The values that a build was given, however they are written.
@Suite struct KnownValueTests {
    private static let secret = Array("s3cr&t/\"v alue<5>".utf8)

    private func isFound(_ content: [UInt8], _ value: [UInt8] = Self.secret) throws -> Bool {
        try Scan.findings("srv/x", content, [KnownValue(.secret("t"), value)], isOwn: true).contains {
            $0.rule == .buildSecret
        }
    }

    @Test func everySpelling() throws {
        let value = Self.secret
        for before in 0..<7 {
            let plain =
                Array("0123456"[..<"0123456".index("0123456".startIndex, offsetBy: before)].utf8) + value
                + Array("tail".utf8)
            let text = Base64.encode(plain)
            #expect(try isFound(Array(text.utf8)), "\(before)")
            #expect(try isFound(Array(text.replacing("+", with: "-").replacing("/", with: "_").utf8)), "\(before)")
            #expect(try isFound(plain))
        }
        let forms = [
            "s3cr%26t%2F%22v%20alue%3C5%3E", "s3cr%26t%2f%22v+alue%3c5%3e", "s3cr&t/\\\"v alue<5>",
            "s3cr&t\\/\\\"v alue<5>",
            "s3cr\\u0026t/\\\"v alue\\u003c5\\u003e", "s3cr&amp;t/&quot;v alue&lt;5&gt;",
        ]
        for form in forms { #expect(try isFound(Array("a \(form) b".utf8)), "\(form)") }
        let hex = value.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(try isFound(Array(hex.utf8)))
        #expect(try isFound(Array(hex.uppercased().utf8)))
        #expect(try !isFound(Array(value.dropLast())))
        #expect(try !isFound(Array("s3cr%26t%2F%22v".utf8)))
    }

    @Test func aFilesLineEndDoesNotCount() throws {
        #expect(try isFound(Array("hunter2-hunter3".utf8), Array("hunter2-hunter3\n".utf8)))
        #expect(try !isFound(Array("short".utf8), Array("short".utf8)))
    }

    /// A bundle of authorities is often given as a secret, and every image has one like it.
    @Test func whatIsPublicIsNoSecret() throws {
        var chance = Chance(8)
        func block(_ label: String) -> String {
            let text = Base64.encode(chance.bytes(160)).map { String($0) }
            let lines = stride(from: 0, to: text.count, by: 64).map {
                text[$0..<min($0 + 64, text.count)].joined()
            }
            return "-----BEGIN \(label)-----\n\(lines.joined(separator: "\n"))\n-----END \(label)-----\n"
        }
        let (first, second, key) = (block("CERTIFICATE"), block("CERTIFICATE"), block("PRIVATE KEY"))
        let host = "git.example ssh-ed25519 AAAA\(Base64.encode(chance.bytes(48)))\n"
        for value in [first, "# Issuer: Some\n\n" + first + second, host, block("PUBLIC KEY")] {
            #expect(try !isFound(Array("\(value)\(first)\(host)".utf8), Array(value.utf8)), "\(value)")
        }
        // The key beside its certificate stays one, and so does a password below it.
        #expect(try isFound(Array(key.utf8), Array((first + key).utf8)))
        #expect(try !isFound(Array(first.utf8), Array((first + key).utf8)))
        #expect(try isFound(Array("x9fk2Lq81-zzRt5".utf8), Array((first + "password=x9fk2Lq81-zzRt5\n").utf8)))
        #expect(try isFound(Array((first + key).utf8), Array((first + key).utf8)))
        // What only begins as something public is none: a block without an end, other lines in it, a key's type in passing.
        let hidden = "x9fk2Lq81-zzRt5"
        for value in [
            "-----BEGIN CERTIFICATE-----\npassword=\(hidden)\n",
            first.replacing("-----END", with: "token \(hidden)\n-----END"),
            "command=\"\(hidden)\" for ssh-ed25519 AAAAC3Nz\n",
        ] {
            #expect(try isFound(Array("a \(hidden) b".utf8), Array(value.utf8)), "\(value)")
        }
    }

    @Test func brokenIntoLines() throws {
        var chance = Chance(5)
        let value = chance.bytes(300)
        let text = Array(Base64.encode([1] + value + [2]))
        for width in [60, 64, 76] {
            let lines = stride(from: 0, to: text.count, by: width).map {
                String(text[$0..<min($0 + width, text.count)])
            }
            #expect(try isFound(Array(lines.joined(separator: "\n").utf8), value), "\(width)")
            #expect(try isFound(Array(lines.joined(separator: "\\n").utf8), value), "\(width)")
        }
    }

    @Test func theTokenInAFile() throws {
        var chance = Chance(6)
        let token = chance.mixed(24)
        let file = Array("//npm.example/:_authToken=\(token)\nregistry=https://npm.example/\n".utf8)
        #expect(try isFound(Array("TOKEN=\(token)".utf8), file))
        #expect(try !isFound(Array("registry=https://npm.example/".utf8), file))
    }

    @Test func aFindingHoldsNothingOfTheValue() throws {
        let found = try #require(
            try Scan.findings("srv/x", Self.secret, [KnownValue(.secret("t"), Self.secret)]).first {
                $0.rule == .buildSecret
            })
        #expect(found.excerpt.isEmpty)
        #expect(found.subject == "secret t, literal")
        let other = try #require(
            try Scan.findings(
                "srv/y", Array("other-value-9".utf8), [KnownValue(.secret("t"), Array("other-value-9".utf8))]
            ).first { $0.rule == .buildSecret })
        #expect(found.fingerprint == other.fingerprint)
        #expect(SecretFinding(found.json) == found)
    }

    @Test func argumentsByName() {
        for name in ["NPM_TOKEN", "db_password", "APIKEY", "AWS_SECRET", "SSH_KEY", "GH_PAT"] {
            #expect(KnownValue.isSecret(name: name), "\(name)")
        }
        for name in ["VERSION", "KEYSERVER", "PUBLIC_KEY", "COMPATIBLE", "PATH", "MONKEY"] {
            #expect(!KnownValue.isSecret(name: name), "\(name)")
        }
    }
}
