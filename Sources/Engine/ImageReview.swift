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
}

/// What an image was found to lack, or to have too much, before anything was made of it.
package struct ImageReview: Sendable {
    package let report: ClosureCheck.Report
    package let loneProgram: LoneProgram?
    /// Whether what is lacking ends the build.
    package let isFatal: Bool
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
    /// Looks at the image that was built.
    ///
    /// - Throws: ``EngineError/incompleteImage`` where something is lacking that must not be.
    func review(_ result: Build.Result, _ check: ImageCheck, _ events: Events) async throws {
        let image = result.image
        guard check != .off, image.config.platform.os == "linux" else { return }
        let review: ImageReview
        do {
            review = try await store.perform {
                let tree = try StoredTree.open(image, in: store)
                let report = try ClosureCheck.run(image.config, tree)
                return ImageReview(
                    report: report, loneProgram: try LoneProgram(result, report, tree), isFatal: check == .error)
            }
        } catch  where check != .error {
            // The image is built; a layer that cannot be looked into is for those to tell who use it.
            return events(.warning(.unreviewedImage(error)))
        }
        events(.reviewed(review))
        if review.isFatal, review.report.cannotStart { throw EngineError.incompleteImage }
    }
}
