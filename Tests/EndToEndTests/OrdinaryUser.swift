import TestSupport
import Testing

/// The built binary, run by a user who is not root and has IDs in `/etc/subuid`.
///
/// Neither exists on this machine: each command sees files of its own in place of the machine's, in a mount namespace.
struct OrdinaryUser: Sendable {
    let directory: String
    /// What `/etc/subuid` and `/etc/subgid` say.
    var subordinates = "distill-test:200000:65536\n"

    /// A program and its arguments, through which the command is run.
    var wrapper: [String] = []

    /// The same, as root, before the command is the user's: a filter of system calls would take newuidmap's rights otherwise.
    var outerWrapper: [String] = []

    static let identifier = 54321

    var home: String { "\(directory)/home" }
    var store: String { "\(home)/.local/share/distill" }

    /// Runs a test with a home that is removed afterwards.
    static func with(_ body: (OrdinaryUser) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            let user = OrdinaryUser(directory: directory)
            try Files.makeDirectory(user.home)
            try Files.write("", to: "\(directory)/distill")
            let prepared = try await Command("sh", ["-ec", Self.preparation, "sh", directory, "\(identifier)"]).run()
            try #require(prepared.succeeded, "\(prepared)")
            try await body(user)
        }
    }

    private static let preparation = """
        cd "$1"
        chmod 755 .
        { cat /etc/passwd; echo "distill-test:x:$2:$2::$1/home:/bin/sh"; } > passwd
        { cat /etc/group; echo "distill-test:x:$2:"; } > group
        # Where a machine gives these devices to root alone, slirp4netns and fuse-overlayfs work for nobody else.
        mknod -m 666 tun c 10 200
        mknod -m 666 fuse c 10 229
        chown "$2:$2" home
        """

    private static let script = """
        directory=$1 binary=$2 user=$3
        shift 3
        for file in passwd group subuid subgid; do mount --bind "$directory/$file" "/etc/$file"; done
        [ ! -e /dev/net/tun ] || mount --bind "$directory/tun" /dev/net/tun
        [ ! -e /dev/fuse ] || mount --bind "$directory/fuse" /dev/fuse
        mount --bind "$binary" "$directory/distill"
        exec setpriv --reuid "$user" --regid "$user" --init-groups "$@"
        """

    func command(_ arguments: [String], environment: [String: String?] = [:], input: String = "") throws -> Command {
        for file in ["subuid", "subgid"] { try Files.write(subordinates, to: "\(directory)/\(file)") }
        let own: [String: String?] = ["HOME": home, "XDG_DATA_HOME": nil, "DISTILL_ROOT": nil, "NO_COLOR": "1"]
        let words =
            outerWrapper + [
                "unshare", "--mount", "sh", "-ec", Self.script, "sh", directory, Distill.binary, "\(Self.identifier)",
            ]
        return Command(
            words[0], Array(words.dropFirst()) + wrapper + ["\(directory)/distill"] + arguments,
            environment: own.merging(environment) { _, given in given }, workingDirectory: directory, input: input)
    }

    @discardableResult
    func callAsFunction(_ arguments: String..., input: String = "") async throws -> Command.Outcome {
        try await command(arguments, input: input).run()
    }

    @discardableResult
    func succeed(_ arguments: String..., input: String = "", sourceLocation: SourceLocation = #_sourceLocation)
        async throws -> Command.Outcome
    {
        let outcome = try await command(arguments, input: input).run()
        try #require(outcome.succeeded, "distill \(arguments) \(outcome)", sourceLocation: sourceLocation)
        return outcome
    }
}
