import OCI
import TestSupport
import Testing

@Suite(.serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(50)))
struct DistrolessTests {
    private let distill = SharedBase.distill

    @Test func staticBaseHasWhatTheFieldHasInIt() async throws {
        try await distill.succeed("base", "build", "distroless/static-debian12")
        let root = try await distill.unpack("distroless/static-debian12")
        let passwd = try Files.text("\(root)/etc/passwd").split(separator: "\n")
        #expect(
            passwd == [
                "root:x:0:0:root:/root:/sbin/nologin", "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin",
                "nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin",
            ])
        #expect(try Files.text("\(root)/etc/ssl/certs/ca-certificates.crt").contains("-----BEGIN CERTIFICATE-----"))
        #expect(try Files.text("\(root)/etc/os-release").contains("PRETTY_NAME=\"Distroless\""))
        for path in [
            "/usr/share/zoneinfo/Europe/Berlin", "/etc/nsswitch.conf", "/etc/services", "/var/lib/dpkg/status.d/tzdata",
            "/var/lib/dpkg/status.d/tzdata.md5sums",
        ] {
            #expect(Files.exists(root + path), "\(path)")
        }
        let found = try await Command(
            "find", [root, "-name", "sh", "-o", "-perm", "-u+s", "-o", "-path", "*/var/lib/dpkg/status"]
        ).run()
        #expect(found.output == "")
        let modes = try await Command(
            "stat", ["-c", "%a %u:%g", "\(root)/tmp", "\(root)/root", "\(root)/home/nonroot"]
        ).run()
        #expect(modes.output == "1777 0:0\n700 0:0\n700 65532:65532\n")
        let config = try await distill.inspect("distroless/static-debian12")["Config"]
        #expect(config?["Env"]?.strings?.contains("SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt") == true)
    }

    @Test func twoStoresGiveOneImage() async throws {
        try await Distill.withStore { other in
            try await other.succeed("base", "build", "distroless/static")
            try await distill.succeed("base", "build", "distroless/static")
            #expect(try await other.inspect("distroless/static")["Id"] == distill.inspect("distroless/static")["Id"])
        }
    }

    @Test func debugImageHasAShell() async throws {
        for (tag, user) in [("debug", "0"), ("debug-nonroot", "65532")] {
            try await distill.succeed("base", "build", "distroless/static-debian12:\(tag)")
            let outcome = try await distill(
                "run", "--rm", "distroless/static-debian12:\(tag)", "-c", "id -u; echo $PATH")
            #expect(
                outcome.output == "\(user)\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/busybox\n",
                "\(outcome)")
        }
        let outcome = try await distill("run", "--rm", "distroless/static-debian12", "sh")
        #expect(!outcome.succeeded)
    }

    @Test func fromComposesWhatIsNotThere() async throws {
        try await Distill.withStore { distill in
            let built = try await distill.build(
                "FROM distroless/static:nonroot\nCOPY a /a\n", files: ["a": "x"], options: ["-t", "with-base"])
            #expect(built.succeeded, "\(built)")
            #expect(try await distill.inspect("with-base")["Config"]?["User"]?.string == "65532")
            let again = try await distill.build("FROM distroless/static:nonroot\nCOPY a /a\n", files: ["a": "x"])
            #expect(again.succeeded && !again.text.contains("packages,"), "\(again)")
        }
    }

    @Test func namesOfTheCatalogAreNeverAskedOfARegistry() async throws {
        let unknown = try await distill.build("FROM distroless/nothing\n")
        #expect(
            unknown.sentences.contains { $0.contains("the catalog of bases has no 'distroless/nothing:latest'") },
            "\(unknown)")
        #expect(unknown.text.contains("Dockerfile:1:"))
        let pulled = try await distill("pull", "distroless/static")
        #expect(
            pulled.sentences == [
                "distill: no registry is asked for 'distroless/static': the name belongs to the catalog of bases"
            ])
    }

    @Test func publicNamesAreRedirectedWhenThatIsWanted() async throws {
        let dockerfile = "FROM gcr.io/distroless/static-debian12:nonroot\n"
        let built = try await distill.build(dockerfile, options: ["--redirect-distroless", "-t", "redirected"])
        #expect(built.succeeded, "\(built)")
        #expect(try await distill.inspect("redirected")["Config"]?["User"]?.string == "65532")
    }

    @Test func otherArchitecturesNeedNoEmulator() async throws {
        try await Distill.withStore { distill in
            try await distill.succeed("base", "build", "--platform", "linux/arm64", "distroless/cc-debian12")
            let root = try await distill.unpack("distroless/cc-debian12")
            #expect(Files.exists("\(root)/usr/lib/aarch64-linux-gnu/libstdc++.so.6"))
            #expect(try await distill.inspect("distroless/cc-debian12")["Architecture"]?.string == "arm64")
        }
    }

    @Test func recipesFromFilesAreBuilt() async throws {
        let path = try distill.context(
            "recipes",
            [
                "hello.yaml": "from: distroless/base-debian12\npackages: [hello]\nentrypoint: [/usr/bin/hello]\n",
                "wrong.yaml": "suite: bookworm\npackages:\n  - hello\nleave_out: {}\n",
                "unknown.yaml": "suite: bookworm\npackages: [no-such-package-here]\n",
            ])
        try await distill.succeed("base", "build", "\(path)/hello.yaml")
        #expect(try await distill.succeed("run", "--rm", "hello").output == "Hello, world!\n")
        let wrong = try await distill("base", "build", "\(path)/wrong.yaml")
        #expect(
            wrong.errorOutput == """
                distill: \(path)/wrong.yaml:4:1: a recipe has no 'leave_out' here
                  4 | leave_out: {}
                    | ^
                  hint: did you mean 'leave-out'?

                """)
        let unknown = try await distill("base", "build", "--progress", "quiet", "\(path)/unknown.yaml")
        #expect(unknown.sentences == ["distill: the archive has no package 'no-such-package-here'"])
    }
}
