import TestSupport
import Testing

extension Distill {
    /// Runs a bash script that ends at its first error; `$D` is the binary, the working directory the test's, and `fails COMMAND`
    /// wants a command to fail: bash overlooks `! COMMAND`.
    func script(_ text: String) async throws -> Command.Outcome {
        try await Command(
            "bash",
            [
                "-euo", "pipefail", "-c",
                "fails() { if \"$@\"; then echo \"this did not fail: $*\" >&2; return 1; fi; }\n" + text,
            ],
            environment: ["D": Self.binary, "DISTILL_ROOT": store, "NO_COLOR": "1", "BASH_ENV": nil],
            workingDirectory: directory
        ).run()
    }

    /// Runs a script that must succeed in a store with an image `shell`, which has busybox and nothing else.
    static func inShellStore(_ text: String) async throws {
        try await withStore { distill in
            let made = try await distill.script(Self.shellImage)
            try made.mustSucceed()
            try await distill.script(text).mustSucceed()
        }
    }

    private static let shellImage = """
        mkdir base; cp "$(command -v busybox)" base/busybox
        printf '%s\\n' 'FROM scratch' 'COPY busybox /bin/busybox' 'ENV PATH=/bin' 'RUN ["/bin/busybox", "--install", "-s", "/bin"]' \
            > base/Dockerfile
        $D build -q --check=off -t shell base; rm -r base
        """

    /// A script that writes `foreign.tar`: an image of docker's form whose only layer, `foreign.layer`, another program wrote, with
    /// the name `foreign` and busybox in it.
    static let foreignImage = """
        mkdir -p rootfs/bin rootfs/a/b; cp "$(command -v busybox)" rootfs/bin/busybox; echo x > rootfs/a/b/c
        # Parents are not listed, names are in no order.
        tar --format=posix -cf foreign.layer -C rootfs bin/busybox a/b/c
        rm -r rootfs
        \(imageOfLayer)

        """

    /// A script that makes `foreign.tar` of `foreign.layer`.
    static let imageOfLayer = """
        id=$(sha256sum < foreign.layer | cut -d ' ' -f 1)
        printf '{"architecture":"%s","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":["/bin/busybox","true"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
            "$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')" "$id" > config.json
        printf '[{"Config":"config.json","RepoTags":["foreign"],"Layers":["foreign.layer"]}]' > manifest.json
        tar -cf foreign.tar config.json manifest.json foreign.layer
        """
}
