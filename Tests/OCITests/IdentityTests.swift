import Testing

@testable import OCI

@Suite struct IdentityTests {
    static let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test func hashesBytes() {
        #expect(Digest(sha256: []).description == Self.empty)
        #expect(
            Digest(sha256: "abc".utf8).description
                == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(arguments: [
        (Digest.Algorithm.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
        (
            .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func hashesByAnyAlgorithm(algorithm: Digest.Algorithm, hex: String) throws {
        var hasher = DigestHasher(algorithm)
        "a".utf8.withContiguousStorageIfAvailable { hasher.update(UnsafeRawBufferPointer($0)) }
        "bc".utf8.withContiguousStorageIfAvailable { hasher.update(UnsafeRawBufferPointer($0)) }
        #expect(hasher.finalize() == (try Digest(algorithm: algorithm, hex: hex)))
    }

    @Test(arguments: [
        "", "sha256", "sha256:", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g",
        "sha256:../../../../../../../../../../../../../../../../../../../../../etc/passwd",
    ])
    func refusesWhatIsNoDigest(text: String) {
        #expect(throws: DigestError(text: text)) { try Digest(text) }
    }

    @Test func chainsLayers() throws {
        let a = DiffID(Digest(sha256: "a".utf8))
        let b = DiffID(Digest(sha256: "b".utf8))
        #expect(ChainID([]) == nil)
        #expect(ChainID([a])?.digest == a.digest)
        #expect(ChainID([a, b])?.digest == Digest(sha256: "\(a) \(b)".utf8))
    }

    @Test(arguments: [
        ("ubuntu", "docker.io/library/ubuntu", "ubuntu", nil),
        ("ubuntu:24.04", "docker.io/library/ubuntu:24.04", "ubuntu:24.04", "24.04"),
        ("me/app", "docker.io/me/app", "me/app", nil),
        ("localhost/app", "localhost/app", "localhost/app", nil),
        ("localhost:5000/a/b:1", "localhost:5000/a/b:1", "localhost:5000/a/b:1", "1"),
        ("registry.example/a__b/c-d--e.f", "registry.example/a__b/c-d--e.f", "registry.example/a__b/c-d--e.f", nil),
        ("index.docker.io/library/x", "docker.io/library/x", "x", nil),
        ("simplecalculator_dmss", "docker.io/library/simplecalculator_dmss", "simplecalculator_dmss", nil),
    ])
    func readsNames(text: String, full: String, familiar: String, tag: String?) throws {
        let reference = try ImageReference(text)
        #expect(reference.description == full)
        #expect(reference.familiar == familiar)
        #expect(reference.tag == tag)
    }

    @Test func readsDigests() throws {
        let reference = try ImageReference("a/b:1@" + Self.empty)
        #expect(reference.digest?.description == Self.empty)
        #expect(reference.withDefaultTag == reference)
        #expect(try ImageReference("a").withDefaultTag.tag == "latest")
    }

    @Test(arguments: [
        ("", ImageReferenceError.Reason.empty), (":tag", .empty), ("A", .upperCase), ("a:", .invalidTag),
        ("a:-x", .invalidTag),
        ("a@sha256:12", .invalidDigest), ("a//b", .invalidRepository), ("/a", .invalidRepository),
        ("a/", .invalidRepository),
        ("-a", .invalidRepository), ("a..b", .invalidRepository), ("a___b", .invalidRepository),
        ("a b", .invalidRepository),
        ("[::1/a", .invalidDomain), ("[::1]:/a", .invalidDomain), ("[::1]x/a", .invalidDomain),
        ("[1]/a", .invalidRepository), ("[::g]/a", .invalidDomain),
        ("[fe80::1%25eth0]/a", .invalidDomain), ("a_.b", .invalidRepository), ("host.example:port/a", .invalidDomain),
        ("-x.example/a", .invalidDomain),
        ("a\u{0}b", .invalidRepository), ("../a", .invalidDomain),
    ])
    func refusesWhatIsNoName(text: String, reason: ImageReferenceError.Reason) {
        #expect(throws: ImageReferenceError(text: text, reason: reason)) { try ImageReference(text) }
    }

    @Test(arguments: [
        ("linux/amd64", "linux/amd64"), ("amd64", "linux/amd64"), ("x86_64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"), ("arm", "linux/arm/v7"), ("linux/arm/v6", "linux/arm/v6"),
        ("armhf", "linux/arm/v7"),
        ("Linux/AMD64", "linux/amd64"), ("windows/amd64", "windows/amd64"),
    ])
    func readsPlatforms(text: String, expected: String) throws {
        #expect(try Platform(parsing: text).description == expected)
    }

    @Test(arguments: ["", "/", "linux/", "linux/amd64/v1/x", "lin ux/amd64", "notanarch", "linux//v8"])
    func refusesWhatIsNoPlatform(text: String) {
        #expect(throws: PlatformError(text: text)) { try Platform(parsing: text) }
    }

    @Test(arguments: [
        ("", "/"), ("/", "/"), ("a/b", "/a/b"), ("/a//b/./c/", "/a/b/c"), ("/a/../../b", "/b"), ("../..", "/"),
        ("/a/b/..", "/a"),
    ])
    func cleansPaths(text: String, expected: String) {
        #expect(ImagePath(text)?.description == expected)
    }

    @Test func resolvesPaths() throws {
        let path = try #require(ImagePath("/app"))
        #expect(path.resolving("src/../bin")?.description == "/app/bin")
        #expect(path.resolving("/etc")?.description == "/etc")
        #expect(path.resolving("..")?.description == "/")
        #expect(ImagePath("a\u{0}b") == nil)
        #expect(ImagePath([0x2F, 0xFF, 0x2F, 0xFE])?.components == [[0xFF], [0xFE]])
    }
}
