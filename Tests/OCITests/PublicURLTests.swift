import OCI
import Testing

/// What of URLs may be read by anybody.
@Suite struct PublicURLTests {
    @Test(arguments: [
        ("https://user:word@host.test/a?b", "https://host.test/a?b"),
        ("https://host.test/a@b", "https://host.test/a@b"),
        ("git@host.test:a", "git@host.test:a"), ("ssh://git@host.test/a", "ssh://host.test/a"),
        ("https://a:p@ss\"x@host", "https://host"),
        ("https://user:word@host.test#v1@x", "https://host.test#v1@x"), ("", ""), ("://a@b", "://a@b"), ("x", "x"),
    ])
    func ofAURL(url: String, expected: String) { #expect(PublicURL.text(of: url) == expected) }

    @Test(arguments: [
        (
            "ADD http://a:b@one/x https://c:d@two/y /z", "ADD http://one/x https://two/y /z",
            "ADD http://***@one/x https://***@two/y /z"
        ),
        ("'https://ü:b@host' failed", "'https://host' failed", "'https://***@host' failed"),
        (#"["curl","http://host","x@y"]"#, #"["curl","http://host","x@y"]"#, #"["curl","http://host","x@y"]"#),
        ("see http://host and me@there", "see http://host and me@there", "see http://host and me@there"),
        ("proxy=http://a'b:p@ss@[::1]:80", "proxy=http://[::1]:80", "proxy=http://********@[::1]:80"),
    ])
    func inText(text: String, expected: String, masked: String) {
        #expect(PublicURL.text(within: text) == expected)
        #expect(PublicURL.masked(within: text) == masked)
    }
}
