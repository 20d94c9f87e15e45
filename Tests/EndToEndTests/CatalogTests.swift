import OCI
import TestSupport
import Testing

/// Every base of the catalog, in all its tags and for both architectures, which needs no emulator.
@Suite(.serialized, .requires(.root), .requires(.debianBase), .requires(.patience), .timeLimit(.minutes(60)))
struct CatalogTests {
    private static let bases: [String] =
        ["static", "base-nossl", "base", "cc", "python3", "perl", "nodejs", "java17"].map {
            "distroless/\($0)-debian12"
        }
        + ["static", "base-nossl", "base", "cc", "python3", "perl", "nodejs", "java21", "java25"].map {
            "distroless/\($0)-debian13"
        }

    /// The kernel's name of an architecture, what Debian's directories are called there, and the number of its ELF machine
    /// (ELF specification, "e_machine").
    private static let platforms = [
        ("linux/amd64", "x86_64-linux-gnu", "62"), ("linux/arm64", "aarch64-linux-gnu", "183"),
    ]

    private let distill = SharedBase.distill

    @Test func namesAreThoseOfTheCatalog() async throws {
        let listed = try await distill.succeed("base", "ls").output.split(separator: "\n").compactMap {
            $0.split(separator: " ").first
        }
        #expect(listed.filter { $0.hasPrefix("distroless/") }.map { String($0) } == Self.bases.map { $0 + ":latest" })
    }

    @Test(arguments: bases) func isComposedInAllItsForms(base: String) async throws {
        for tag in ["latest", "nonroot", "debug", "debug-nonroot"] {
            let name = "\(base):\(tag)"
            try await distill.succeed(
                "base", "build", "--progress", "quiet", "--platform", "linux/amd64,linux/arm64", name)
            #expect(
                try await distill.inspect(name)["Config"]?["User"]?.string
                    == (tag.hasSuffix("nonroot") ? "65532" : "0"), "\(name)")
            for platform in Self.platforms { try await check(name, platform, isDebug: tag.hasPrefix("debug")) }
            try await distill.succeed("rmi", name)
        }
    }

    private func check(_ name: String, _ platform: (name: String, directory: String, machine: String), isDebug: Bool)
        async throws
    {
        let context = try distill.context("catalog", ["Dockerfile": "FROM \(name)\n"])
        let archive = "\(context).tar"
        try await distill.succeed(
            "build", "-q", "--check=off", "--platform", platform.name, "-o", "type=tar,dest=\(archive)", context)
        let names = Set(
            try await Command("tar", ["-tf", archive]).run().output.split(separator: "\n").map(String.init))
        let shells = names.filter {
            $0 == "sh" || $0.hasSuffix("/sh") || $0.hasSuffix("/bash") || $0.hasSuffix("/dash")
        }
        #expect(shells == (isDebug ? ["busybox/sh"] : []), "\(name) \(platform.name)")
        let packages = names.filter { $0.hasPrefix("var/lib/dpkg/status.d/") && !$0.hasSuffix("/") }
        #expect(
            packages.count >= 10 && packages.count(where: { $0.hasSuffix(".md5sums") }) * 2 == packages.count,
            "\(name): \(packages)")
        let passwd = try await Command("tar", ["-xOf", archive, "etc/passwd"]).run().output
        for user in ["root:x:0:0:", "nonroot:x:65532:65532:", "nobody:x:65534:65534:"] {
            #expect(passwd.split(separator: "\n").contains { $0.hasPrefix(user) }, "\(name): \(passwd)")
        }
        guard !name.contains("/static") else { return }
        let library = "usr/lib/\(platform.directory)/libc.so.6"
        let machine = try await Command(
            "sh", ["-c", "tar -xOf \"$1\" \"$2\" | od -An -tu2 -j18 -N2", "sh", archive, library]
        ).run().line
        #expect(machine.filter { $0 != " " } == platform.machine, "\(name) \(platform.name)")
    }
}
