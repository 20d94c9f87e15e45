import Testing

@testable import LinuxSystem

@Suite struct UserNamespaceTests {
    private typealias Subordinates = UserNamespace.Subordinates

    @Test(arguments: [
        ("me:100000:65536\n", [Subordinates(first: 100_000, count: 65536)]),
        ("other:1:2\n1000:5:6\nme:7:8", [Subordinates(first: 5, count: 6), Subordinates(first: 7, count: 8)]),
        ("", []), (":1:2\n", []), ("me:1\n", []), ("me:1:2:3\n", []),
        ("me:x:2\nme:1:0\nme:-1:5\nme:1:99999999999\n", []),
    ])
    func readsTheUsersRows(text: String, expected: [UserNamespace.Subordinates]) {
        #expect(UserNamespace.subordinates(text, of: ["me", "1000"]) == expected)
    }

    @Test(
        arguments: [
            ("me:100000:65536", [0, 1000, 1, 1, 100_000, 65536]), ("me:5:6\nme:50:1", [0, 1000, 1, 1, 5, 6, 7, 50, 1]),
            ("me:5:4294967295\nme:50:1", [0, 1000, 1, 1, 5, .max - 2]),
        ] as [(String, [UInt32])])
    func mapsTheUserToRoot(text: String, expected: [UInt32]) {
        #expect(UserNamespace.map(own: 1000, UserNamespace.subordinates(text, of: ["me"])) == expected)
    }
}
