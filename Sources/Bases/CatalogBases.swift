package import BuildGraph
import Debian
package import OCI
import Storage

/// The images of the catalog for the FROM lines of a Dockerfile. No registry is asked for a name below `distroless/`.
package struct CatalogBases: Sendable {
    package let composition: BaseComposition
    /// Whether public names such as `gcr.io/distroless/cc-debian12` stand for the catalog's images.
    package let redirectsPublicNames: Bool

    package init(composition: BaseComposition, redirectsPublicNames: Bool) {
        (self.composition, self.redirectsPublicNames) = (composition, redirectsPublicNames)
    }

    /// The catalog's name for a reference; nil for one that does not belong to it.
    package func name(of reference: ImageReference) -> String? {
        if let own = Self.ownName(of: reference) { return own }
        guard redirectsPublicNames else { return nil }
        return BaseCatalog.name(ofPublic: reference.repository, domain: reference.domain, tag: reference.tag)
    }

    /// A name below `distroless/`, which belongs to the catalog whatever happens.
    package static func ownName(of reference: ImageReference) -> String? {
        guard reference.domain == "docker.io", reference.repository.hasPrefix(BaseCatalog.namespace) else { return nil }
        return reference.familiar
    }

    /// The image of a name, composed where the store has none for the platform.
    package func image(_ name: String, _ request: ImageRequest, renews: Bool) async throws -> Image {
        guard request.reference.digest == nil else { throw BaseError.digest(name) }
        let reference = try ImageReference(name).withDefaultTag
        if !renews, let local = try store.images.image(named: reference, for: request.platform),
            local.config.platform.distance(to: request.platform) != nil
        {
            return local
        }
        let recipes = BaseCatalog.recipes(named: name)
        guard !recipes.isEmpty else { throw BaseError.unknownName(name) }
        let result = try await composition.compose(recipes, request.platform)
        try composition.tag([result], [name])
        return result.image
    }

    private var store: Store { composition.store }
}
