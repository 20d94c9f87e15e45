import SystemPackage
import TestSupport

/// The composed Debian base that several tests build on: one store, made once a run.
enum SharedBase {
    static let name = "debian:bookworm"

    /// Below `.build`, and thrown away when the next run begins.
    static let distill: Distill = {
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().string
        return Distill(directory: "\(root)/.build/end-to-end")
    }()

    /// Composes the base, at the first call.
    static func compose() async throws -> Command.Outcome { try await composition.value }

    private static let composition = Task {
        _ = try await Command("rm", ["-rf", distill.directory]).run()
        try Files.makeDirectory(distill.directory)
        return try await distill("base", "build", "--progress", "plain", name)
    }
}
