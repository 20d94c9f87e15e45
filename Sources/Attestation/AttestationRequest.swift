/// What is to be said about an image.
package struct AttestationRequest: Hashable, Sendable {
    /// Whether the packages are listed.
    package var listsPackages = false
    package var provenance: ProvenanceRequest?
    /// Whether is told which line of the Dockerfile made each layer.
    package var explains = false

    package init(listsPackages: Bool = false, provenance: ProvenanceRequest? = nil) {
        (self.listsPackages, self.provenance) = (listsPackages, provenance)
    }

    package struct ProvenanceRequest: Hashable, Sendable {
        /// `mode=max`: build arguments, labels, secrets' names and steps too.
        package var isComplete = false
        /// A URI for who built, such as the page of a run of continuous integration.
        package var builder: String?
        /// Whether the person says that the same input gives the same image.
        package var isReproducible = false

        package init(isComplete: Bool = false, builder: String? = nil, isReproducible: Bool = false) {
            (self.isComplete, self.builder, self.isReproducible) = (isComplete, builder, isReproducible)
        }
    }
}
