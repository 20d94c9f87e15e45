import Engine
import LinuxSystem
import SystemPackage

/// Commands of an ordinary user, in a namespace in which they are root among their own IDs.
///
/// Everything that uses the store runs there, for files of layers belong to IDs that have no meaning outside. A user who has
/// no IDs but their own can make images whose files are all root's; what needs more says what is missing.
enum Rootless {
    private static let withoutStore: Set = ["check", "help", "login", "logout", "version", "completion", "__manual"]

    /// Enters the namespace, before there is a second thread.
    static func enter(for command: String?) throws(UserNamespace.Obstacle) {
        guard !ProcessFacts.isRoot, let command, !command.hasPrefix("-"), !withoutStore.contains(command) else {
            return
        }
        let environment = ProcessFacts.environment
        // Whoever opens the store tells.
        guard
            let store = StoreLocation.path(
                HostEnvironment(variables: environment, workingDirectory: ProcessFacts.workingDirectory, isRoot: false))
        else { return }
        do { try makeNamespace(searchPath: environment["PATH"] ?? "") } catch {
            // `doctor` goes on and tells.
            if error == .notMapped, command != "doctor" { throw error }
            return UserNamespace.note(error)
        }
        // The user's store, for this process and for the one that `compose up -d` leaves behind.
        ProcessFacts.setEnvironment("DISTILL_ROOT", store.string)
    }

    private static func makeNamespace(searchPath: String) throws(UserNamespace.Obstacle) {
        do { try UserNamespace.enter(searchPath: searchPath) } catch {
            switch error {
            case .notMapped, .refused: throw error
            case .noProgram, .noSubordinates: UserNamespace.note(error)
            }
            try UserNamespace.enterAlone()
        }
    }
}
