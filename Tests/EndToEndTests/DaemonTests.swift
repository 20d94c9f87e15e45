import TestSupport
import Testing

/// Archives and layouts are loaded by the daemons that most images run under. Both check each layer against its diffID.
@Suite(.requires(.root)) struct DaemonTests {
    private static let dockerfile = "FROM scratch\nCOPY --chown=7:8 small large /dir/\nCOPY late /dir/late\nENV A=1\n"

    /// Builds an archive with a layer of several blocks, half noise and half text, and runs a script beside it.
    private func run(_ output: String, _ script: String) async throws {
        try await Distill.withStore { distill in
            var generator = SeededGenerator(seed: 11)
            let large = (0..<30).flatMap { _ in generator.bytes(100_000) + Array(repeating: UInt8(0x41), count: 100_000)
            }
            let context = try distill.context(["Dockerfile": Self.dockerfile, "small": "small", "late": "late"])
            try Files.write(large, to: "\(context)/large", mode: 0o640)
            try await distill.succeed("build", "-q", "-t", "made:1", "-o", "\(output),dest=out.tar", context)
            let outcome = try await Command(
                "unshare", ["--mount", "--propagation", "private", "bash", "-euc", script],
                workingDirectory: distill.directory
            ).run()
            #expect(outcome.succeeded, "\(outcome)")
        }
    }

    @Test(
        .requires(.program("containerd")), .requires(.program("ctr")),
        arguments: [
            "type=oci,compression=gzip", "type=oci,compression=zstd", "type=oci,compression=uncompressed",
            "type=docker",
            "type=docker,compression=gzip",
        ])
    func containerdLoads(output: String) async throws {
        try await run(
            output,
            """
            printf 'version = 2\\nroot = "%s/root"\\nstate = "%s/state"\\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\\n[grpc]\\naddress = "%s/s"\\n' \
                "$PWD" "$PWD" "$PWD" >containerd.toml
            containerd --config containerd.toml >log 2>&1 &
            daemon=$!
            trap 'umount seen 2>/dev/null || true; kill $daemon; wait $daemon || true' EXIT
            until ctr -a s version >/dev/null 2>&1; do kill -0 $daemon; sleep 0.1; done
            ctr -a s images import out.tar
            mkdir seen
            ctr -a s images mount docker.io/library/made:1 seen
            cmp seen/dir/large context/large
            [ "$(stat -c '%a %u:%g %s' seen/dir/large)" = '640 7:8 6000000' ]
            """)
    }

    /// This docker knows no zstd and no OCI layout.
    @Test(
        .requires(.program("dockerd")), .requires(.program("docker")),
        arguments: ["type=docker", "type=docker,compression=gzip"])
    func dockerLoads(output: String) async throws {
        try await run(
            output,
            """
            mount -t tmpfs none /sys/fs/cgroup
            export DOCKER_HOST=unix://$PWD/s
            dockerd --data-root "$PWD/data" --exec-root "$PWD/exec" --pidfile "$PWD/pid" -H "$DOCKER_HOST" \
                --bridge none --iptables=false --ip6tables=false >log 2>&1 &
            daemon=$!
            trap 'kill $daemon; wait $daemon || true' EXIT
            until docker version >/dev/null 2>&1; do kill -0 $daemon; sleep 0.1; done
            docker load -q -i out.tar
            docker image inspect --format '{{.Config.Env}}' made:1 | grep -w A=1
            docker create --name made made:1 /none >/dev/null
            mkdir seen
            docker export made | tar -x -C seen
            cmp seen/dir/large context/large
            [ "$(stat -c '%a %u:%g %s' seen/dir/large)" = '640 7:8 6000000' ]
            """)
    }
}
