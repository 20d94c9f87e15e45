import BuildGraph
import LinuxSystem
import SystemPackage

/// Files whose content git-lfs(1) keeps elsewhere. Where the caller's git knows the program, it has fetched them with the commit.
extension GitCheckout {
    /// Fetches those that are still pointers, where the program is installed and the caller has not said how it is used.
    ///
    /// - Returns: the first file that is still one; nil if there is none.
    func fetchLargeFiles(_ git: GitProgram, _ root: Directory) async throws -> String? {
        guard try await hasLargeFiles(git, root), let first = try root.placeholder() else { return nil }
        guard await mayFetch(git) else { return first }
        do {
            _ = try await git.run(Self.settings + ["lfs", "pull", "origin"])
            if try root.status(Array(".gitmodules".utf8)) != nil, source.fetchesSubmodules {
                // Their git is given the same settings by the environment.
                _ = try await git.run(
                    Self.settings + ["submodule", "--quiet", "foreach", "--recursive", "git lfs pull origin"])
            }
        } catch GitError.failed {
            // A server that has no such files, or does not give them: the build may need none, and the name of one is told.
        }
        return try root.placeholder()
    }

    /// What `git lfs install` writes.
    private static let settings = [
        ("clean", "git-lfs clean -- %f"), ("smudge", "git-lfs smudge -- %f"), ("process", "git-lfs filter-process"),
    ].flatMap { ["-c", "filter.lfs.\($0)=\($1)"] }

    /// Whether any attributes of the repository, or of its submodules, name the filter.
    private func hasLargeFiles(_ git: GitProgram, _ root: Directory) async throws -> Bool {
        let listing = try await git("ls-files", "-z", "--recurse-submodules", "--", ":(glob)**/.gitattributes")
        return listing.split(separator: "\0").contains { path in
            // An unreadable or monstrous file says nothing of it, and a link leads nowhere.
            guard let directory = try? root.openDirectory(inRoot: Array(path.utf8).parent),
                let rules = try? directory.read(Array(".gitattributes".utf8), limit: 1 << 20)
            else { return false }
            return String(decoding: rules, as: UTF8.self).contains("filter=lfs")
        }
    }

    private func mayFetch(_ git: GitProgram) async -> Bool {
        let isSkipped = !["", "0", "false"].contains(access.environment.text("GIT_LFS_SKIP_SMUDGE") ?? "")
        guard !isSkipped, access.environment.program("git-lfs") != nil else { return false }
        // It fails where nothing is set.
        return (try? await git("config", "--get-regexp", "^filter\\.lfs\\.")) == nil
    }
}

extension [UInt8] {
    /// The directory of a path that git names: the dot for one at the top.
    fileprivate var parent: [UInt8] {
        lastIndex(of: UInt8(ascii: "/")).map { Array(self[..<$0]) } ?? [UInt8(ascii: ".")]
    }
}

extension Directory {
    /// The first file that is a pointer of git-lfs (its specification, "The Pointer").
    fileprivate func placeholder() throws -> String? {
        let beginning = Array("version https://git-lfs.github.com/spec/v1\n".utf8)
        var walk = try DirectoryWalk(self)
        while let step = try walk.next() {
            guard case .entry(let name) = step, let status = try walk.current.status(name) else { continue }
            switch status.kind {
            case .directory where name != Array(".git".utf8): try walk.enter(name)
            case .regular where (100..<1024).contains(status.size):
                guard try walk.current.read(name, limit: 1024)?.starts(with: beginning) == true else { continue }
                return String(decoding: walk.path + name, as: UTF8.self)
            default: continue
            }
        }
        return nil
    }
}
