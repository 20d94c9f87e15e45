import Bases
import Debian
import Engine
package import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage
import Subprocess
import SystemPackage

/// Tries what Distill needs of a machine. Nothing stays of it but the store, if there was none.
package struct MachineTrials: Sendable {
    let environment: HostEnvironment
    /// Seconds that a mirror may take for its answer.
    let patience: Int

    package init(_ environment: HostEnvironment, patience: Int = 10) {
        (self.environment, self.patience) = (environment, patience)
    }

    /// All of them, in the order of ``Trial/Subject``.
    package func run() async -> [Trial] {
        var trials = [Trial(.kernel, .kernel(release: ProcessFacts.kernelRelease)), Trial(.namespaces, namespaces())]
        let store: Result<Store, any Error> = Result { try StoreLocation.open(environment) }
        switch store {
        case .success(let store):
            trials += [Trial(.store, .store(path: store.path, FileSystemKind.of(store.path)))]
            trials.append(Trial(.space, .space(ProcessFacts.freeBytes(at: store.path) ?? 0, path: store.path)))
            let overlay = overlay(store)
            trials.append(Trial(.overlay, overlay))
            trials.append(Trial(.runtime, await runtime(store)))
            store.close()
        case .failure(let error):
            trials.append(Trial(.store, .noStore(error)))
            trials += [Trial.Subject.space, .overlay, .runtime].map { Trial($0, .untried(because: .store)) }
        }
        trials.append(Trial(.limits, limits()))
        trials.append(Trial(.network, await network()))
        trials.append(Trial(.git, await programs([["git", "--version"]])))
        trials.append(Trial(.gpgv, await signatures()))
        trials.append(Trial(.mirror, await mirror()))
        // It tells no version, and says how it is used in place of one.
        trials.append(Trial(.agent, await programs([["ssh-agent", "-h"], ["ssh-add", "-h"]])))
        trials.append(Trial(.emulation, .emulation(emulated())))
        return trials
    }

    private func namespaces() -> Trial.Finding {
        if let obstacle = UserNamespace.obstacle { return .restricted(obstacle, hasOne: !UserNamespace.isInitial) }
        return UserNamespace.isInitial ? .root : .namespace(identifiers: UserNamespace.identifierCount)
    }

    private func emulated() -> [String] {
        ["386", "amd64", "arm", "arm64", "ppc64le", "riscv64", "s390x"].filter {
            $0 != Platform.host.architecture && Emulation.isRegistered($0)
        }
    }

    /// Sets a limit of each kind on a group in which nothing is.
    private func limits() -> Trial.Finding {
        let settings: [ControlGroup.Setting] = [
            .init(
                "memory", first: [.init("memory.limit_in_bytes", "1073741824")],
                second: [.init("memory.max", "1073741824")]),
            .init("cpu", first: [.init("cpu.shares", "512")], second: [.init("cpu.weight", "50")]),
            .init("cpuset", first: [.init("cpuset.cpus", "0")], second: [.init("cpuset.cpus", "0")]),
            .init("pids", first: [.init("pids.max", "100")], second: [.init("pids.max", "100")]),
        ]
        var (there, missing): ([String], [String]) = ([], [])
        for setting in settings {
            do {
                let group = try ControlGroup(named: "distill-doctor-\(ProcessFacts.identifier)", [setting])
                group.remove()
                there.append(setting.controller)
            } catch { missing.append(setting.controller) }
        }
        return .limits(there, missing: missing)
    }

    /// Makes a network of its own for nobody.
    private func network() async -> Trial.Finding {
        let program = await programs([["slirp4netns", "--version"]])
        if case .programs(_, let missing) = program, !missing.isEmpty { return program }
        do { try await ContainerNetworks.attempt(in: environment) } catch { return .noOutside(error) }
        return program
    }

    /// What checks the signatures of packages' indexes, and the keys that it needs.
    private func signatures() async -> Trial.Finding {
        let program = await programs([["gpgv", "--version"]])
        guard case .programs(let there, let missing) = program,
            (HostFiles.read(FilePath(BaseSpecification.archiveKeyring)) ?? []).isEmpty
        else { return program }
        return .programs(there, missing: missing + ["debian-archive-keyring"])
    }

    /// Asks each program for its version, or for what it says of itself otherwise.
    func programs(_ commands: [[String]]) async -> Trial.Finding {
        var (there, missing): ([Trial.Program], [String]) = ([], [])
        for command in commands {
            guard let name = command.first else { continue }
            if let line = await firstLine(of: command) {
                there.append(.init(name: name, version: line))
            } else {
                missing.append(name)
            }
        }
        return .programs(there, missing: missing)
    }

    /// Nil for a program that is not there, or cannot be executed.
    private func firstLine(of command: [String]) async -> String? {
        guard let name = command.first, let program = environment.program(name) else { return nil }
        var options = PlatformOptions()
        options.createSession = true
        do {
            let result = try await Subprocess.run(
                .path(program), arguments: Arguments(Array(command.dropFirst())),
                environment: .inherit.updating(["LC_ALL": "C"]),
                platformOptions: options, output: .bytes(limit: 64 << 10), error: .bytes(limit: 64 << 10))
            // 127 and 126 are the loader's and the shell's: a library or an interpreter is missing.
            if case .exited(let code) = result.terminationStatus, code == 126 || code == 127 { return nil }
            let text = String(decoding: result.standardOutput + result.standardError, as: UTF8.self)
            return text.split(whereSeparator: \.isNewline).first.map { String($0.prefix(100)) } ?? ""
        } catch { return nil }
    }

    private func mirror() async -> Trial.Finding {
        let sources: [MirrorSource]
        do {
            let configuration = try HostMirrors.configuration(option: nil, environment: environment)
            // Whichever release the machine's own sources know.
            let suites = Set(configuration.host.flatMap(\.suites)).sorted() + ["bookworm", "trixie"]
            guard
                let found = suites.lazy.compactMap({ suite in
                    // Not of this release: another may be known.
                    (try? configuration.sources(for: suite))?.filter { !$0.isOptional && $0.suites.contains(suite) }
                }).first(where: { !$0.isEmpty })
            else { return .noMirror }
            sources = found
        } catch { return .silentMirror(url: "/etc/apt", error) }
        guard let source = sources.first, let suite = source.suites.first else { return .noMirror }
        let uri = source.uri.hasSuffix("/") ? String(source.uri.dropLast()) : source.uri
        let url = "\(uri)/dists/\(suite)/InRelease"
        do {
            try await within(seconds: patience, asking: url) { [environment] in
                try await SharedRemoteFiles(environment: environment).fetch(
                    url, maximumSize: 16 << 20, progress: { _, _ in }, restart: {}, body: { _ in })
            }
            return .mirror(url: PublicURL.text(of: uri))
        } catch { return .silentMirror(url: PublicURL.text(of: uri), error) }
    }

    private func within(
        seconds: Int, asking url: String, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw RemoteFileError.unreachable(url: url, reason: "it did not answer within \(seconds) s")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
