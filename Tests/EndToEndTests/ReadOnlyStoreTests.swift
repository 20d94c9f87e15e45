import TestSupport
import Testing

/// A store on a medium that nobody can write to: what only reads works, what writes says so.
@Suite(.requires(.root), .requires(.program("busybox")), .requires(.program("crun")))
struct ReadOnlyStoreTests {
    private static let reading = [
        "images -q", "image inspect made", "history made", "save -o SAVED made", "run --network none made cat /text",
        "image check made", "system df",
    ]
    private static let writing = [
        "build -q -t other CONTEXT", "rmi made", "tag made again", "load -q -i SAVED", "system prune -f",
    ]

    @Test func canBeReadAndRunFrom() async throws {
        try await Distill.withStore { distill in
            let dockerfile = """
                FROM scratch
                COPY busybox /bin/busybox
                RUN ["/bin/busybox", "--install", "-s", "/bin"]
                ENV PATH=/bin
                RUN echo kept > /text && rm /bin/vi
                """
            let context = try distill.context(["Dockerfile": dockerfile])
            try await distill.addBusybox(to: context)
            try await distill.succeed("build", "-q", "-t", "made", context)
            // Everything in one mount namespace, which ends with the shell.
            let script = """
                mount --bind "$DISTILL_ROOT" "$DISTILL_ROOT" && mount -o remount,bind,ro "$DISTILL_ROOT" || exit 9
                for command in "$@"; do
                    timeout 100 $DISTILL $command >"$OUT" 2>&1; echo "$command: $?"; [ "${command%% *}" != run ] || cat "$OUT"
                    case $command in build*|rmi*|tag*|load*) grep -q 'lies on a read-only file system' "$OUT" && echo told;; esac
                done
                """
            let words = (Self.reading + Self.writing).map {
                $0.replacing("SAVED", with: "\(distill.directory)/saved.tar").replacing("CONTEXT", with: context)
            }
            let outcome = try await Command(
                "unshare", ["-m", "sh", "-c", script, "sh"] + words,
                environment: [
                    "DISTILL_ROOT": distill.store, "DISTILL": Distill.binary, "OUT": "\(distill.directory)/out",
                ]
            ).run()
            let right = Self.reading.enumerated().map {
                "\(words[$0.offset]): 0\n" + ($0.element.hasPrefix("run") ? "kept\n" : "")
            }
            #expect(outcome.output.hasPrefix(right.joined()), "\(outcome)")
            let refused = words.dropFirst(Self.reading.count).dropLast().map { "\($0): 1\ntold\n" }.joined()
            #expect(outcome.output.contains(refused), "\(outcome)")
        }
    }
}
