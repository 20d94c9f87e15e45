import OCI
import Storage
import SystemPackage

/// Directories that an image says to be volumes, and those of `-v TARGET`: each begins with what the image has there, owner
/// and mode too, can be written to even where the root file system cannot, and goes with its container.
struct ImageVolumes {
    private(set) var bindings: [Binding] = []
    /// The directories, which live as long as these values.
    private(set) var held: [TemporaryDirectory] = []
    private let layers: [DiffID]
    private let store: Store

    init(layers: [DiffID], store: Store) { (self.layers, self.store) = (layers, store) }

    mutating func add(_ target: ImagePath, _ access: Binding.Access = .readWrite) throws {
        let made = try store.makeTemporaryVolume(seed: Binding.Seed(layers: layers, path: target))
        held.append(made)
        bindings.append(Binding(source: .host(made.path.appending("data").string), target: target, access: access))
    }

    /// Adds the config's volumes.
    ///
    /// - Parameter taken: where something else is mounted.
    mutating func add(of config: ContainerConfig, but taken: [ImagePath]) throws {
        for text in config.volumes.sorted() {
            guard let target = ImagePath(text), !target.isRoot, !(taken + bindings.map(\.target)).contains(target)
            else { continue }
            try add(target)
        }
    }
}
