package import BuildGraph
import LinuxSystem
import OCI
import Subprocess
package import SystemPackage

/// A commit of a git repository in a directory, fetched by the program `git`.
package struct GitCheckout {
    package let source: GitReference
    /// Whether `.git` stays: what the URL says, else what the caller says.
    package let keepsHistory: Bool

    package init(_ source: GitReference, keepsHistory: Bool = false) {
        self.source = source
        self.keepsHistory = source.keepsGitDirectory ?? keepsHistory
    }

    /// Fetches the commit into an empty directory.
    ///
    /// - Parameter commit: what the commit's name must begin with, beside what the URL says; nil if any will do.
    /// - Returns: the directory that counts.
    package func fetch(into directory: FilePath, commit: String? = nil) async throws -> Checkout {
        try await git(["init", "--quiet"], in: directory)
        try await git(
            ["fetch", "--quiet", "--depth", "1", "--end-of-options", source.url, source.reference ?? "HEAD"], in: directory)
        try await git(["checkout", "--quiet", "FETCH_HEAD"], in: directory)
        let name = try await git(["rev-parse", "HEAD"], in: directory)
        for expected in [commit, source.checksum].compactMap({ $0 }) where !name.hasPrefix(expected) {
            throw GitError.otherCommit(url: PublicURL.text(of: source.url), expected: expected, actual: name)
        }
        if source.fetchesSubmodules {
            try await git(["submodule", "--quiet", "update", "--init", "--recursive", "--depth", "1"], in: directory)
        }
        let time = Int64(try await git(["log", "-1", "--format=%ct", "--no-show-signature"], in: directory))
        let root = try Directory(opening: directory)
        if !keepsHistory { try root.removeTree(Array(".git".utf8)) }
        if source.usesCommitTime, let time { try root.setModifiedBelow(FileTime(seconds: time)) }
        guard let subdirectory = source.subdirectory else { return Checkout(path: directory, commit: name, time: time) }
        let inner = try root.openDirectory(inRoot: Array(subdirectory.utf8))
        return Checkout(path: try inner.withDescriptorPath { ProcessFacts.realPath(FilePath($0)) } ?? directory, commit: name, time: time)
    }

    /// A commit's files.
    package struct Checkout {
        package let path: FilePath
        /// The commit's whole name.
        package let commit: String
        /// When the commit was made, in seconds since 1970.
        package let time: Int64?
    }

    @discardableResult
    private func git(_ arguments: [String], in directory: FilePath) async throws -> String {
        let environment = Environment.inherit.updating(["GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"])
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            // The files of a commit have the modes of git's own two, whatever the caller's umask is.
            result = try await Subprocess.run(
                .name("sh"), arguments: Arguments(["-c", "umask 022; exec git \"$@\"", "git"] + arguments), environment: environment,
                workingDirectory: directory,
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw GitError.notInstalled
        }
        if case .exited(127) = result.terminationStatus { throw GitError.notInstalled }
        guard result.terminationStatus.isSuccess else {
            let lines = result.standardError.split(separator: "\n")
            throw GitError.failed(
                url: PublicURL.text(of: source.url), reason: PublicURL.text(within: String(lines.last ?? "it told no reason")))
        }
        return result.standardOutput.filter { !$0.isNewline }
    }
}

package enum GitError: Error {
    case notInstalled
    case failed(url: String, reason: String)
    case otherCommit(url: String, expected: String, actual: String)
}

extension Directory {
    /// Gives everything in the directory one time of modification.
    fileprivate func setModifiedBelow(_ time: FileTime) throws {
        var walk = try DirectoryWalk(self)
        while let step = try walk.next() {
            switch step {
            case .entry(let name):
                if try walk.current.status(name)?.kind == .directory { try walk.enter(name) } else { try walk.current.setModified(name, time) }
            case .left(let name): try walk.current.setModified(name, time)
            }
        }
    }
}
