import Engine
import LinuxSystem
import Synchronization
import SystemPackage

/// Commands of an ordinary user, in a namespace in which they are root among their own IDs.
///
/// Everything that uses the store runs there, for files of layers belong to IDs that have no meaning outside. A user who has
/// no IDs but their own can make images whose files are all root's; what needs more says what is missing.
enum Rootless {
    private static let kept = Mutex<UserNamespace.Obstacle?>(nil)

    /// Why there is no namespace, or none with more than one ID; nil where there is one, or no need of it.
    static var obstacle: UserNamespace.Obstacle? { kept.withLock { $0 } }

    private static let withoutStore: Set = ["check", "help", "login", "logout"]

    /// Enters the namespace, before there is a second thread.
    static func enter(for command: String?) throws(UserNamespace.Obstacle) {
        guard !ProcessFacts.isRoot, let command, !command.hasPrefix("-"), !withoutStore.contains(command) else { return }
        let environment = ProcessFacts.environment
        // Whoever opens the store tells.
        guard let store = StoreLocation.path(HostEnvironment(variables: environment, workingDirectory: ProcessFacts.workingDirectory, isRoot: false)) else { return }
        do { try makeNamespace(searchPath: environment["PATH"] ?? "") } catch {
            if error == .notMapped { throw error }
            return kept.withLock { $0 = error }
        }
        // The user's store, for this process and for the one that `compose up -d` leaves behind.
        ProcessFacts.setEnvironment("DISTILL_ROOT", store.string)
    }

    private static func makeNamespace(searchPath: String) throws(UserNamespace.Obstacle) {
        do { try UserNamespace.enter(searchPath: searchPath) } catch {
            switch error {
            case .notMapped, .refused: throw error
            case .noProgram, .noSubordinates: kept.withLock { $0 = error }
            }
            try UserNamespace.enterAlone()
        }
    }
}

extension ErrorReport {
    init(_ error: UserNamespace.Obstacle) {
        switch error {
        case .notMapped:
            self.init(
                "you cannot be root in a namespace of your own: its IDs could not be mapped",
                hint: UserNamespace.restriction.map(Self.wayAround)
                    ?? "what newuidmap says stands above; or a security module restricts namespaces, see docs/rootless.md; or use sudo")
        case .noProgram, .noSubordinates, .refused: self.init("you are not root, and cannot be in a namespace of your own", hint: Self.needOfRoot(error))
        }
    }

    /// What to do where only root has a right.
    static func needOfRoot(_ obstacle: UserNamespace.Obstacle?) -> String {
        switch obstacle {
        case nil, .notMapped:
            if !UserNamespace.isInitial, let restriction = UserNamespace.restriction { return wayAround(restriction) }
            return "this process lacks a right that mounting needs (CAP_SYS_ADMIN)"
                + (UserNamespace.isInitial ? "" : "; where a security module restricts user namespaces, see docs/rootless.md")
        case .noProgram: return "without root this needs the package uidmap: apt-get install uidmap"
        case .noSubordinates(let user, let file):
            return "without root this needs IDs of '\(user)' in \(file): sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)"
        case .refused:
            return UserNamespace.restriction.map(wayAround)
                ?? "without root this needs user namespaces, which this machine refuses to ordinary users: see docs/rootless.md, or use sudo"
        }
    }

    private static func wayAround(_ restriction: UserNamespace.Restriction) -> String {
        let setting = "\(restriction.rawValue)=\(restriction.restrictingValue)"
        let remedy =
            switch restriction {
            case .count: "sudo sysctl -w \(restriction.rawValue)=15000"
            case .clone: "sudo sysctl -w \(restriction.rawValue)=1"
            case .appArmor: "give it an AppArmor profile, as docs/rootless.md shows"
            }
        return "without root this needs user namespaces, which \(setting) refuses to ordinary users: \(remedy), or use sudo"
    }
}
