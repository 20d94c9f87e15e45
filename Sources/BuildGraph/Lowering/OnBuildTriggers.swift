internal import Dockerfile
internal import OCI

/// The instructions that a base asks stages to begin with (Dockerfile reference, ONBUILD).
enum OnBuildTriggers {
    /// - Parameter stages: with the triggers of earlier stages already in place; those hold no ONBUILD themselves.
    static func instructions(
        for index: Int, _ stages: [StageSyntax], _ sources: SourceResolver, _ bases: [ImageRequest: Image]
    ) throws(DockerfileError) -> [Instruction] {
        let texts: [String]
        do throws(Diagnostic) {
            switch try sources.base(of: index) {
            case .image(let request): texts = bases[request]?.config.container.onBuild ?? []
            case .stage(let base):
                texts = stages[base].instructions.compactMap {
                    if case .onbuild(let onBuild) = $0.kind { onBuild.trigger } else { nil }
                }
            case .scratch, .directory: texts = []
            }
        } catch {
            throw DockerfileError(error)
        }
        var instructions: [Instruction] = []
        for text in texts { instructions.append(try instruction(text, at: stages[index].opening.range)) }
        return instructions
    }

    /// A trigger stands in no file that people see: it is shown at the FROM that brings it.
    private static func instruction(_ text: String, at range: SourceRange) throws(DockerfileError) -> Instruction {
        do throws(DockerfileError) {
            var instruction = try Instruction.parse(text)
            switch instruction.kind {
            case .from, .onbuild, .maintainer:
                throw DockerfileError(
                    Diagnostic(
                        .error(.invalidOnBuild), at: range, "\(instruction.name.rawValue) is not allowed as a trigger"))
            default: instruction.range = range
            }
            return instruction
        } catch {
            throw DockerfileError(error.diagnostics[0].inTrigger(text, at: range))
        }
    }
}

extension Diagnostic {
    func inTrigger(_ text: String, at range: SourceRange) -> Diagnostic {
        var moved = self
        moved.range = range
        moved.message += ", in the trigger ONBUILD \(text.split(separator: "\n").first ?? "") of the base"
        return moved
    }
}
