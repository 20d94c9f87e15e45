import TestSupport
import Testing

/// RUN --mount: what a step sees, and that nothing of it stays in the image.
@Suite(.requires(.root), .requires(.program("busybox"))) struct MountTests {
    @Test func keepsCachesBetweenStepsAndBuilds() async throws {
        try await Distill.withStore { distill in
            let dockerfile = """
                FROM shell
                ARG ROUND
                RUN --mount=type=cache,target=/root/.cache/tool,id=tool echo "$ROUND" >> /root/.cache/tool/log && cat /root/.cache/tool/log
                RUN ls -a / /root 2>&1 || true

                """
            let first = try await distill.buildOnBusybox(
                dockerfile, options: ["--build-arg", "ROUND=one", "-t", "image"])
            #expect(first.succeeded, "\(first)")
            let second = try await distill.buildOnBusybox(
                dockerfile, options: ["--build-arg", "ROUND=two", "-t", "image"])
            #expect(second.text.contains(" one") && second.text.contains(" two"), "\(second)")
            #expect(try await !distill.tree("image").contains { $0.hasPrefix("root") })
        }
    }

    @Test func bindsTheContextAndOtherStages() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.buildOnBusybox(
                """
                FROM shell AS other
                RUN echo from-other > /made
                FROM shell
                RUN --mount=type=bind,target=/in cat /in/file && ! touch /in/new
                RUN --mount=type=bind,from=other,source=/made,target=/mnt/made cat /mnt/made
                RUN --mount=type=bind,from=other,target=/mnt,rw echo dropped > /mnt/made && cat /mnt/made
                RUN --mount=type=bind,from=other,target=/mnt cat /mnt/made

                """, files: ["file": "from-context\n"], options: ["-t", "image"])
            #expect(outcome.succeeded, "\(outcome)")
            #expect(outcome.text.contains("from-context"))
            #expect(outcome.text.split(separator: "\n").filter { $0.hasSuffix(" from-other") }.count == 2, "\(outcome)")
            #expect(try await !distill.tree("image").contains { $0.hasPrefix("mnt") || $0.hasPrefix("in ") })
        }
    }

    @Test func executesAgainOnlyWhenWhatIsBoundChanged() async throws {
        try await Distill.withStore { distill in
            let dockerfile = "FROM shell\nRUN --mount=type=bind,source=file,target=/in cat /in\n"
            _ = try await distill.buildOnBusybox(dockerfile, files: ["file": "1\n", "other": "1"])
            let same = try await distill.buildOnBusybox(dockerfile, files: ["file": "1\n", "other": "2"])
            #expect(
                !same.text.contains("ERROR") && same.text.contains("RUN --mount") && same.text.contains("CACHED"),
                "\(same)")
            let changed = try await distill.buildOnBusybox(dockerfile, files: ["file": "2\n", "other": "2"])
            #expect(changed.text.split(separator: "\n").contains { $0.hasSuffix(" 2") }, "\(changed)")
        }
    }

    /// Whose the files of a context are counts nowhere: a checkout of somebody else is the same context.
    @Test func whatIsBoundOfAContextBelongsToRoot() async throws {
        try await Distill.withStore { distill in
            let dockerfile = "FROM shell\nRUN --mount=type=bind,target=/in stat -c owner=%u:%g /in /in/file\n"
            let first = try await distill.buildOnBusybox(dockerfile, files: ["file": "1\n"])
            #expect(first.text.split(separator: "\n").filter { $0.hasSuffix("owner=0:0") }.count == 2, "\(first)")
            let context = "\(distill.directory)/context"
            let changed = try await Command("chown", ["-R", "1234:1235", context]).run()
            try #require(changed.succeeded)
            let again = try await distill("build", "--progress", "plain", context)
            #expect(again.text.contains("CACHED") && !again.text.contains("owner=0:0"), "\(again)")
            let fresh = try await distill("build", "--progress", "plain", "--no-cache", context)
            #expect(fresh.text.split(separator: "\n").filter { $0.hasSuffix("owner=0:0") }.count == 2, "\(fresh)")
        }
    }

    @Test func leavesNoTraceOfSecrets() async throws {
        try await Distill.withStore { distill in
            let secret = "c2VjcmV0LW9mLXRoZS10ZXN0"
            try Files.write(secret, to: "\(distill.directory)/secret")
            let dockerfile = """
                FROM shell
                RUN --mount=type=secret,id=file test "$(wc -c < /run/secrets/file)" = 24
                RUN --mount=type=secret,id=file,env=TOKEN test "${#TOKEN}" = 24
                RUN --mount=type=secret,id=absent ! test -e /run/secrets/absent

                """
            let outputs = [
                "-o", "type=image", "-o", "type=oci,dest=image.tar,compression=uncompressed", "-o", "files",
                "--metadata-file", "metadata",
                "--cache-to", "type=local,dest=cache,mode=max,compression=uncompressed",
            ]
            let options = ["--secret", "id=file,src=\(distill.directory)/secret", "-t", "image"]
            for mode in ["plain", "rawjson"] {
                let path = try distill.context(["Dockerfile": Distill.busyboxStage + dockerfile])
                try await distill.addBusybox(to: path)
                let outcome = try await distill.command(
                    ["build", "--no-cache", "--progress", mode] + options + outputs + [path]
                ).run()
                #expect(outcome.succeeded, "\(outcome)")
                #expect(!outcome.text.contains(secret))
            }
            let failing = dockerfile + "RUN --mount=type=secret,id=file false\n"
            let failed = try await distill.buildOnBusybox(failing, options: options + ["--keep-failed"])
            #expect(failed.exitCode == 1 && !failed.text.contains(secret), "\(failed)")
            for command in [["history", "--no-trunc", "image"], ["inspect", "image"]] {
                #expect(try await !distill.command(command).run().text.contains(secret))
            }
            // The store, the archive, the files, the cache: everywhere but in the secret itself.
            let found = try await Command("grep", ["-rl", secret, distill.directory]).run()
            #expect(found.output == "\(distill.directory)/secret\n", "\(found)")
        }
    }

    @Test func saysWhichSecretIsMissing() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.buildOnBusybox(
                "FROM shell\nRUN --mount=type=secret,id=token,required true\n")
            #expect(outcome.exitCode == 1)
            #expect(
                outcome.errorOutput.contains("token") && outcome.errorOutput.contains("Dockerfile:6:"), "\(outcome)")
        }
    }

    @Test func boundsFileSystemsInMemory() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.buildOnBusybox(
                "FROM shell\nRUN --mount=type=tmpfs,target=/scratch,size=1m ! dd if=/dev/zero of=/scratch/x bs=1k count=2048\n",
                options: ["-t", "image"])
            #expect(outcome.succeeded, "\(outcome)")
            #expect(try await !distill.tree("image").contains { $0.hasPrefix("scratch/") })
        }
    }
}
