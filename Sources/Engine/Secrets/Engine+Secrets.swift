import LinuxSystem
package import OCI
package import Secrets
import Storage
package import SystemPackage

extension Engine {
    /// Looks through an image of the store, or each of a list.
    ///
    /// - Parameters:
    ///   - name: how a person called it.
    ///   - policy: the list of what is allowed is applied, and the base is looked through where it says so.
    package func secrets(in id: Digest, name: String, _ policy: SecretPolicy) async throws -> [SecretReport] {
        let allowed = try allowFile(policy, in: environment.workingDirectory)
        return try await store.perform { [store] in
            let gate = SecretGate(store, now: FileTime.now.seconds)
            let statements = try store.images.statements(of: id)
            return try store.images.members(of: id).map { member in
                let image = try store.images.single(member)
                let made = try LayerInstructions.kept(of: image, in: store) ?? LayerInstructions(unknown: image)
                var documents = SecretGate.Documents()
                documents.statements = (statements[member] ?? []).map {
                    ("statement(\($0.predicateType))", $0.predicate)
                }
                var report = try gate.report(
                    image, name: name, made, documents: documents, includesBase: policy.includesBase)
                report.apply(allowed, now: FileTime.now.seconds)
                return report
            }
        }
    }

    /// Lets an image of the store through, or not.
    ///
    /// - Throws: ``EngineError/secretsFound`` where it holds what it must not.
    package func guardSecrets(in id: Digest, name: String, _ policy: SecretPolicy, pushes: Bool, _ events: Events)
        async throws
    {
        let mode = policy.mode(pushes: pushes)
        guard mode != .off || policy.baseline != nil else { return }
        try decide(await secrets(in: id, name: name, policy), policy, mode, events)
    }

    /// Tells what was found, and ends where that is an error.
    func decide(_ reports: [SecretReport], _ policy: SecretPolicy, _ mode: SecretMode, _ events: Events) throws {
        try writeBaseline(reports, policy)
        guard mode != .off else { return }
        let stopping = policy.baseline == nil ? reports.flatMap { $0.stopping(includesBase: policy.includesBase) } : []
        let isFatal = mode == .error && !stopping.isEmpty
        for report in reports { events(.secrets(report, isFatal: isFatal)) }
        if isFatal { throw EngineError.secretsFound(count: stopping.count) }
    }

    /// Writes the list that allows what was found, if that was asked for.
    package func writeBaseline(_ reports: [SecretReport], _ policy: SecretPolicy) throws {
        guard let path = policy.baseline else { return }
        let findings = reports.flatMap {
            $0.items.filter { $0.allowed == nil || $0.finding.rule.isKnownValue }.map(\.finding)
        }
        let allowed = reports.flatMap {
            $0.items.filter { $0.allowed != nil && !$0.finding.rule.isKnownValue }.map(\.finding)
        }
        try HostFiles.write(
            AllowFile.baseline(allowed + findings, reason: "found when the baseline was written"), to: path)
    }

    /// The list of what is allowed: the one that is named, else the one that lies in a directory.
    ///
    /// - Throws: ``EngineError/unusableFile(path:_:)`` for one that cannot be read, ``AllowFileError`` with its name for one that is wrong.
    package func allowFile(_ policy: SecretPolicy, in directory: FilePath) throws -> AllowFile {
        let path = policy.allowFile.map { FilePath($0) } ?? directory.appending(AllowFile.usualName)
        guard let bytes = HostFiles.read(path) else {
            guard let named = policy.allowFile else { return AllowFile() }
            throw EngineError.unusableFile(path: named, .unreadable)
        }
        do throws(AllowFileError) { return try AllowFile(parsing: bytes) } catch {
            throw EngineError.unusableFile(path: path.string, .allowFile(error))
        }
    }
}
