import LinuxSystem
import Subprocess
import SystemPackage

/// A commit of a git repository in a directory, fetched by the program `git`.
struct GitCheckout {
    let url: String
    /// A branch, a tag or a commit; nil for the repository's own choice.
    let reference: String?
    /// The directory of the repository that counts.
    let subdirectory: String?

    /// Reads `URL[#reference[:subdirectory]]` (Docker's build contexts, "Git repositories").
    init(_ text: String) {
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        url = parts[0]
        let fragment = parts.count == 2 ? parts[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init) : []
        reference = fragment.first.flatMap { $0.isEmpty ? nil : $0 }
        subdirectory = fragment.count == 2 && !fragment[1].isEmpty ? fragment[1] : nil
    }

    /// Whether a context or a source of ADD is a repository and no file.
    static func isRepository(_ text: String) -> Bool {
        let location = text.prefix { $0 != "#" && $0 != "?" }
        if location.hasPrefix("git://") || location.hasPrefix("ssh://") || location.hasPrefix("git@") { return true }
        return (location.hasPrefix("http://") || location.hasPrefix("https://")) && location.hasSuffix(".git")
    }

    enum History {
        case kept
        case removed
    }

    /// Fetches the commit into an empty directory.
    ///
    /// - Parameter commit: what the commit's name must begin with; nil if any will do.
    /// - Returns: the directory that counts.
    func fetch(into directory: FilePath, history: History, commit: String?) async throws -> FilePath {
        try await git(["init", "--quiet"], in: directory)
        try await git(["fetch", "--quiet", "--depth", "1", "--end-of-options", url, reference ?? "HEAD"], in: directory)
        try await git(["checkout", "--quiet", "FETCH_HEAD"], in: directory)
        let name = try await git(["rev-parse", "HEAD"], in: directory)
        if let commit, !name.hasPrefix(commit) { throw GitError.otherCommit(url: url, expected: commit, actual: name) }
        try await git(["submodule", "--quiet", "update", "--init", "--recursive", "--depth", "1"], in: directory)
        if case .removed = history { try Directory(opening: directory).removeTree(Array(".git".utf8)) }
        guard let subdirectory else { return directory }
        let root = try Directory(opening: directory)
        let inner = try root.openDirectory(inRoot: Array(subdirectory.utf8))
        return ProcessFacts.realPath(FilePath(inner.descriptorPath)) ?? directory
    }

    /// When the commit that is checked out in a directory was made, in seconds since 1970; nil without a repository, a
    /// commit or git.
    static func commitTime(of directory: FilePath) async -> Int64? {
        // Whoever owns the directory: nothing of it is executed.
        let arguments: Arguments = ["-c", "safe.directory=*", "log", "-1", "--format=%ct", "--no-show-signature"]
        let result = try? await Subprocess.run(  // no git: no commit
            .name("git"), arguments: arguments, environment: .inherit.updating(["LC_ALL": "C"]), workingDirectory: directory,
            output: .string(limit: 4096), error: .discarded)
        guard let result, result.terminationStatus.isSuccess else { return nil }
        return Int64(result.standardOutput.filter { !$0.isWhitespace })
    }

    @discardableResult
    private func git(_ arguments: [String], in directory: FilePath) async throws -> String {
        let environment = Environment.inherit.updating(["GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"])
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            result = try await Subprocess.run(
                .name("git"), arguments: Arguments(arguments), environment: environment, workingDirectory: directory,
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw GitError.notInstalled
        }
        guard result.terminationStatus.isSuccess else {
            let lines = result.standardError.split(separator: "\n")
            throw GitError.failed(url: url, reason: String(lines.last ?? "it told no reason"))
        }
        return result.standardOutput.filter { !$0.isNewline }
    }
}

enum GitError: Error {
    case notInstalled
    case failed(url: String, reason: String)
    case otherCommit(url: String, expected: String, actual: String)
}
