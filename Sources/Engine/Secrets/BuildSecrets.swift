import Agents
import Attestation
import BuildGraph
import Distribution
import Inspection
import LinuxSystem
import OCI
import Secrets
import Storage
import SystemPackage

/// What a build must keep out of its result.
struct BuildSecrets {
    let engine: Engine
    let specification: BuildSpecification
    /// Where the list of what is allowed lies.
    let context: FilePath

    /// Looks through what was built before anything is made of it.
    ///
    /// - Throws: ``EngineError/secretsFound`` where there is what must not leave.
    func check(_ results: [Build.Result], _ knowledge: [BuildKnowledge], _ events: Engine.Events) async throws {
        let policy = specification.secretPolicy
        let mode = policy.mode(pushes: specification.outputs.contains(where: \.pushes))
        let store = engine.store
        for result in results { try LayerInstructions(result).keep(for: result.image.id, in: store) }
        guard mode != .off || policy.baseline != nil else { return }
        let allowed = try engine.allowFile(policy, in: context)
        let logins = await logins()
        let reports = try await store.perform { [self] in
            var values = logins.map { KnownValue($0.origin, $0.bytes) } + given()
            defer { for index in values.indices { values[index].wipe() } }
            let gate = SecretGate(store, values: values, now: FileTime.now.seconds)
            return try zip(results, knowledge).map { result, knowledge in
                let name = specification.names.first?.familiar ?? "the image"
                var report = try gate.report(
                    result.image, name: name, LayerInstructions(result), documents: documents(knowledge),
                    includesBase: policy.includesBase)
                report.apply(allowed, now: FileTime.now.seconds)
                return report
            }
        }
        try engine.decide(reports, policy, mode, events)
    }

    /// Looks through a layer that is sent somewhere before all was built: whatever is found in the last of a stack, it stays here until
    /// the image as a whole was looked at.
    ///
    /// - Returns: nil where nothing that is found ends the build.
    func gate() async -> (@Sendable ([Image.Layer], @escaping PackingPace) throws -> Bool)? {
        guard specification.secretPolicy.mode(pushes: specification.outputs.contains(where: \.pushes)) == .error else {
            return nil
        }
        let logins = await logins()
        return { [self] stack, pace in
            var values = logins.map { KnownValue($0.origin, $0.bytes) } + given()
            defer { for index in values.indices { values[index].wipe() } }
            var gate = SecretGate(engine.store, values: values, now: FileTime.now.seconds)
            gate.pace = pace
            return try gate.isClean(stack)
        }
    }

    private func documents(_ knowledge: BuildKnowledge) -> SecretGate.Documents {
        var documents = SecretGate.Documents()
        for note in specification.annotations + specification.outputs.flatMap(\.annotations) {
            documents.annotations[note.name] = note.value
        }
        if let wanted = specification.attestations.provenance {
            documents.statements.append(("provenance", knowledge.provenance.predicate(wanted)))
        }
        if specification.attestations.explains {
            documents.statements.append(("explanation", knowledge.record.forOthers.json))
        }
        return documents
    }

    /// The values of `--secret`, the keys of `--ssh`, and build arguments that say what they are.
    private func given() -> [KnownValue] {
        var values: [KnownValue] = []
        for (id, source) in specification.secrets.sorted(by: { $0.key < $1.key }) {
            // A step that needs it tells that it is not there.
            guard let bytes = try? source.read(id, engine.environment) else { continue }
            values.append(KnownValue(.secret(id), bytes))
        }
        for (id, source) in specification.agents.sources.sorted(by: { $0.key < $1.key }) {
            guard case .keys(let keys) = source else { continue }
            values += keys.map { KnownValue(.key(id), $0.bytes) }
        }
        for (name, value) in specification.request.buildArguments.sorted(by: { $0.key < $1.key })
        where KnownValue.isSecret(name: name) {
            values.append(KnownValue(.argument(name), Array(value.utf8)))
        }
        return values
    }

    /// The logins for the registries that this build pushes to.
    private func logins() async -> [(origin: KnownValue.Origin, bytes: [UInt8])] {
        let names =
            specification.outputs.contains(where: \.pushes)
            ? specification.names + specification.outputs.flatMap(\.names) : []
        var result: [(origin: KnownValue.Origin, bytes: [UInt8])] = []
        for registry in Set(names.map(\.domain)).sorted() {
            // A login that cannot be read is told by whoever needs it.
            guard let credential = try? await engine.registries.keptCredential(for: registry) else { continue }
            result.append((.login(registry), Array(credential.secret.utf8)))
        }
        return result
    }
}
