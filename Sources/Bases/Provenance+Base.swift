package import Attestation
package import Debian
package import OCI

extension Provenance {
    /// How a base was composed: of which packages, whatever mirror they came from. Nothing in it tells when: the same
    /// packages give the same image.
    package init(_ recipe: BaseRecipe, _ packages: [BinaryPackage], _ platform: Platform, isLocked: Bool) {
        self.init(kind: .base, path: recipe.name)
        arguments = ["platform": platform.description, "suite": recipe.suite]
        if isLocked { arguments["lock"] = "true" }
        isReproducible = true
        materials = packages.map { Material(uri: $0.packageURL, $0.digest) }
    }
}
