import OCI
import TestSupport
import Testing

/// The check that starts a program, and the check of services.
@Suite(
    .serialized, .requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .timeLimit(.minutes(30))
)
struct StartCheckTests {
    private static let dockerfile =
        "FROM scratch\nCOPY busybox /busybox\nCOPY app /app\nENTRYPOINT [\"/busybox\", \"sh\", \"/app\"]\n"

    @Test func aProgramThatEndsAtOnceIsFound() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": Self.dockerfile, "app": "echo looking for a database\necho none >&2\nexit 3\n",
            ])
            try await distill.addBusybox(to: context)
            let sentence =
                "error: FailedStart: `/busybox` was started, and ended with status 3: it wrote `looking for a database / none`\n"
            // Files know nothing of it.
            try await distill.succeed("build", "-q", "--check=error", "-t", "a", context)
            let failed = try await distill(
                "build", "-q", "--check=start", "--start-timeout", "100", "-t", "failed", context)
            #expect(failed.exitCode == 1 && failed.errorOutput == sentence, "\(failed)")
            #expect(try await !distill("inspect", "failed").succeeded)
            let checked = try await distill("image", "check", "--start", "--start-timeout=100", "a")
            #expect(checked.exitCode == 1 && checked.output == sentence, "\(checked)")
            let json = try await distill("image", "check", "--start", "--start-timeout=100", "--format", "json", "a")
            let start = try JSON.parse(json.output)["start"]
            #expect(start?["result"]?.string == "exited" && start?["status"]?.integer == 3, "\(json)")
            let gone = try await distill("image", "check", "--start", "a", "/gone")
            #expect(gone.exitCode == 1 && gone.output.contains("MissingProgram"), "\(gone)")
        }
    }

    @Test func aProgramThatRunsIsBelieved() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": Self.dockerfile, "app": "exec sleep 1000\n"])
            try await distill.addBusybox(to: context)
            try await distill.succeed("build", "-q", "--check=start", "--start-timeout", "1", "-t", "a", context)
            let checked = try await distill.succeed("image", "check", "--start", "--start-timeout=1", "a")
            #expect(checked.output.hasSuffix("a: /busybox was started, and still ran after 1 s\n"), "\(checked)")
            // Without a network: two lines of heading, and the loopback.
            let count = "exit $(/busybox wc -l < /proc/net/dev)"
            let network = try await distill("image", "check", "--start", "a", "/busybox", "sh", "-c", count)
            #expect(network.exitCode == 1 && network.output.contains("ended with status 3"), "\(network)")
            let wrong = try await distill("image", "check", "--start", "--start-timeout", "0", "a")
            #expect(!wrong.succeeded && wrong.errorOutput.contains("from 1 to 3600"), "\(wrong)")
        }
    }

    @Test func servicesAreCheckedAsTheyStart() async throws {
        try await Distill.withStore { distill in
            let yaml = """
                services:
                  good: {image: a, command: ["/app"]}
                  entry: {image: a, entrypoint: ["/gone"]}
                  hidden: {image: a, volumes: ["./empty:/bin1"]}
                  user: {image: a, user: ghost}
                  probe: {image: a, healthcheck: {test: ["CMD", "/nocurl"]}}
                  built: {build: ., entrypoint: ["/nowhere"]}
                """
            let context = try distill.context([
                "Dockerfile":
                    "FROM scratch\nCOPY busybox /bin1/busybox\nCOPY app /app\nENTRYPOINT [\"/bin1/busybox\", \"sh\", \"/app\"]\n",
                "app": "exit 0\n", "compose.yaml": yaml, "empty/x": "",
            ])
            try await distill.addBusybox(to: context)
            try await distill.succeed("build", "-q", "-t", "a", context)
            let file = "\(context)/compose.yaml"
            let built = try await distill("compose", "-f", file, "build", "--check=error", "--progress", "quiet")
            #expect(built.exitCode == 1 && built.errorOutput.contains("the image starts `/nowhere`"), "\(built)")
            let warned = try await distill("compose", "-f", file, "build", "--progress", "plain")
            #expect(
                warned.succeeded && warned.errorOutput.contains("warning: MissingProgram: the image starts `/nowhere`"),
                "\(warned)")
            let checked = try await distill("compose", "-f", file, "check", "--format", "json")
            #expect(checked.exitCode == 1, "\(checked)")
            let found = try JSON.parse(checked.output).array?.map { service in
                "\(service["service"]?.string ?? "") "
                    + (service["findings"]?.array ?? []).map {
                        "\($0["severity"]?.string ?? "") \($0["name"]?.string ?? "")"
                    }.joined(separator: ", ")
            }
            #expect(
                found == [
                    "good ", "entry error MissingProgram", "hidden error MissingProgram", "user error UnknownUser",
                    "probe warning MissingProgram", "built error MissingProgram",
                ], "\(checked)")
            let one = try await distill("compose", "-f", file, "check", "good")
            #expect(one.succeeded && one.output.hasPrefix("good: a: "), "\(one)")
            let up = try await distill("compose", "-f", file, "up", "--check", "error", "entry")
            #expect(
                up.exitCode == 1
                    && up.errorOutput
                        == "entry: error: MissingProgram: the image starts `/gone`, which it does not have\n",
                "\(up)")
        }
    }

    @Test func everyPlatformOfAListIsChecked() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /\nENTRYPOINT [\"/busybox\"]\n",
                "arm64/other": "x",
            ])
            try await distill.addBusybox(to: context)
            try await Command("sh", ["-c", "mkdir \"$1/amd64\" && mv \"$1/busybox\" \"$1/amd64/\"", "sh", context])
                .run().mustSucceed()
            let built = try await distill.succeed(
                "build", "--progress", "plain", "--platform", "linux/amd64,linux/arm64", "-t", "a", context)
            #expect(built.errorOutput.contains("linux/arm64: warning: MissingProgram"), "\(built)")
            let checked = try await distill("image", "check", "a")
            #expect(
                checked.exitCode == 1 && checked.output.contains("linux/arm64: error: MissingProgram"), "\(checked)")
            #expect(checked.output.contains("linux/amd64: a: "), "\(checked)")
            try await distill.succeed("image", "check", "--platform", "linux/amd64", "a")
            let json = try JSON.parse(try await distill("image", "check", "--format", "json", "a").output)
            #expect(json["findings"]?.array?.map { $0["platform"]?.string } == ["linux/arm64"], "\(json)")
            #expect(json["platforms"]?.array?.count == 2)
        }
    }
}
