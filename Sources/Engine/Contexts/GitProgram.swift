import BuildGraph
import OCI
import Subprocess
import SystemPackage

/// The program `git`, working in one directory on what one repository gives.
struct GitProgram {
    let source: GitReference
    let remote: GitRemote
    let directory: FilePath
    private let surroundings: GitAccess.Surroundings
    private let environment: Environment

    init(_ source: GitReference, _ access: GitAccess, in directory: FilePath) throws {
        (self.source, self.directory) = (source, directory)
        remote = GitRemote(source.url)
        surroundings = try access.surroundings(of: remote)
        var variables: [Environment.Key: String] = [:]
        for (name, value) in surroundings.variables {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        environment = .custom(variables)
    }

    private static let outputLimit = 4 << 20

    /// - Returns: what it wrote, without line feeds at its end.
    /// - Throws: ``GitError``.
    @discardableResult
    func callAsFunction(_ arguments: String...) async throws -> String { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> String {
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            // The files of a commit have the modes of git's own two, whatever the caller's umask is.
            result = try await Subprocess.run(
                .name("sh"), arguments: Arguments(["-c", "umask 022; exec git \"$@\"", "git"] + arguments),
                environment: environment,
                workingDirectory: directory,
                output: .string(limit: Self.outputLimit), error: .string(limit: Self.outputLimit))
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw GitError.notInstalled
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw GitError.failed(url: shownURL, reason: "it told more than \(Self.outputLimit >> 20) MiB")
        }
        if case .exited(127) = result.terminationStatus { throw GitError.notInstalled }
        guard result.terminationStatus.isSuccess else {
            throw GitError.failed(url: shownURL, reason: reason(result.standardError))
        }
        var text = result.standardOutput[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }

    var shownURL: String { PublicURL.text(of: source.url) }

    /// The last of what git says: the first lines are mostly progress, and what the server says stands above git's own sentence.
    private func reason(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).filter {
            !$0.hasPrefix("hint:") && !$0.allSatisfy(\.isWhitespace)
        }.suffix(6)
        var reason = lines.joined(separator: "; ")
        if reason.isEmpty { reason = "it told no reason" }
        for secret in surroundings.hidden { reason = reason.replacing(secret, with: "***") }
        return PublicURL.text(within: String(reason.suffix(1000)))
    }
}

package enum GitError: Error {
    case notInstalled
    case failed(url: String, reason: String)
    case otherCommit(url: String, expected: String, actual: String)
    /// There is no branch, tag or commit of that name; nil for a repository that has no branch of its own choice.
    case noReference(url: String, String?)
    /// The commit has no directory of that name.
    case noDirectory(url: String, String)
}
