package import Inspection
package import OCI

extension AttestationRequest {
    /// What was asked for, about an image.
    ///
    /// - Parameters:
    ///   - names: what the image is called, whose package URLs are the statements' subjects.
    ///   - inventory: what is in the image; asked only if its packages are to be listed.
    ///   - provenance: asked only if it is wanted.
    package func statements(
        about image: Image, _ names: [ImageReference], inventory makeInventory: () throws -> Inventory,
        provenance makeProvenance: () -> Provenance
    ) rethrows -> [Statement] {
        let uris = names.isEmpty ? ["_"] : names.map { $0.packageURL(image.config.platform) }
        // The digest of the manifest is known when the layers are packed.
        let subjects = uris.map { Statement.Subject(name: $0, digest: image.id) }
        var result: [Statement] = []
        if listsPackages {
            let bill = BillOfMaterials(
                try makeInventory(), name: names.first?.familiar ?? image.id.description,
                image: image.id, created: image.config.created, toolVersion: ToolVersion.text)
            result.append(Statement(Statement.packageList, bill.document(.spdx), about: subjects))
        }
        if let provenance {
            result.append(Statement(Statement.provenance, makeProvenance().predicate(provenance), about: subjects))
        }
        return result
    }
}
