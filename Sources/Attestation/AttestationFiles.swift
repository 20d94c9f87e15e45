import Inspection
package import OCI

/// The files that hold what is said about an image beside its own (BuildKit's names).
package enum AttestationFiles {
    package static func documents(_ attestation: AttestationManifest) -> [(name: [UInt8], content: [UInt8])] {
        attestation.statementBytes.compactMap { bytes in
            switch try? Statement(bytes: bytes).predicateType {  // our own
            case Statement.packageList: (Array("sbom.spdx.json".utf8), bytes)
            case Statement.provenance: (Array("provenance.json".utf8), bytes)
            case BuildRecord.predicateType: (Array("explanation.json".utf8), bytes)
            default: nil
            }
        }
    }
}
