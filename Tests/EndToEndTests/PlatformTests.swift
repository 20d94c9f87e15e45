import OCI
import TestSupport
import Testing

/// `--platform` with several platforms, and RUN for processors that this machine does not have.
@Suite(.requires(.root)) struct PlatformTests {
    private static let dockerfile = "FROM scratch\nARG TARGETARCH\nCOPY file-$TARGETARCH /file\nCMD [\"/file\"]\n"

    private static func context(_ distill: Distill) throws -> String {
        try distill.context(["Dockerfile": dockerfile, "file-amd64": "for amd64", "file-arm64": "for arm64"])
    }

    private static func index(_ distill: Distill, _ layout: String) async throws -> [String] {
        let raw = try await Command("skopeo", ["inspect", "--raw", layout], workingDirectory: distill.directory).run()
        try raw.mustSucceed()
        return try JSON.parse(raw.output)["manifests"]?.array?.compactMap { $0["platform"]?["architecture"]?.string }
            ?? []
    }

    @Test(.requires(.program("skopeo"))) func severalPlatformsAreOneImage() async throws {
        try await Distill.withStore { distill in
            let context = try Self.context(distill)
            let id = try await distill.succeed(
                "build", "-q", "-t", "multi", "--platform", "linux/amd64,linux/arm64", context
            ).line
            let rows = try await distill.succeed("images", "--no-trunc", "--format", "{{.Repository}} {{.ID}}").output
            #expect(rows == "multi \(id)\n", "one row")
            #expect(try await distill.inspect("multi")["Architecture"]?.string == Platform.host.architecture)
            #expect(try await distill.succeed("history", "-q", "multi").succeeded)
            for format in ["oci", "docker"] {
                try await distill.succeed("save", "--format", format, "-o", "\(format).tar", "multi")
            }
            try await distill.succeed("save", "--format", "oci", "--compression", "zstd", "-o", "zstd.tar", "multi")
            #expect(try await Self.index(distill, "oci-archive:oci.tar") == ["amd64", "arm64"])
            #expect(try await Self.index(distill, "oci-archive:zstd.tar") == ["amd64", "arm64"])
            // Whoever knows one platform takes its own.
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            for archive in ["oci.tar", "docker.tar"] {
                #expect(try await other.succeed("load", "-i", archive).output == "Loaded image: multi:latest\n")
                #expect(try await other.inspect("multi")["Architecture"]?.string == Platform.host.architecture)
            }
            // As a base it gives what each platform needs.
            for platform in ["amd64", "arm64"] {
                let derived = try distill.context("derived", ["Dockerfile": "FROM multi\n"])
                try await distill.succeed(
                    "build", "-q", "-o", "out-\(platform)", "--platform", "linux/\(platform)", derived)
                #expect(try Files.text("\(distill.directory)/out-\(platform)/file") == "for \(platform)")
            }
            #expect(try await distill.succeed("system", "check").output.contains("nothing is wrong"))
            try await distill.succeed("system", "prune", "--force")
            #expect(try await distill.succeed("image", "inspect", "multi").succeeded, "its parts are needed")
            try await distill.succeed("rmi", "multi")
            #expect(try await distill.succeed("images", "-aq").output == "")
            #expect(
                try await Command("sh", ["-c", "ls store/images"], workingDirectory: distill.directory).run().output
                    == "")
        }
    }

    @Test(.requires(.program("skopeo"))) func everyOutputHasAllPlatforms() async throws {
        try await Distill.withStore { distill in
            let context = try Self.context(distill)
            try await distill.succeed(
                "build", "-q", "--platform", "linux/amd64", "--platform", "linux/arm64", "-o", "out", "-o",
                "type=oci,dest=out.tar",
                "-o", "type=tar,dest=files.tar", "--metadata-file", "metadata", context)
            #expect(try Files.text("\(distill.directory)/out/linux_arm64/file") == "for arm64")
            #expect(try await Self.index(distill, "oci-archive:out.tar") == ["amd64", "arm64"])
            let list = try await Command("tar", ["-tf", "files.tar"], workingDirectory: distill.directory).run().output
            #expect(list == "linux_amd64/\nlinux_amd64/file\nlinux_arm64/\nlinux_arm64/file\n")
            let metadata = try JSON.parse(Files.text("\(distill.directory)/metadata"))
            #expect(metadata["containerimage.descriptor"]?["mediaType"]?.string == MediaType.index.rawValue)
        }
    }

    /// A program for arm64 that writes "arm64\n": write(1, message, 6) and exit(0).
    static let program: [UInt8] = {
        func little(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        }
        let code: [UInt64] = [
            0xD280_0020, 0x1000_00E1, 0xD280_00C2, 0xD280_0808, 0xD400_0001, 0xD280_0000, 0xD280_0BA8, 0xD400_0001,
        ]
        let text = code.flatMap { little($0, 4) } + Array("arm64\n".utf8)
        let size = UInt64(120 + text.count)
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        bytes += little(2, 2) + little(183, 2) + little(1, 4) + little(0x400078, 8) + little(64, 8) + little(0, 8)
        bytes += little(0, 4) + little(64, 2) + little(56, 2) + little(1, 2) + little(0, 6)
        bytes +=
            little(1, 4) + little(5, 4) + little(0, 8) + little(0x400000, 8) + little(0x400000, 8) + little(size, 8)
            + little(size, 8) + little(0x10000, 8)
        return bytes + text
    }()

    /// Through an emulator where one is registered; where none is, the error names what to install.
    @Test(.requires(.program("crun"))) func runsProgramsOfOtherProcessors() async throws {
        guard Platform.host.architecture != "arm64" else { return }
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY program /program\nRUN [\"/program\"]\n"
            ])
            try Files.write(Self.program, to: "\(context)/program", mode: 0o755)
            let outcome = try await distill("build", "--progress", "plain", "--platform", "linux/arm64", context)
            let registered = try await Command(
                "sh", ["-c", "grep -l 'flags:.*F' /proc/sys/fs/binfmt_misc/*aarch64* | xargs grep -l enabled"]
            ).run()
            if registered.succeeded, !registered.output.isEmpty {
                #expect(outcome.succeeded && outcome.text.contains("arm64\n"), "\(outcome)")
            } else {
                #expect(outcome.exitCode == 1 && outcome.errorOutput.contains("qemu-user-static"), "\(outcome)")
            }
        }
    }
}
