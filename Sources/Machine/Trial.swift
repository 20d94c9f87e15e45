package import LinuxSystem
package import SystemPackage

/// Something of this machine that was tried, and what came of it.
package struct Trial: Sendable {
    /// The order is that in which they are told.
    package enum Subject: String, CaseIterable, Sendable {
        case kernel, namespaces, store, space, overlay, runtime, limits, network, git, gpgv, mirror, agent, emulation
    }

    /// What was found; sentences are made elsewhere.
    package enum Finding: Sendable {
        case kernel(release: String)
        case root
        /// A namespace of the caller's own, with so many IDs.
        case namespace(identifiers: UInt64)
        /// No namespace, or one with a single ID.
        case restricted(UserNamespace.Obstacle, hasOne: Bool)
        case store(path: FilePath, FileSystemKind?)
        case noStore(any Error)
        /// Bytes.
        case space(Int64, path: FilePath)
        /// fuse-overlayfs shows layers where the kernel does not.
        case overlay(byProgram: Bool, FileSystemKind?)
        case noOverlay(any Error)
        case runtime(name: String, version: String)
        case noRuntime(any Error)
        /// The runtime ran the program, and that ended so.
        case runtimeEnded(name: String, status: Int32, words: String)
        /// The kinds of limits that can be set, by the kernel's names, and those that cannot.
        case limits([String], missing: [String])
        /// Programs with the first line that they tell of themselves, and those that are not there.
        case programs([Program], missing: [String])
        /// The program is there, and no network leads outside with it.
        case noOutside(any Error)
        case mirror(url: String)
        case noMirror
        case silentMirror(url: String, any Error)
        /// Architectures in Go's words.
        case emulation([String])
        /// It could not be tried, because something before it failed.
        case untried(because: Subject)
    }

    package struct Program: Hashable, Sendable {
        package let name: String
        package let version: String
    }

    package enum Status: String, Sendable {
        case works = "ok"
        /// Some of it, or for some uses.
        case limited
        /// Not there, and most commands do without it.
        case absent = "optional"
        case missing
    }

    package let subject: Subject
    package let finding: Finding

    package init(_ subject: Subject, _ finding: Finding) { (self.subject, self.finding) = (subject, finding) }

    /// The least that a build is at ease with, in bytes.
    package static let comfortableSpace: Int64 = 1 << 30
    /// Below this much nothing of use can be built, in bytes.
    package static let leastSpace: Int64 = 64 << 20

    package var status: Status {
        switch finding {
        case .kernel: ProcessFacts.kernelIsOlder(than: 5, 10) ? .limited : .works
        case .root, .namespace, .store, .runtime, .mirror: .works
        case .restricted(let obstacle, _):
            if case .refused = obstacle { .missing } else if obstacle == .notMapped { .missing } else { .limited }
        case .space(let bytes, _):
            bytes < Self.leastSpace ? .missing : bytes < Self.comfortableSpace ? .limited : .works
        case .overlay(let byProgram, _): byProgram ? .limited : .works
        case .noStore, .noOverlay, .noRuntime, .runtimeEnded: .missing
        case .limits(_, let missing): missing.isEmpty ? .works : .limited
        case .programs(_, let missing):
            missing.isEmpty ? .works : subject == .network ? .limited : .absent
        case .noOutside: .limited
        case .noMirror, .silentMirror: .absent
        case .emulation(let all): all.isEmpty ? .absent : .works
        case .untried: .absent
        }
    }

    /// The commands that go without, or not at all, where it is missing.
    package var commands: [String] {
        switch subject {
        case .kernel, .namespaces, .store, .space: ["build", "run", "compose", "pull"]
        case .overlay, .runtime: ["build (RUN)", "run", "compose up"]
        case .limits: ["build --memory", "run --memory", "compose up"]
        case .network: ["build (RUN)", "run", "compose up"]
        case .git: ["build REPOSITORY", "ADD REPOSITORY"]
        case .gpgv, .mirror: ["base build", "FROM distroless/…"]
        case .agent: ["build --ssh NAME=KEY"]
        case .emulation: ["build --platform", "run"]
        }
    }
}
