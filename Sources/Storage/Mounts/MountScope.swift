internal import LinuxSystem
internal import Synchronization
internal import SystemPackage

/// A directory of a workspace with all that is mounted in it and held for it. Whatever way a step ends, by an error in the
/// middle of its preparation too, this value ends the mounts, then what is held, and then removes the directory: never while
/// something is mounted there, for the removal would walk through it.
final class MountScope: Sendable {
    private struct State {
        var mounted: [(place: FilePath, program: OverlayProgram?)] = []
        var held: [any Sendable] = []
        var isRemoved = false
    }

    let path: FilePath
    let directory: Directory
    private let workspace: Workspace
    private let state = Mutex(State())

    init(in workspace: Workspace) throws {
        self.workspace = workspace
        (path, directory) = try workspace.makeDirectory()
    }

    /// Mounts something, and remembers that it must be unmounted.
    ///
    /// - Parameter body: mounts, and returns the program that serves the mount, if it is not the kernel.
    /// - Returns: what `body` returns.
    @discardableResult
    func mount(at target: FilePath, _ body: (FilePath) throws -> OverlayProgram?) throws -> OverlayProgram? {
        let program = try body(target)
        state.withLock { $0.mounted.append((target, program)) }
        return program
    }

    func hold(_ value: any Sendable) { state.withLock { $0.held.append(value) } }

    /// Unmounts everything, the last first, and gives up what is held. The mounts are gone for new processes at once.
    ///
    /// - Throws: when something stays mounted.
    func unmount() throws(SystemCallError) {
        while let (target, program) = state.withLock({ $0.mounted.last }) {
            do { try Mount.detach(target) } catch {
                // No mount any more: somebody else in this namespace has ended it, or its program ended.
                let gone: [Errno] = [.invalidArgument, .noSuchFileOrDirectory, .socketNotConnected]
                guard gone.contains(error.errno) else { throw error }
            }
            try program?.waitForEnd()
            state.withLock { _ = $0.mounted.popLast() }
        }
        // Their ends may take locks of their own.
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        withExtendedLifetime(held) {}
    }

    /// Unmounts everything and removes the directory.
    func end() throws {
        try unmount()
        guard
            state.withLock({ state in
                defer { state.isRemoved = true }
                return !state.isRemoved
            })
        else { return }
        try workspace.remove(path)
    }

    deinit {
        // Best effort: what stays goes with the mount namespace and the workspace.
        try? end()
    }
}
