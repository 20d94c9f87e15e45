package import Compose
package import OCI
package import Storage

extension Service {
    /// The service's image as the store has it; nil where it has none for the service's platform.
    package func storedImage(in project: Project, _ store: Store) throws -> Image? {
        let reference = try ImageReference(imageName(in: project.name)).withDefaultTag
        return try store.images.image(named: reference, for: platform ?? .host)
    }
}
