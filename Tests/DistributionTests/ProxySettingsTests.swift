import OCI
import TestSupport
import Testing

@testable import Distribution

@Suite(.timeLimit(.minutes(10))) struct ProxySettingsTests {
    private func shown(_ proxy: Proxy?) -> String {
        switch proxy {
        case nil: "direct"
        case .http(let url): url.text
        case .socks(let socks):
            "socks \(socks.host) \(socks.port)" + (socks.login.map { " \($0.name):\($0.password)" } ?? "")
        case .unusable(let cause): "\(cause.variable) \(cause.reason)"
        }
    }

    /// The variables, as curl and Go take them.
    @Test(arguments: [
        (["http_proxy": "http://p.example:3128"], "http://m.example/", "http://p.example:3128/"),
        (["http_proxy": "p.example:3128"], "http://m.example/", "http://p.example:3128/"),
        (["http_proxy": "p.example"], "http://m.example/", "http://p.example/"),
        (["http_proxy": "http://p.example/path"], "http://m.example/", "http://p.example/path"),
        (["http_proxy": "HTTP://P.example"], "http://m.example/", "http://p.example/"),
        (["http_proxy": "http://[2001:db8::1]:3128"], "http://m.example/", "http://[2001:db8::1]:3128/"),
        (["http_proxy": "https://p.example:3129"], "http://m.example/", "https://p.example:3129/"),
        (["HTTP_PROXY": "http://p.example"], "http://m.example/", "http://p.example/"),
        (["HTTP_PROXY": "http://p.example", "REQUEST_METHOD": "GET"], "http://m.example/", "direct"),
        (
            ["http_proxy": "http://a.example", "HTTP_PROXY": "http://b.example"], "http://m.example/",
            "http://a.example/"
        ),
        (["http_proxy": "", "HTTP_PROXY": "http://b.example"], "http://m.example/", "http://b.example/"),
        (["http_proxy": "http://p.example"], "https://m.example/", "direct"),
        (["https_proxy": "http://p.example"], "http://m.example/", "direct"),
        (["https_proxy": "http://p.example"], "https://m.example/", "http://p.example/"),
        (["HTTPS_PROXY": "http://p.example"], "https://m.example/", "http://p.example/"),
        (["all_proxy": "http://p.example"], "https://m.example/", "http://p.example/"),
        (["ALL_PROXY": "http://p.example"], "http://m.example/", "http://p.example/"),
        (
            ["https_proxy": "http://a.example", "all_proxy": "http://b.example"], "https://m.example/",
            "http://a.example/"
        ),
        (["http_proxy": ""], "http://m.example/", "direct"),
        (["all_proxy": "socks5://p.example"], "https://m.example/", "socks p.example 1080"),
        (["all_proxy": "socks5h://p.example:9050"], "http://m.example/", "socks p.example 9050"),
        (["all_proxy": "socks5://p.example:80"], "http://m.example/", "socks p.example 80"),
        (["all_proxy": "socks5://[::2]:1"], "http://m.example/", "socks ::2 1"),
        (["all_proxy": "socks5://u:p@p.example"], "http://m.example/", "socks p.example 1080 u:p"),
        (["all_proxy": "socks5h://u%3A:p%40/%2F@[::2]:1"], "http://m.example/", "all_proxy noAddress"),
        (["all_proxy": "socks5h://u:p%40%2F@[::2]:1"], "http://m.example/", "socks ::2 1 u:p@/"),
        (["all_proxy": "socks5://u@p.example"], "http://m.example/", "socks p.example 1080 u:"),
        (
            ["all_proxy": "socks5://u:\(String(repeating: "p", count: 256))@p.example"], "http://m.example/",
            "all_proxy longLogin"
        ),
        (["all_proxy": "socks4://p.example"], "http://m.example/", "all_proxy scheme(\"socks4\")"),
        (["http_proxy": "ftp://p.example"], "http://m.example/", "http_proxy scheme(\"ftp\")"),
        (["http_proxy": "http://p.example:port"], "http://m.example/", "http_proxy noAddress"),
        (["http_proxy": "http://"], "http://m.example/", "http_proxy noAddress"),
        (["http_proxy": "http://p.example"], "http://localhost/", "direct"),
        (["http_proxy": "http://p.example"], "http://127.0.0.2/", "direct"),
        (["http_proxy": "http://p.example"], "http://[::1]/", "direct"),
        (["http_proxy": "http://p.example"], "http://127.0.0.example/", "http://p.example/"),
    ])
    func readsTheVariables(environment: [String: String], url: String, expected: String) throws {
        let origin = try #require(HTTPURL(url)).origin
        #expect(shown(ProxySettings(environment: environment).proxy(for: origin)) == expected)
    }

    /// `no_proxy` and who is reached without the proxy.
    @Test(arguments: [
        ("*", "http://m.example/", true), ("*:81", "http://m.example/", false), ("*:80", "http://m.example/", true),
        ("other, m.example", "http://m.example/", true), ("other m.example", "http://m.example/", true),
        ("other,,m.example,", "http://m.example/", true), ("example", "http://m.example/", true),
        (".example", "http://m.example/", true), (".m.example", "http://m.example/", true),
        ("*.example", "http://m.example/", true),
        ("*.example", "http://a.b.example/", true), ("M.Example", "http://m.example/", true),
        ("m.example.", "http://m.example/", true),
        ("m.example", "http://m.example./", true), ("mple", "http://m.example/", false),
        ("x.m.example", "http://m.example/", false),
        ("m.example:81", "http://m.example/", false), ("m.example:80", "http://m.example/", true),
        ("m.example:5000", "http://m.example:5000/", true), ("m.example", "http://m.example:5000/", true),
        ("10.0.0.0/8", "http://10.77.0.1/", true), ("10.0.0.0/8", "https://10.77.0.1:5000/", true),
        ("10.0.0.0/8", "http://11.0.0.1/", false),
        ("10.77.0.0/24", "http://10.77.0.255/", true), ("10.77.0.0/24", "http://10.77.1.0/", false),
        ("10.77.0.128/25", "http://10.77.0.127/", false), ("10.77.0.129/25", "http://10.77.0.128/", true),
        ("0.0.0.0/0", "http://10.77.0.1/", true), ("0.0.0.0/0", "http://m.example/", false),
        ("10.77.0.1/32", "http://10.77.0.1/", true),
        ("10.77.0.1/33", "http://10.77.0.1/", false), ("10.77.0.1/", "http://10.77.0.1/", false),
        ("10.77.0.1", "http://10.77.0.1/", true), ("10.77.0.1:80", "http://10.77.0.1/", true),
        ("10.77.0.1:81", "http://10.77.0.1/", false),
        ("77.0.1", "http://10.77.0.1/", false), (".0.1", "http://10.77.0.1/", false),
        ("10", "http://10.77.0.1/", false),
        ("fd00::/8", "http://[fd12::1]/", true), ("fd00::/8", "http://[fe12::1]/", false),
        ("fd00::/8", "http://10.77.0.1/", false),
        ("fd12::1", "http://[fd12::1]/", true), ("[fd12::1]", "http://[fd12::1]/", true),
        ("[fd12::1]:80", "http://[fd12::1]/", true),
        ("[fd12::1]:81", "http://[fd12::1]/", false), ("fd12:0:0::1", "http://[fd12:0:0:0:0:0:0:1]/", true),
        ("::ffff:10.77.0.1", "http://10.77.0.1/", true), ("10.0.0.0/8,.corp.example", "http://x.corp.example/", true),
        ("", "http://m.example/", false),
    ])
    func knowsExceptions(list: String, url: String, isDirect: Bool) throws {
        let origin = try #require(HTTPURL(url)).origin
        for name in ["no_proxy", "NO_PROXY"] {
            let settings = ProxySettings(environment: ["all_proxy": "http://p.example", name: list])
            #expect((settings.proxy(for: origin) == nil) == isDirect)
        }
        let both = ProxySettings(environment: ["all_proxy": "http://p.example", "no_proxy": "", "NO_PROXY": list])
        #expect((both.proxy(for: origin) == nil) == isDirect)
    }

    @Test(
        arguments: [
            ("::", 16), ("::1", 16), ("1::", 16), ("1:2:3:4:5:6:7:8", 16), ("1::8", 16), ("::1.2.3.4", 16),
            ("1.2.3.4", 4), ("1:2:3:4:5:6:1.2.3.4", 16),
            ("1:2:3:4:5:6:7", nil), ("1:2:3:4:5:6:7:8:9", nil), ("1::2::3", nil), (":::", nil),
            ("1:2:3:4:5:6:7::8:9", nil), ("g::", nil),
            ("12345::", nil), ("1.2.3", nil), ("1.2.3.256", nil), ("1.2.3.4.5", nil), ("+1.2.3.4", nil), ("", nil),
            ("[", nil), ("[]", nil), ("1.2.3.4::", nil),
        ] as [(String, Int?)])
    func readsAddresses(text: String, count: Int?) { #expect(NetworkAddress(text)?.bytes.count == count) }

    /// What is asked for over http goes to the proxy as a whole, what is asked for over https through a tunnel.
    @Test func asksForATunnelOnlyForHTTPS() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, _ in
            request.line.hasPrefix("CONNECT ")
                ? [.answer("403 Forbidden", ["Content-Length": "0"])] : [.ok(Array("x".utf8))]
        }
        try await ScriptedHTTPServer.with(script: script) { proxy in
            let environment = ["all_proxy": "http://127.0.0.1:\(proxy.port)"]
            var policy = TransferPolicy()
            policy.delays = []
            try await RemoteFileClient.withClient(configuration: policy, environment: environment) { client in
                try await client.fetch(
                    "http://m.example:8080/a?b", maximumSize: 10, progress: { _, _ in }, restart: {}, body: { _ in })
                let error = await #expect(throws: RemoteFileError.self) {
                    try await client.fetch(
                        "https://m.example/a", maximumSize: 10, progress: { _, _ in }, restart: {}, body: { _ in })
                }
                #expect(
                    error
                        == .unreachable(url: "https://m.example/a", reason: "the proxy gives no way there: it refuses"))
            }
            #expect(
                proxy.requests.map(\.line) == [
                    "GET http://m.example:8080/a?b HTTP/1.1", "CONNECT m.example:443 HTTP/1.1",
                ])
            #expect(proxy.requests.first?.headers["host"] == "m.example:8080")
        }
    }

    @Test(arguments: [
        (
            ["all_proxy": "socks4://p.example"],
            "the proxy that all_proxy names cannot be used: 'socks4' is no kind of proxy that is spoken to (http, https, socks5)"
        ),
        (
            ["https_proxy": "socks5://\(String(repeating: "n", count: 256)):p@p.example"],
            "the proxy that https_proxy names cannot be used: SOCKS has no names and passwords of more than 255 bytes"
        ),
    ])
    func goesPastNoProxy(environment: [String: String], reason: String) async throws {
        try await RemoteFileClient.withClient(environment: environment) { client in
            let error = await #expect(throws: RemoteFileError.self) {
                try await client.fetch(
                    "https://m.example/a", maximumSize: 10, progress: { _, _ in }, restart: {}, body: { _ in })
            }
            #expect(error == .unreachable(url: "https://m.example/a", reason: reason))
        }
    }
}
