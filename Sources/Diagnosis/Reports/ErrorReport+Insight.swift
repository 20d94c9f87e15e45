package import Insight
package import Inspection
import OCI

/// What is wrong where somebody looks at an image, in words.
extension ErrorReport {
    package init(_ error: InsightError) {
        switch error {
        case .unknownSource(let scheme):
            self.init(
                "images behind '\(scheme)' cannot be looked at",
                hint: "known are docker://, oci:, oci-archive: and docker-archive:")
        case .noLayout(let path):
            self.init(
                "'\(path)' is no image layout",
                hint: "a layout has a file oci-layout; an image of the store has a name without a slash in front")
        case .notInArchive(let name, let path): self.init("the archive '\(path)' has no image '\(name)'")
        case .nothingThere(let text, let image):
            self.init(
                "'\(image)' has neither a path nor a package '\(text)'",
                hint: "distill explain --by path \(image) shows what it has")
        case .noDockerfile(let image):
            self.init(
                "it is not known which Dockerfile '\(image)' was built from",
                hint: "build it here from a directory, and without standard input")
        case .otherDockerfile(let path):
            self.init("'\(path)' has changed since the image was built", hint: "build the image again")
        case .nothingToApply: self.init("no fix of this image is a change of its Dockerfile or ignore file")
        case .noFix(let text):
            self.init("there is no fix '\(text)'", hint: "distill explain IMAGE lists them with their numbers")
        case .budget(let fault):
            self.init("\(fault.file)\(fault.line.map { ":\($0)" } ?? ""): \(fault.reason)", status: 64)
        }
    }

    package init(_ error: LayerRecorder.Fault) {
        switch error {
        case .tooManyEntries(let limit): self.init("a layer has more than \(limit) entries")
        }
    }
}
