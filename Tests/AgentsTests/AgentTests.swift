import OCI
import Testing

@testable import Agents

/// What steps may ask of an SSH agent, and which files are keys.
@Suite struct AgentTests {
    private static func message(_ type: UInt8, _ rest: String = "") -> [UInt8] {
        number(1 + rest.utf8.count) + [type] + rest.utf8
    }

    private static func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }

    private static func text(_ text: String) -> String {
        String(decoding: number(text.utf8.count), as: UTF8.self) + text
    }

    @Test(
        arguments: [
            (message(11), true), (message(13, "blob"), true),
            (message(27, text("session-bind@openssh.com") + "key"), true),
            (message(27, text("query")), false), (message(27, "sess"), false), (message(27), false),
            // Add, remove, remove all, lock, unlock, of a library, constrained, of the old protocol, of no kind, and empty.
            (message(17), false), (message(18), false), (message(19), false), (message(22), false),
            (message(23), false), (message(20), false),
            (message(21), false), (message(25), false), (message(26), false), (message(1), false),
            (message(255), false), (number(0), false),
        ] as [([UInt8], Bool)])
    func filters(bytes: [UInt8], passes: Bool) throws {
        var filter = AgentFilter()
        #expect(try filter.take(bytes) == (passes ? bytes : AgentFilter.refused))
        // In any pieces, and with others around it.
        var pieces = AgentFilter()
        var result: [UInt8] = []
        for byte in Self.message(11) + bytes + Self.message(11) { result += try pieces.take([byte]) }
        #expect(result == Self.message(11) + (passes ? bytes : AgentFilter.refused) + Self.message(11))
    }

    @Test func endsWithAMessageThatIsTooLong() throws {
        var filter = AgentFilter()
        #expect(try filter.take(Self.number(AgentFilter.messageLimit) + [13]) == [])
        var other = AgentFilter()
        #expect(throws: AgentFilter.Fault.tooLong) { try other.take([255, 255, 255, 255]) }
    }

    private static func openSSH(_ cipher: String) -> String {
        let bytes = Array("openssh-key-v1\0".utf8) + number(cipher.utf8.count) + Array(cipher.utf8) + [0, 0, 0, 4]
        return "-----BEGIN OPENSSH PRIVATE KEY-----\r\n\(Base64.encode(bytes))\r\n-----END OPENSSH PRIVATE KEY-----\r\n"
    }

    @Test(
        arguments: [
            (openSSH("none"), .key), (openSSH("aes256-ctr"), .encrypted), ("comment\n" + openSSH("none"), .key),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----", .key),
            ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n", .encrypted),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n", .encrypted),
            ("-----BEGIN PRIVATE KEY-----\nMIIB\n", .key),
            ("-----BEGIN PUBLIC KEY-----\nMIIB\n", .publicKey), ("ssh-ed25519 AAAA me", .publicKey),
            ("ecdsa-sha2-nistp256 AAAA", .publicKey),
            ("", .none), ("hello", .none), ("-----BEGIN CERTIFICATE-----\nMIIB\n", .none), ("-----BEGIN ", .none),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", .none), ("-----BEGIN OPENSSH PRIVATE KEY-----\n////\n", .none),
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----\n\(Base64.encode(Array("openssh-key-v1\0".utf8) + [255, 255, 255, 255]))\n",
                .encrypted
            ),
        ] as [(String, PrivateKeyFile.Content)])
    func tellsKeysFromOtherFiles(text: String, expected: PrivateKeyFile.Content) {
        #expect(PrivateKeyFile.content(Array(text.utf8)) == expected)
    }
}
