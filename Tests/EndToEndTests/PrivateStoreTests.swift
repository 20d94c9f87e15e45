import TestSupport
import Testing

/// What images hold is their owner's: nobody else lists, reads or executes a file of the store.
@Suite(.requires(.root), .requires(.program("busybox")), .requires(.program("setpriv")))
struct PrivateStoreTests {
    @Test func keepsOtherUsersOut() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY --chmod=4755 busybox /busybox\nCOPY f /f\n", "f": "text",
            ])
            try await distill.addBusybox(to: context)
            try await distill.succeed("build", "-q", "-t", "made", context)
            let script = """
                chmod 755 "$1" && cd /
                setpriv --reuid 65534 --regid 65534 --clear-groups find "$2" -mindepth 1 2>/dev/null | wc -l
                for file in $(find "$2" -type f); do
                    setpriv --reuid 65534 --regid 65534 --clear-groups cat "$file" 2>/dev/null | head -c 1
                    setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all sh -c 'exec "$0" id -u' "$file" 2>/dev/null
                done
                echo end
                """
            let new = try await Command("sh", ["-c", script, "sh", distill.directory, distill.store]).run()
            #expect(new.output == "0\nend\n", "\(new)")

            // A store as earlier versions made it is mended when it is opened.
            let open =
                "chmod 711 \"$1\"; for d in layers content mounts volumes tmp; do [ ! -d \"$1/$d\" ] || chmod 755 \"$1/$d\"; done"
            try await Command("sh", ["-c", open, "sh", distill.store]).run().mustSucceed()
            try await distill.succeed("images", "-q")
            let mended = try await Command("sh", ["-c", script, "sh", distill.directory, distill.store]).run()
            #expect(mended.output == "0\nend\n", "\(mended)")
        }
    }
}
