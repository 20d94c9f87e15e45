import Testing

@testable import OCI

@Suite struct ImageTests {
    @Test func keepsWhatItDoesNotKnow() throws {
        let foreign =
            #"{"created":"2024-01-02T03:04:05.123456789Z","architecture":"arm64","variant":"v8","os":"linux","#
            + #""config":{"User":"app","Env":["A=1"],"Cmd":["x"],"NewThing":{"b":1,"a":2}},"#
            + #""rootfs":{"type":"layers","diff_ids":[]},"history":[{"created":"2024-01-02T03:04:05Z","created_by":"x","empty_layer":true}],"#
            + #""os.features":["f"],"moby.buildkit.x":"y"}"#
        let config = try ImageConfig(bytes: Array(foreign.utf8))
        #expect(config.created == "2024-01-02T03:04:05.123456789Z")
        #expect(config.container.unknown["NewThing"]?.text == #"{"b":1,"a":2}"#)
        let again = try ImageConfig(bytes: config.bytes)
        #expect(again == config)
        #expect(String(decoding: config.bytes, as: UTF8.self).contains(#""os.features":["f"],"moby.buildkit.x":"y"}"#))
    }

    @Test func writesTheSameBytesForTheSameValues() throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.labels = ["b": "2", "a": "1"]
        config.container.exposedPorts = ["80/tcp", "443/tcp"]
        config.container.volumes = ["/data"]
        var check = ContainerConfig.Healthcheck(test: ["CMD", "/app"])
        check.interval = 30_000_000_000
        config.container.healthcheck = check
        #expect(
            String(decoding: config.bytes, as: UTF8.self)
                == #"{"architecture":"amd64","os":"linux","config":{"ExposedPorts":{"443/tcp":{},"80/tcp":{}},"#
                + #""Healthcheck":{"Test":["CMD","/app"],"Interval":30000000000},"Volumes":{"/data":{}},"Labels":{"a":"1","b":"2"}},"#
                + #""rootfs":{"type":"layers","diff_ids":[]},"history":[]}"#)
        #expect(try ImageConfig(bytes: config.bytes) == config)
    }

    @Test func refusesAConfigThatDoesNotFitItsManifest() throws {
        let config = ImageConfig(platform: .host)
        let descriptor = Descriptor(mediaType: .config, digest: Digest(sha256: config.bytes), size: 1)
        let layer = Descriptor(mediaType: .layerGzip, digest: Digest(sha256: []), size: 0)
        let manifest = Manifest(config: descriptor, layers: [layer])
        #expect(throws: ImageFormatError.layerCountMismatch(manifest: 1, config: 0)) {
            try Image(manifestBytes: manifest.bytes, configBytes: config.bytes)
        }
        #expect(try Manifest(bytes: manifest.bytes) == manifest)
    }

    @Test(arguments: [
        (#"{}"#, ImageFormatError.missingMember("config")),
        (#"{"config":{}}"#, .missingMember("layers")),
        (#"{"config":{},"layers":[]}"#, .missingMember("mediaType")),
        (#"{"config":{"mediaType":"x","digest":"no","size":1},"layers":[]}"#, .invalidDigest("no")),
        (#"{"mediaType":"text/html","config":{},"layers":[]}"#, .unexpectedMediaType("text/html")),
        (
            #"{"config":{"mediaType":"x","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":-1},"layers":[]}"#,
            .missingMember("size")
        ),
    ])
    func refusesManifests(text: String, error: ImageFormatError) {
        #expect(throws: error) { try Manifest(bytes: Array(text.utf8)) }
    }

    @Test func choosesAManifestByPlatform() throws {
        func descriptor(_ name: String) throws -> Descriptor {
            Descriptor(
                mediaType: .manifest, digest: Digest(sha256: name.utf8), size: 1, platform: try Platform(parsing: name))
        }
        let index = Index(manifests: try ["linux/arm/v6", "linux/arm/v7", "linux/amd64"].map(descriptor))
        #expect(index.manifest(for: try Platform(parsing: "linux/arm/v7")) == index.manifests[1])
        #expect(index.manifest(for: try Platform(parsing: "linux/amd64")) == index.manifests[2])
        #expect(index.manifest(for: try Platform(parsing: "linux/s390x")) == nil)
        #expect(try Index(bytes: index.bytes) == index)
    }

    static let accounts = Accounts(
        passwd: Array(
            "root:x:0:0:root:/root:/bin/sh\napp:x:1000:100::/home/app:\nbroken\nbad:x:y:z\n7:x:70:70::/seven:\nboth:x:8:300::/both:\n"
                .utf8),
        group: Array("root:x:0:\nusers:x:100:\nextra:x:200:app,other,both\n42:x:43:\nown:x:300:both\n".utf8))

    @Test(arguments: [
        ("", 0, 0, [0], "/root"), ("app", 1000, 100, [100, 200], "/home/app"),
        ("1000", 1000, 100, [100, 200], "/home/app"),
        ("app:extra", 1000, 200, [200], "/home/app"), ("5000", 5000, 0, [0], "/"),
        ("5000:6000", 5000, 6000, [6000], "/"),
        ("root:42", 0, 43, [43], "/root"), ("7", 7, 0, [0], "/"), (":", 0, 0, [0], "/root"),
        (":extra", 0, 200, [200], "/root"),
        ("app:", 1000, 100, [100, 200], "/home/app"), ("both", 8, 300, [300, 200], "/both"),
    ])
    func resolvesUsers(text: String, user: UInt32, group: UInt32, groups: [UInt32], home: String) throws {
        let identity = try Self.accounts.identity(of: text)
        #expect(identity == Accounts.Identity(user: user, group: group, additionalGroups: groups, home: home))
    }

    @Test(arguments: [
        ("app", 1000, 100), ("5", 5, 5), ("5:6", 5, 6), ("app:users", 1000, 100), ("0:extra", 0, 200), (":88", 0, 88),
        ("77:", 77, 0), ("app:", 1000, 0), (":extra", 0, 200), (":", 0, 0), ("7:42", 7, 43), ("5:extra", 5, 200),
    ])
    func resolvesOwners(text: String, user: UInt32, group: UInt32) throws {
        #expect(try Self.accounts.owner(of: text) == (user, group))
    }

    @Test func refusesUnknownAccounts() {
        #expect(throws: AccountError.unknownUser("nobody")) { try Self.accounts.identity(of: "nobody") }
        #expect(throws: AccountError.unknownGroup("x")) { try Self.accounts.owner(of: "app:x") }
        #expect(throws: AccountError.unknownUser("-1")) { try Self.accounts.owner(of: "-1") }
    }

    /// The greatest number is "as it is" to setuid(2), setgid(2) and chown(2): such a process would be root.
    @Test func theGreatestNumberIsNobodys() throws {
        for text in ["4294967295", "4294967295:0", "4294967296", "04294967295"] {
            #expect(throws: AccountError.self) { try Self.accounts.identity(of: text) }
            #expect(throws: AccountError.self) { try Self.accounts.owner(of: text) }
        }
        #expect(throws: AccountError.unknownGroup("4294967295")) { try Self.accounts.identity(of: "0:4294967295") }
        #expect(throws: AccountError.unknownGroup("4294967295")) { try Self.accounts.owner(of: "0:4294967295") }
        let accounts = Accounts(
            passwd: Array("evil:x:4294967295:0::/:\nevil2:x:1:4294967295::/:\n".utf8),
            group: Array("g:x:4294967295:\n".utf8))
        for text in ["evil", "evil2", "0:g"] {
            #expect(throws: AccountError.self) { try accounts.identity(of: text) }
            #expect(throws: AccountError.self) { try accounts.owner(of: text) }
        }
        #expect(try accounts.identity(of: "4294967294").user == 4_294_967_294)
    }

    @Test func knowsCapabilitiesByNumber() {
        #expect(Capability.allCases.count == 41 && Capability.allCases.firstIndex(of: .administration) == 21)
        #expect(
            Capability.allCases.firstIndex(of: .restoreCheckpoints) == 40
                && Capability(name: "cap_net_raw") == .rawSockets)
    }
}
