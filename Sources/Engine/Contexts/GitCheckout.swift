package import BuildGraph
import LinuxSystem
import OCI
package import SystemPackage

/// A commit of a git repository in a directory, fetched by the program `git`.
///
/// The repository is what a clone is: it has a remote, which relative submodules need, the branch or tag by its name, and only as
/// much of the history as is needed, where the server can give less than all of it.
package struct GitCheckout {
    package let source: GitReference
    /// Whether `.git` stays: what the URL says, else what the caller says.
    package let keepsHistory: Bool
    let access: GitAccess

    package init(_ source: GitReference, keepsHistory: Bool = false, _ access: GitAccess) {
        (self.source, self.access) = (source, access)
        self.keepsHistory = source.keepsGitDirectory ?? keepsHistory
    }

    /// A commit's files.
    package struct Checkout {
        package let path: FilePath
        /// The commit's whole name.
        package let commit: String
        /// When the commit was made, in seconds since 1970.
        package let time: Int64?
        /// A file whose content git-lfs(1) keeps elsewhere, and which stands for it, for that could not be fetched; nil if there is none.
        package let placeholder: String?
    }

    /// Fetches the commit into an empty directory.
    ///
    /// - Parameters:
    ///   - directory: where the repository is.
    ///   - commit: what the commit's name must begin with, beside what the URL says; nil if any will do.
    /// - Returns: the directory that counts.
    /// - Throws: ``GitError``.
    package func fetch(into directory: FilePath, commit: String? = nil) async throws -> Checkout {
        let git = try GitProgram(source, access, in: directory)
        let target = try await target(git)
        _ = try await git.run(["init", "--quiet", "--template="] + (target.isSHA256 ? ["--object-format=sha256"] : []))
        try await git("remote", "add", "origin", git.remote.url)
        try await checkOut(target, git)
        let name = try await git("rev-parse", "HEAD")
        for expected in [commit, source.checksum].compactMap({ $0 }) { try await check(expected, name, target, git) }
        let root = try Directory(opening: directory)
        let hasSubmodules = try source.fetchesSubmodules && root.status(Array(".gitmodules".utf8)) != nil
        if hasSubmodules { try await updateSubmodules(git, root) }
        let placeholder = try await fetchLargeFiles(git, root)
        let time = Int64(try await git("log", "-1", "--format=%ct", "--no-show-signature"))
        if !keepsHistory { try root.removeRepositories(ofSubmodules: hasSubmodules) }
        if source.usesCommitTime, let time { try root.setModifiedBelow(FileTime(seconds: time)) }
        return Checkout(
            path: try place(directory, root, git.shownURL), commit: name, time: time, placeholder: placeholder)
    }

    private func target(_ git: GitProgram) async throws -> GitTarget {
        if let whole = source.reference.flatMap({ GitTarget(wholeCommit: $0) }) { return whole }
        let listing = try await git.run(
            ["ls-remote", "--quiet", "--symref", "--end-of-options", git.remote.url, "HEAD"]
                + (source.reference.map { [$0] } ?? []))
        guard let target = GitTarget(source.reference, in: listing) else {
            throw GitError.noReference(url: git.shownURL, source.reference)
        }
        return target
    }

    private func checkOut(_ target: GitTarget, _ git: GitProgram) async throws {
        do {
            guard let refspec = target.refspec else { return try await checkOutOfAll(target, git) }
            do {
                try await git("fetch", "--quiet", "--depth", "1", "origin", refspec)
            } catch GitError.failed(_, let reason) where Self.wantsWhole(reason) {
                try await git("fetch", "--quiet", "origin", refspec)
            }
        } catch let error as GitError {
            // A server may give commits only by what leads to them.
            guard case .commit = target.place, case .failed = error else { throw error }
            do { return try await checkOutOfAll(target, git) } catch GitError.noReference { throw error }
        }
        switch target.place {
        case .reference:
            if let branch = target.branch {
                try await git("checkout", "--quiet", "-B", branch, "refs/remotes/origin/\(branch)")
            } else {
                try await git("checkout", "--quiet", "--detach", "FETCH_HEAD")
            }
        case .commit: try await git("checkout", "--quiet", "--detach", "FETCH_HEAD")
        }
    }

    /// Looks for a commit in the history of all branches and tags.
    private func checkOutOfAll(_ target: GitTarget, _ git: GitProgram) async throws {
        guard case .commit(let name) = target.place else { return }
        let all = ["--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"]
        _ = try await git.run(["fetch"] + all)
        do { try await git("rev-parse", "--quiet", "--verify", name + "^{commit}") } catch GitError.failed {
            throw GitError.noReference(url: git.shownURL, name)
        }
        try await git("checkout", "--quiet", "--detach", name)
    }

    /// Whether a server has no part of a history: a plain web server, or one that forbids it. That is told in words only.
    private static func wantsWhole(_ reason: String) -> Bool {
        reason.contains("shallow") || reason.contains("--depth")
    }

    private func check(_ expected: String, _ name: String, _ target: GitTarget, _ git: GitProgram) async throws {
        if name.hasPrefix(expected.lowercased()) { return }
        // An annotated tag is an object of its own, and has a name too.
        if let tag = target.tag, try await git("rev-parse", tag).hasPrefix(expected.lowercased()) { return }
        throw GitError.otherCommit(url: git.shownURL, expected: expected, actual: name)
    }

    private func updateSubmodules(_ git: GitProgram, _ root: Directory) async throws {
        let update = ["submodule", "--quiet", "update", "--init", "--recursive"]
        do { _ = try await git.run(update + ["--depth", "1"]) } catch GitError.failed(_, let reason) {
            // A commit that no branch of a submodule begins with, or a server that has no part of a history.
            guard Self.wantsWhole(reason) || Self.lacksCommit(reason) else {
                throw GitError.failed(url: git.shownURL, reason: reason)
            }
            try await git("submodule", "--quiet", "deinit", "--all", "--force")
            try root.removeTree(Array(".git/modules".utf8))
            _ = try await git.run(update)
        }
    }

    private static func lacksCommit(_ reason: String) -> Bool {
        ["did not contain", "unadvertised object", "not our ref", "Unable to find current revision"].contains {
            reason.contains($0)
        }
    }

    private static func open(_ subdirectory: String, in root: Directory, _ url: String) throws -> Directory {
        do { return try root.openDirectory(inRoot: Array(subdirectory.utf8)) } catch {
            let isMissing = [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels].contains(error.errno)
            throw isMissing ? GitError.noDirectory(url: url, subdirectory) : error
        }
    }

    /// The directory of the URL's fragment, out of which no link leads.
    private func place(_ directory: FilePath, _ root: Directory, _ url: String) throws -> FilePath {
        guard let subdirectory = source.subdirectory else { return directory }
        let inner = try Self.open(subdirectory, in: root, url)
        return try inner.withDescriptorPath { ProcessFacts.realPath(FilePath($0)) } ?? directory
    }
}

extension Directory {
    /// Removes `.git`, and what stands for it in submodules: git keeps no file of that name.
    fileprivate func removeRepositories(ofSubmodules hasSubmodules: Bool) throws {
        let name = Array(".git".utf8)
        try removeTree(name)
        guard hasSubmodules else { return }
        var walk = try DirectoryWalk(self)
        while let step = try walk.next() {
            guard case .entry(let entry) = step else { continue }
            if entry == name {
                try walk.current.removeTree(name)
            } else if try walk.current.status(entry)?.kind == .directory {
                try walk.enter(entry)
            }
        }
    }

    /// Gives everything in the directory one time of modification.
    fileprivate func setModifiedBelow(_ time: FileTime) throws {
        var walk = try DirectoryWalk(self)
        while let step = try walk.next() {
            switch step {
            case .entry(let name):
                if try walk.current.status(name)?.kind == .directory {
                    try walk.enter(name)
                } else {
                    try walk.current.setModified(name, time)
                }
            case .left(let name): try walk.current.setModified(name, time)
            }
        }
    }
}
