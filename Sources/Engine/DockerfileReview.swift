package import BuildGraph
package import Dockerfile
package import OCI
import Storage

/// What is to be said of a Dockerfile without building it: what a build would refuse, and what is worth a warning.
package struct DockerfileReview: Sendable {
    package let source: SourceFile
    /// Errors first, then the most harmful.
    package let findings: [Diagnostic]
    /// Whether the file cannot be built, or asks to fail because of its findings.
    package let fails: Bool

    /// - Parameters:
    ///   - request: with every right over this machine: who builds gives them, not the file.
    ///   - images: what is known of an image; nil where nothing is.
    package init(
        _ source: SourceFile, _ request: BuildRequest, ignore: IgnorePatterns? = nil,
        images: (ImageRequest) -> Image? = { _ in nil }
    ) {
        self.source = source
        var request = request
        request.entitlements = Set(Entitlement.allCases)
        let faults = BuildFaults(source, request, images: images)
        let (syntax, unreadable) = DockerfileSyntax.read(source)
        guard let syntax else {
            (findings, fails) = (faults.errors, true)
            return
        }
        let input = CheckInput(
            syntax, buildArguments: request.buildArguments, platform: request.platform,
            buildPlatform: request.buildPlatform,
            target: request.target, ignore: ignore, bases: faults.bases)
        do throws(DockerfileError) {
            let report = try CheckReport(input)
            var found = report.findings
            if let end = unreadable.map(\.range.start).min() {
                // Of a part of a file only what one instruction shows is certain.
                found = found.filter { $0.range.start < end && Rule.judgesInstructions($0.code) }
            }
            findings = faults.errors + faults.warnings + syntax.warnings + found
            fails = !faults.errors.isEmpty || report.failsBuild
        } catch {
            findings = error.diagnostics + faults.errors + faults.warnings
            fails = true
        }
    }
}

extension Engine {
    /// Looks at the Dockerfile of a specification without building it; for several platforms, as for the first.
    package func review(_ specification: BuildSpecification) async throws -> DockerfileReview {
        let dockerfile = try await dockerfile(of: specification)
        var request = specification.request
        request.platform = specification.platforms.first ?? .host
        for (name, source) in specification.namedContexts {
            switch source {
            case .image(let reference): request.namedContexts[name] = .image(reference)
            case .stage(let stage): request.namedContexts[name] = .stage(stage)
            case .files: request.namedContexts[name] = .directory
            // Nothing is known of the image before it is read.
            case .layout, .stored, .results:
                request.namedContexts[name] = .image(try ImageReference("\(ImageReference.layoutDomain)/context"))
            }
        }
        return DockerfileReview(dockerfile.file, request, ignore: try dockerfile.ignorePatterns()) { known($0) }
    }

    /// What the store knows of an image, without asking anybody; nil if it has none.
    package func known(_ request: ImageRequest) -> Image? {
        // What cannot be read is not known.
        (try? store.images.image(named: request.reference, for: request.platform)) ?? nil
    }
}
