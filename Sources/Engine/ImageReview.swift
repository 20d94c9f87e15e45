import Bases
import BuildGraph
package import Inspection
package import OCI
import Solver
import Storage

/// What is done about an image that lacks what its entry point needs.
package enum ImageCheck: Hashable, Sendable {
    case off, warn
    /// The build fails before anything is made of the image.
    case error
    /// As `error`, and the program is started once, for so many seconds at most: what comes of it counts more than files.
    case start(limit: Int)

    /// How long a program has that is started, in seconds, where nobody says.
    package static let usualLimit = 10

    /// Whether what is lacking ends the build.
    package var isFatal: Bool {
        switch self {
        case .off, .warn: false
        case .error, .start: true
        }
    }

    var startLimit: Int? { if case .start(let limit) = self { limit } else { nil } }
}

/// What an image was found to lack, or to have too much, before anything was made of it.
package struct ImageReview: Sendable {
    package let report: ClosureCheck.Report
    package let loneProgram: LoneProgram?
    /// Whether what is lacking ends the build.
    package let isFatal: Bool
    /// Of several images; nil for the only one.
    package let platform: Platform?
}

/// A build of one stage whose entry point is one file that needs no other: the tutorial's lesson.
package struct LoneProgram: Sendable {
    package let path: ImagePath
    /// Bytes of the image that are not the program.
    package let surplus: Int64

    /// - Returns: nil where the lesson does not hold, or is not worth a word.
    package init?(_ result: Build.Result, _ report: ClosureCheck.Report, _ tree: ImageTree) throws {
        guard result.graph.stages.count == 1, report.findings.isEmpty, report.needs.runtime == nil,
            let program = report.program,
            report.files == [program], let size = try tree.lookUp(program)?.size,
            let total = result.solution.size(of: result.target), total - size >= 1 << 20
        else { return nil }
        (path, surplus) = (program, total - size)
    }
}

extension Engine {
    /// What an image lacks to start as it is, or with what a caller changes.
    ///
    /// - Parameter limit: seconds that its program has where it is to be started; nil looks at files alone.
    /// - Throws: what reading the layers throws; ``SandboxError`` where it is to be started and nothing can be.
    package func review(_ image: Image, _ change: StartChange, limit: Int? = nil) async throws -> ClosureCheck.Report {
        let store = store
        var report = try await store.perform {
            let tree = try StoredTree.open(image, in: store).covered(by: change.coverings())
            var config = image.config
            config.container = change.applied(to: config.container)
            return try ClosureCheck.run(config, tree)
        }
        if let limit, let outcome = try await StartTrial(engine: self, limit: limit).run(image, change) {
            report.believe(outcome)
        }
        return report
    }

    /// Looks at the images that were built.
    ///
    /// - Throws: ``EngineError/incompleteImage`` where something is lacking that must not be.
    func review(_ results: [Build.Result], _ check: ImageCheck, _ change: StartChange, _ events: Events) async throws {
        guard check != .off else { return }
        var lacksSomething = false
        for result in results where result.image.config.platform.os == "linux" {
            let review: ImageReview
            do {
                let report = try await self.review(result.image, change, limit: check.startLimit)
                let loneProgram = try await store.perform {
                    try LoneProgram(result, report, StoredTree.open(result.image, in: store))
                }
                review = ImageReview(
                    report: report, loneProgram: loneProgram, isFatal: check.isFatal,
                    platform: results.count > 1 ? result.image.config.platform : nil)
            } catch  where !check.isFatal {
                // The image is built; a layer that cannot be looked into is for those to tell who use it.
                events(.warning(.unreviewedImage(error)))
                continue
            }
            events(.reviewed(review))
            lacksSomething = lacksSomething || review.report.cannotStart
        }
        if check.isFatal, lacksSomething { throw EngineError.incompleteImage }
    }
}
