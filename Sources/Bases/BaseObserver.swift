package import Debian
package import Dockerfile
package import OCI
package import Solver

/// Hears of how a base is composed.
package protocol BaseObserver: Sendable {
    func composing(_ progress: Composer.Progress)
    /// Nothing more is said of this composition.
    func composed()
    /// - Parameter dropped: the paths that were left out, sorted, with their bytes.
    func sliced(_ dropped: [(path: ImagePath, size: Int64)])
    /// Runs the steps that complete a base while it hears of them.
    ///
    /// - Parameter source: what the steps come from, by the base's name.
    func completing(
        _ source: SourceFile, _ steps: @escaping @Sendable (@escaping @Sendable (BuildEvent) -> Void) async throws -> Solver.Solution
    ) async throws -> Solver.Solution
}

/// Says nothing.
package struct SilentObserver: BaseObserver {
    package init() {}

    package func composing(_ progress: Composer.Progress) {}

    package func composed() {}

    package func sliced(_ dropped: [(path: ImagePath, size: Int64)]) {}

    package func completing(
        _ source: SourceFile, _ steps: @escaping @Sendable (@escaping @Sendable (BuildEvent) -> Void) async throws -> Solver.Solution
    ) async throws -> Solver.Solution {
        try await steps { _ in }
    }
}
