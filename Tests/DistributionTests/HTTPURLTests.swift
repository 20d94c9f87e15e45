import Testing

@testable import Distribution

@Suite struct HTTPURLTests {
    @Test(arguments: [
        ("http://mirror.example", "http://mirror.example/"),
        ("HTTP://Mirror.Example:80/a?b#c", "http://mirror.example/a?b"),
        ("https://mirror.example:8443/a", "https://mirror.example:8443/a"),
        ("https://mirror.example:443/a", "https://mirror.example/a"),
        ("http://user:pa%40ss@mirror.example/a", "http://mirror.example/a"),
        ("http://mirror.example/a/./b/../c", "http://mirror.example/a/c"),
        ("http://mirror.example/../../x", "http://mirror.example/x"),
        ("http://mirror.example/a/..", "http://mirror.example/"),
        ("http://mirror.example/a b/ü~%20", "http://mirror.example/a%20b/%C3%BC~%20"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://mirror.example?q=1", "http://mirror.example/?q=1"),
        ("http://mirror.example:/a", "http://mirror.example/a"),
    ])
    func reads(text: String, expected: String) throws {
        #expect(try #require(HTTPURL(text)).text == expected)
    }

    @Test(arguments: [
        "", "mirror.example", "ftp://mirror.example/a", "http:/mirror.example", "http://", "http:///a", "http://:80/",
        "http://a b/", "http://mirror.example:0/", "http://mirror.example:65536/", "http://mirror.example:x/",
        "http://[::1/", "http://[]/", "http://a\r\nHost: b/", "http://%zz@mirror.example/", "http://a:b:c/",
    ])
    func refuses(text: String) {
        #expect(HTTPURL(text) == nil)
    }

    /// RFC 3986, section 5.4, as far as it concerns http.
    @Test(arguments: [
        ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
        ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("", "http://a/b/c/d;p?q"),
        ("..", "http://a/b/"), ("../../../g", "http://a/g"), ("g;x=1/../y", "http://a/b/c/y"),
        ("https://b.example/x", "https://b.example/x"), ("g#s", "http://a/b/c/g"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
    ])
    func resolves(reference: String, expected: String) throws {
        #expect(try #require(HTTPURL("http://a/b/c/d;p?q")).resolving(reference)?.text == expected)
    }

    @Test(arguments: ["ftp://b.example/x", "file:///etc/passwd", "mailto:x", "http://"])
    func leadsNowhereElse(reference: String) throws {
        #expect(try #require(HTTPURL("http://a/b")).resolving(reference) == nil)
    }

    @Test(arguments: [
        ("/x", "name:secret" as String?), ("http://mirror.example/x", "name:secret"),
        ("http://mirror.example:81/x", nil), ("https://mirror.example/x", nil), ("//other.example/x", nil),
    ])
    func keepsCredentialsAtTheirOrigin(reference: String, credentials: String?) throws {
        let url = try #require(HTTPURL("http://name:secret@mirror.example/a"))
        #expect(try #require(url.resolving(reference)).credentials == credentials)
    }
}
