import BuildGraph
package import Dockerfile
package import Engine
import OCI
import Rendering
import Storage

extension ErrorReport {
    /// `not reproducible: '/out' in layer 2 of 3 differs: byte 7 of its content`.
    package init(_ error: BuildDifference, of source: SourceFile?) {
        let place = "layer \(error.layer) of \(error.layerCount)"
        if let file = error.place?.file {
            self.init("not reproducible: '\(file.path)' in \(place) differs: \(Self.words(file.kind))")
        } else {
            self.init("not reproducible: the two builds differ in \(place)")
        }
        if let origin = error.place?.origin {
            hint = "the step is \(origin.text) [\(origin.stage) \(origin.step)/\(origin.stepCount)]"
            if let range = origin.range { locate(range, in: source) }
        }
        if let earlier = error.earlier, let file = earlier.file {
            hint =
                "it may come from \(earlier.origin.text) [\(earlier.origin.stage) \(earlier.origin.step)/\(earlier.origin.stepCount)], "
                + "where '\(file.path)' differs: \(Self.words(file.kind))"
        }
    }

    private static func words(_ kind: FileDifference.Kind) -> String {
        func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
        return switch kind {
        case .onlyInFirst: "only the first build has it"
        case .onlyInSecond: "only the second build has it"
        case .kind: "it is of two kinds"
        case .mode(let a, let b): "mode \(octal(a)) and \(octal(b))"
        case .owner(let a, let b): "owner \(a) and \(b)"
        case .size(let a, let b): "\(a) and \(b) bytes"
        case .content(let offset): "byte \(offset) of its content"
        case .linkTarget(let a, let b): "a link to '\(a)' and to '\(b)'"
        case .extendedAttributes: "its extended attributes"
        case .modified(let a, let b):
            "modified at \(Timestamp(seconds: a).rfc3339) and \(Timestamp(seconds: b).rfc3339)"
        }
    }
}
