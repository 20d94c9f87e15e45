package import Inspection
package import OCI

extension AttestationRequest {
    /// What statements are made from; the functions are called only where it is wanted.
    package struct Material {
        let inventory: () throws -> Inventory
        let provenance: Provenance
        /// Of an image that no Dockerfile made: nil.
        let record: BuildRecord?

        package init(
            provenance: Provenance, record: BuildRecord? = nil, inventory: @escaping () throws -> Inventory
        ) {
            (self.provenance, self.record, self.inventory) = (provenance, record, inventory)
        }
    }

    /// What was asked for, about an image.
    ///
    /// - Parameter names: what the image is called, whose package URLs are the statements' subjects.
    package func statements(about image: Image, _ names: [ImageReference], from material: Material) throws
        -> [Statement]
    {
        let uris = names.isEmpty ? ["_"] : names.map { $0.packageURL(image.config.platform) }
        // The digest of the manifest is known when the layers are packed.
        let subjects = uris.map { Statement.Subject(name: $0, digest: image.id) }
        var result: [Statement] = []
        if listsPackages {
            let bill = BillOfMaterials(
                try material.inventory(), name: names.first?.familiar ?? image.id.description,
                image: image.id, created: image.config.created, toolVersion: ToolVersion.text)
            result.append(Statement(Statement.packageList, bill.document(.spdx), about: subjects))
        }
        if let provenance {
            result.append(
                Statement(Statement.provenance, material.provenance.predicate(provenance), about: subjects))
        }
        if explains, let record = material.record {
            result.append(Statement(BuildRecord.predicateType, record.forOthers.json, about: subjects))
        }
        return result
    }
}
