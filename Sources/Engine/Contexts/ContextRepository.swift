import LinuxSystem
import OCI
package import Storage
import Subprocess
package import SystemPackage

/// What a `.git` in a build context says of the commit that is checked out there.
///
/// A context may come from anybody, and the settings of a repository name programs that git executes: `core.sshCommand`,
/// `core.fsmonitor`, filters, hooks, helpers, and a promised object makes it fetch. So git never sees that repository. HEAD is
/// read here; objects are asked of an empty repository of our own that borrows them (gitrepository-layout(5),
/// objects/info/alternates), without the user's settings, hooks, protocols and lazy fetches.
package struct ContextRepository {
    /// The work tree: the context, or a directory above it.
    private let tree: FilePath
    private let store: Store
    /// The commit's whole name.
    package let commit: String
    /// The repository's own directory, where objects and settings are: another than `.git` for a linked work tree.
    private let common: FilePath
    private let index: FilePath

    /// Finds the repository that a context lies in, as git does: in the directory itself, else in the nearest above it.
    ///
    /// - Returns: nil without a repository or a commit, or where its form is none that is known here (reftable).
    package init?(of context: FilePath, in store: Store) {
        guard var tree = ProcessFacts.realPath(context) else { return nil }
        while true {
            // What cannot be read says nothing of a commit.
            if let root = try? Directory(opening: tree), let kind = try? root.status(Array(".git".utf8))?.kind {
                self.init(tree, root, kind, store)
                return
            }
            guard tree.removeLastComponent() else { return nil }
        }
    }

    private init?(_ tree: FilePath, _ root: Directory, _ kind: FileStatus.Kind, _ store: Store) {
        var own = tree.appending(".git")
        if kind == .regular {
            // A linked work tree (git-worktree(1)): a line that says where the rest is.
            guard let text = Self.text(".git", in: root), text.hasPrefix("gitdir: ") else { return nil }
            own = tree.pushing(FilePath(String(text.dropFirst("gitdir: ".count))))
        }
        // as above
        guard kind == .directory || kind == .regular, let directory = try? Directory(opening: own) else { return nil }
        let common = Self.text("commondir", in: directory).map { own.pushing(FilePath($0)) } ?? own
        // as above
        guard let shared = try? Directory(opening: common), let commit = Self.resolve("HEAD", directory, shared) else {
            return nil
        }
        (self.tree, self.store, self.commit, self.common, index) = (tree, store, commit, common, own.appending("index"))
    }

    /// When the commit was made, in seconds since 1970; nil without git, or where the object is not there.
    package func time() async -> Int64? {
        await ask(["log", "-1", "--format=%ct", "--no-show-signature", commit]).flatMap { Int64($0) }
    }

    /// Where the repository came from, without credentials.
    package func source() async -> String? {
        await ask([
            "config", "--file", common.appending("config").string, "--no-includes", "--get", "remote.origin.url",
        ])
        .map(PublicURL.text(of:))
    }

    /// Whether files differ from the commit's; nil if that cannot be told. Filters, such as those of git-lfs, are not applied.
    package func differs() async -> Bool? {
        // The index is only read: what git would note in it goes to a copy.
        await ask(
            [
                "--work-tree", tree.string, "status", "--porcelain", "--ignore-submodules=all",
                "--untracked-files=normal",
            ],
            copyingIndex: true
        ).map { !$0.isEmpty }
    }

    // MARK: References

    /// Names in one another that are followed (git allows five).
    private static let linkLimit = 5

    private static func resolve(_ name: String, _ own: Directory, _ common: Directory) -> String? {
        var name = name
        for _ in 0...linkLimit {
            guard isSafe(name) else { return nil }
            guard let text = text(name, in: own) ?? text(name, in: common) else { return packed(name, in: common) }
            guard text.hasPrefix("ref:") else { return isCommit(text) ? text : nil }
            name = String(text.dropFirst("ref:".count).drop { $0 == " " })
        }
        return nil
    }

    /// A reference's name leads nowhere else (git-check-ref-format(1)).
    private static func isSafe(_ name: String) -> Bool {
        name == "HEAD"
            || (name.hasPrefix("refs/")
                && !name.split(separator: "/", omittingEmptySubsequences: false).contains {
                    $0.isEmpty || $0.hasPrefix(".")
                })
    }

    private static func packed(_ name: String, in common: Directory) -> String? {
        guard let text = text("packed-refs", in: common, limit: 64 << 20) else { return nil }
        for line in text.split(separator: "\n") where line.hasSuffix(" " + name) {
            let commit = String(line.dropLast(name.count + 1))
            return isCommit(commit) ? commit : nil
        }
        return nil
    }

    private static func isCommit(_ text: String) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// A small file's content without the white space at its end; links are not followed.
    private static func text(_ name: String, in directory: Directory, limit: Int = 4096) -> String? {
        // Missing, too large or no file: it says nothing.
        guard let bytes = try? directory.read(Array(name.utf8), limit: limit) else { return nil }
        var text = String(decoding: bytes, as: UTF8.self)[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    // MARK: Objects

    private static let environment: [Environment.Key: String?] = [
        "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1", "GIT_ALLOW_PROTOCOL": "", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
        // What the caller's git would use: none of it is this repository's.
        "GIT_DIR": nil, "GIT_WORK_TREE": nil, "GIT_INDEX_FILE": nil, "GIT_OBJECT_DIRECTORY": nil,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": nil,
        "GIT_CONFIG": nil, "GIT_CONFIG_COUNT": nil, "GIT_CONFIG_PARAMETERS": nil, "GIT_EXTERNAL_DIFF": nil,
        "GIT_SSH_COMMAND": nil,
        "GIT_EXEC_PATH": nil, "GIT_COMMON_DIR": nil, "GIT_NAMESPACE": nil,
    ]

    /// What git answers, without white space at its end; nil if it fails.
    private func ask(_ arguments: [String], copyingIndex: Bool = false) async -> String? {
        do {
            let scratch = try store.makeTemporaryDirectory()
            try prepare(Directory(opening: scratch.path), copyingIndex)
            let answer = try await Self.run(["--git-dir", scratch.path.string] + arguments, in: tree)
            return withExtendedLifetime(scratch) { answer }
        } catch {
            return nil  // no git, no room, or objects that are not there: nothing is known
        }
    }

    /// Fills the repository of our own.
    private func prepare(_ directory: Directory, _ copyingIndex: Bool) throws {
        let isLong = commit.utf8.count == 64
        let format =
            isLong
            ? "\trepositoryFormatVersion = 1\n[extensions]\n\tobjectFormat = sha256\n"
            : "\trepositoryFormatVersion = 0\n"
        for name in ["objects", "objects/info", "refs"] { try directory.makeDirectory(Array(name.utf8), mode: 0o700) }
        func write(_ name: String, _ content: [UInt8]) throws {
            try directory.createFile(Array(name.utf8), mode: 0o600).write(content)
        }
        try write("HEAD", Array((commit + "\n").utf8))
        try write("config", Array(("[core]\n" + format).utf8))
        let objects = common.appending("objects").string
        // The path stands alone on its line; one with a line feed or a quote in front is written as C does.
        let isPlain = !objects.contains("\n") && !objects.hasPrefix("\"") && !objects.hasPrefix("#")
        guard isPlain else { throw Errno.invalidArgument }
        try write("objects/info/alternates", Array((objects + "\n").utf8))
        if copyingIndex {
            try write(
                "index",
                try Directory(opening: index.removingLastComponent()).read(Array("index".utf8), limit: 256 << 20) ?? [])
        }
    }

    private static func run(_ arguments: [String], in directory: FilePath) async throws -> String? {
        let result = try await Subprocess.run(
            .name("git"),
            arguments: Arguments(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"] + arguments),
            environment: .inherit.updating(environment), workingDirectory: directory,
            output: .string(limit: 1 << 20), error: .discarded)
        guard result.terminationStatus.isSuccess else { return nil }
        var text = result.standardOutput[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
