import TestSupport
import Testing

/// One process that builds for several at once while others remove, killed at any moment.
@Suite(.requires(.program("curl"))) struct ServerKillTests {
    /// Each turn starts a server, sends three builds, a prune and a removal at once, and kills it in the midst of them.
    private static let script = """
        mkdir context; printf 'FROM scratch AS one\\nCOPY big /one\\nFROM scratch\\nCOPY --from=one /one /\\nCOPY small /\\n' >context/Dockerfile
        head -c 2000000 /dev/urandom >context/big
        ask() { curl -s -o /dev/null --unix-socket s "$@" || true; }
        for turn in 1 2 3 4 5 6 7 8; do
            rm -f s
            "$0" serve --socket s >log 2>&1 &
            server=$!
            until curl -sf --unix-socket s http://d/_ping >/dev/null; do kill -0 $server; sleep 0.05; done
            for name in a b c; do
                echo "$name$turn" >context/small
                tar -C context -cf $name.tar .
                ask -X POST -H 'Content-Type: application/x-tar' --data-binary @$name.tar "http://d/build?t=$name:$turn&nocache=$((turn % 2))" &
            done
            ask -X POST "http://d/build/prune?all=1" &
            ask -X DELETE "http://d/images/a:$((turn - 1))" &
            sleep 0.0$((turn * 2 % 10))$turn
            kill -9 $server
            wait
        done
        "$0" system check
        "$0" build -q -t last context
        "$0" save --format oci -o last.tar last
        ls "$DISTILL_ROOT/tmp" | wc -l
        """

    @Test func leavesTheStoreWhole() async throws {
        try await Distill.withStore { distill in
            let outcome = try await Command(
                "bash", ["-euc", Self.script, Distill.binary], environment: ["DISTILL_ROOT": distill.store],
                workingDirectory: distill.directory
            ).run()
            try outcome.mustSucceed()
            let lines = outcome.output.split(separator: "\n")
            #expect(outcome.text.contains("nothing is wrong") && lines.last == "0", "\(outcome)")
        }
    }
}
