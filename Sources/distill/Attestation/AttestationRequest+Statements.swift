import Inspection
import OCI
import Storage

extension AttestationRequest {
    /// What was asked for, about an image whose layers are in the store.
    ///
    /// - Parameters:
    ///   - names: what the image is called, whose package URLs are the statements' subjects.
    ///   - provenance: asked only if it is wanted.
    func statements(
        about image: Image, _ names: [ImageReference], in store: Store, provenance makeProvenance: () -> Provenance
    ) throws -> [Statement] {
        let uris = names.isEmpty ? ["_"] : names.map { $0.packageURL(image.config.platform) }
        // The digest of the manifest is known when the layers are packed.
        let subjects = uris.map { Statement.Subject(name: $0, digest: image.id) }
        var result: [Statement] = []
        if listsPackages {
            let bill = BillOfMaterials(
                try Inventory(StoredTree.open(image, in: store)), name: names.first?.familiar ?? image.id.description,
                image: image.id, created: image.config.created, toolVersion: Distill.version)
            result.append(Statement(Statement.packageList, bill.document(.spdx), about: subjects))
        }
        if let provenance {
            result.append(Statement(Statement.provenance, makeProvenance().predicate(provenance), about: subjects))
        }
        return result
    }
}

/// The files that hold what is said about an image beside its own (BuildKit's names).
enum AttestationFiles {
    static func documents(_ attestation: AttestationManifest) -> [(name: [UInt8], content: [UInt8])] {
        attestation.statementBytes.compactMap { bytes in
            switch try? Statement(bytes: bytes).predicateType {  // our own
            case Statement.packageList: (Array("sbom.spdx.json".utf8), bytes)
            case Statement.provenance: (Array("provenance.json".utf8), bytes)
            default: nil
            }
        }
    }
}
