import Engine
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// Repositories that git makes for a test, and which it fetches from `https://git.example/` without any network.
struct Repositories {
    let directory: String

    var served: String { "\(directory)/served" }

    /// Runs a script in the directory that is served; `g` is git with a name and fixed times.
    @discardableResult
    func script(_ text: String) async throws -> String {
        let head = """
            export GIT_CONFIG_NOSYSTEM=1 HOME="\(directory)" GIT_AUTHOR_DATE='@1700000000 +0000'
            export GIT_COMMITTER_DATE="$GIT_AUTHOR_DATE"
            g() { git -c user.name=t -c user.email=t@example.invalid -c protocol.file.allow=always \\
                -c init.defaultBranch=main "$@"; }

            """
        try Files.makeDirectory(served)
        let outcome = try await Command("sh", ["-euc", head + text], workingDirectory: served).run()
        try #require(outcome.succeeded, "\(outcome)")
        return outcome.line
    }

    /// What git is to find around it.
    ///
    /// - Parameter settings: further ones of git's own.
    func variables(_ settings: [(String, String)] = []) -> [String: String] {
        let all =
            [("url.file://\(served)/.insteadOf", "https://git.example/"), ("protocol.file.allow", "always")] + settings
        var result = [
            "PATH": "/usr/bin:/bin", "HOME": directory, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "\(all.count)",
        ]
        for (index, setting) in all.enumerated() {
            (result["GIT_CONFIG_KEY_\(index)"], result["GIT_CONFIG_VALUE_\(index)"]) = setting
        }
        return result
    }

    /// A work tree `w` with two commits, a branch and tags, and a bare copy of it, `p.git`.
    static let project = """
        g init -q w; echo 1 >w/f; mkdir w/sub; echo s >w/sub/f
        g -C w add .; g -C w commit -qm 1; echo 2 >w/f; g -C w commit -qam 2; g -C w tag -a -m t v2
        g -C w checkout -q -b same; echo branch >w/f; g -C w commit -qam branch; g -C w tag same main
        g -C w checkout -q main
        git clone -q --mirror w p.git

        """
}

extension Trait where Self == ConditionTrait {
    /// In continuous integration a test that lacks it fails instead of being skipped.
    static var needsGit: Self { .needsProgram("git") }

    static func needsProgram(_ name: String) -> Self {
        .enabled("\(name) is missing") { try await Program.isExpected(name) }
    }
}
