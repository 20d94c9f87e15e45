import ArgumentParser
import Attestation
import Engine
import OCI

/// What `build` and `base build` say about the images that they make.
struct AttestationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Attach the list of the image's packages, as an SPDX document. (default: false)", valueName: "true|false"))
    var sbom: String?
    @Option(
        help: ArgumentHelp(
            "Attach how the image was made, as SLSA provenance: true, false, or mode=min|max, builder-id=, reproducible=true. (default: false)",
            valueName: "options"))
    var provenance: String?
    @Option(
        help: ArgumentHelp(
            "type=sbom or type=provenance with the options of these, or type=explanation: which line of the Dockerfile made each layer; repeatable.",
            valueName: "attestation"))
    var attest: [String] = []

    func request() throws -> AttestationRequest {
        try AttestationRequest(attest: attest, sbom: sbom, provenance: provenance)
    }
}
