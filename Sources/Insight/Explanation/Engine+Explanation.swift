import Bases
package import Engine
package import Inspection
import OCI
import Storage

extension Engine {
    /// Accounts for every byte of an image.
    ///
    /// - Parameter followsProgram: whether is looked what the entry point needs, as far as the layers are here.
    package func explain(_ opened: OpenedImage, followsProgram: Bool = true) async throws -> Explanation {
        let records = try await opened.records()
        var source = Explanation.Source(
            name: opened.name, image: opened.image, records: records, steps: opened.steps,
            transferSizes: try opened.transferSizes())
        if followsProgram { source.program = try await program(of: opened) }
        let complete = source
        return try await opened.store.perform { Explanation(complete) }
    }

    /// What instructions of an image's own Dockerfile could do better: its base is not looked at, which is quick.
    package func explainOwnLayers(of opened: OpenedImage) async throws -> Explanation {
        let records = try await opened.ownRecords()
        let source = Explanation.Source(
            name: opened.name, image: opened.image, records: records, steps: opened.steps,
            transferSizes: opened.image.layers.map { _ in nil })
        return try await opened.store.perform { Explanation(source) }
    }

    /// What starting the image is known to read; nothing where its layers are not here, or cannot be looked into.
    private func program(of opened: OpenedImage) async throws -> Explanation.Program {
        guard opened.isHere, opened.image.config.platform.os == "linux" else { return Explanation.Program() }
        let (image, store) = (opened.image, opened.store)
        return try await store.perform {
            var program = Explanation.Program()
            // An image that cannot be followed is accounted for all the same.
            guard let report = try? ClosureCheck.run(image.config, StoredTree.open(image, in: store)) else {
                return program
            }
            program.path = report.program?.relativeBytes
            program.files = Set(report.files.map(\.relativeBytes))
            program.isWhole = report.program != nil && report.findings.isEmpty && report.needs.runtime == nil
            if program.isWhole { program.base = BaseChoice(for: report.needs).name }
            return program
        }
    }
}
