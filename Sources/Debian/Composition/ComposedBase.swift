package import OCI

/// A base image of unpacked packages, and what is left to do on it.
package struct ComposedBase: Sendable {
    package let image: Image
    /// Shell scripts that must run as root in the image, in order and with no network, before it is a full system: they
    /// configure the packages and clean up. Empty for a base whose packages are never configured.
    package let completion: [String]
    package let resolution: Resolution
    /// Seconds since 1970 of the youngest suite.
    package let archiveDate: Int64
}
