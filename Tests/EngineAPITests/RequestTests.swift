import EngineAPI
import OCI
import Testing

@Suite struct RequestTests {
    @Test(arguments: [
        ("/v1.51/images/json?all=1", "images json", "1.51"), ("/_ping", "_ping", "1.51"),
        ("/v1.24/version", "version", "1.24"),
        ("/images/a%2Fb/json", "images a/b json", "1.51"), ("/version", "version", "1.51"),
        ("/volumes", "volumes", "1.51"),
    ])
    func paths(target: String, path: String, version: String) throws {
        let request = try APIRequest(method: "GET", target: target)
        #expect(request.path.joined(separator: " ") == path)
        #expect(request.version.description == version)
    }

    @Test(arguments: ["/v1.52/info", "/v1.23/info", "/v2.0/info", "/v1/info", "/v1.x/info"])
    func otherVersions(target: String) {
        #expect(throws: APIError.self) { try APIRequest(method: "GET", target: target) }
    }

    @Test(arguments: [
        ("a=1", true), ("a=true", true), ("a=True", true), ("a=yes", true), ("a=2", true), ("a=0", false),
        ("a=", false), ("a", false),
        ("a=False", false), ("a=no", false), ("a=None", false), ("b=1", false),
    ])
    func booleans(query: String, isOn: Bool) { #expect(APIQuery(query).isOn("a") == isOn) }

    @Test(arguments: [
        (#"{"label":{"a=b":true}}"#, ["a=b"]), (#"{"label":["a=b"]}"#, ["a=b"]), (#"{"label":{"a":false}}"#, []),
        ("{}", []), ("null", []),
    ])
    func filters(text: String, labels: [String]) throws {
        #expect(
            try APIFilters(APIQuery("filters=" + text.replacing("=", with: "%3D")), known: ["label"])["label"] == labels
        )
    }

    @Test(arguments: ["{", "[]", #"{"x":["a"]}"#, #"{"label":3}"#])
    func brokenFilters(text: String) {
        #expect(throws: APIError.self) { try APIFilters(APIQuery("filters=\(text)"), known: ["label"]) }
    }

    @Test(arguments: [
        ("e30=", false), ("e30", false), ("bnVsbA==", false), ("eyJ1c2VybmFtZSI6ImEiLCJwYXNzd29yZCI6ImI_In0=", true),
    ])
    func authorization(header: String, isThere: Bool) throws {
        #expect(try (RegistryAuthorization.credential(header) != nil) == isThere)
    }

    @Test func brokenAuthorization() {
        #expect(throws: APIError.self) { try RegistryAuthorization.credential("***") }
        #expect(throws: APIError.self) { try RegistryAuthorization.credential("e3s=") }
    }

    @Test(arguments: [
        ("https://index.docker.io/v1/", "docker.io"), ("http://a:5000/", "a:5000"), ("a.b", "a.b"), ("", "docker.io"),
    ])
    func registries(address: String, name: String) { #expect(RegistryAuthorization.registry(address) == name) }
}
