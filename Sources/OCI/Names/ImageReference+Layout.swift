extension ImageReference {
    /// The domain of names that stand for images of OCI layouts: no registry can have it (RFC 2606, section 2).
    package static let layoutDomain = "oci-layout.invalid"

    /// Whether this stands for an image of an OCI layout.
    package var isOfLayout: Bool { domain == Self.layoutDomain }
}
