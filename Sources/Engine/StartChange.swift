import Bases
import Containers
import Inspection
import LinuxSystem
package import OCI
package import SystemPackage

/// What a caller changes of how an image starts: a Compose file does, and who asks about a command of his own.
package struct StartChange: Sendable {
    /// Something of this machine that is mounted over a part of the image.
    package enum Mount: Sendable {
        case host(FilePath, ImagePath)
        /// Nothing but an empty directory is there at first.
        case empty(ImagePath)
        case file([UInt8], mode: UInt32, user: UInt32, group: UInt32, ImagePath)
    }

    /// In place of the image's ENTRYPOINT; empty takes it away, nil leaves it.
    package var entrypoint: [String]?
    /// In place of the image's CMD; nil leaves it.
    package var command: [String]?
    package var user: String?
    package var workingDirectory: ImagePath?
    /// Set over the image's own, in this order.
    package var variables: [(name: String, value: String)] = []
    /// As HEALTHCHECK has it: `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", …]`; nil leaves the image's.
    package var healthcheck: [String]?
    package var mounts: [Mount] = []

    package init() {}

    /// An image's config with what is changed.
    package func applied(to config: ContainerConfig) -> ContainerConfig {
        var result = config
        result.entrypoint = config.arguments(entrypoint: entrypoint, command: command)
        result.command = nil
        if let user { result.user = user }
        if let workingDirectory { result.workingDirectory = workingDirectory.description }
        for (name, value) in variables { result.setEnvironment(name, value) }
        if let healthcheck { result.healthcheck = .init(test: healthcheck) }
        return result
    }

    /// What a container is to be that starts so.
    func specification(of image: Image) -> ContainerSpecification {
        var result = ContainerSpecification(imageName: image.id.description, hostname: "distill")
        (result.entrypoint, result.command, result.user) = (entrypoint, command, user)
        (result.workingDirectory, result.variables) = (workingDirectory, variables)
        result.network = .none
        return result
    }

    /// The mounts as the check sees them; what is not there shows an empty directory.
    func coverings() throws -> [Covering] {
        try mounts.map { mount in
            switch mount {
            case .empty(let target): return Covering(target, .nothing)
            case .file(let bytes, let mode, let user, let group, let target):
                return Covering(target, .file(bytes, FileAccess(mode: mode, user: user, group: group)))
            case .host(let path, let target):
                guard let real = ProcessFacts.realPath(path) else { return Covering(target, .nothing) }
                if let directory = try? Directory(opening: real) {  // a file
                    return Covering(target, .files(DirectoryLayer(directory: directory)))
                }
                let parent = try Directory(opening: real.removingLastComponent())
                return Covering(
                    target,
                    .files(
                        HostFile(
                            parent: DirectoryLayer(directory: parent),
                            name: Array((real.lastComponent?.string ?? "").utf8))))
            }
        }
    }
}

/// One file of a directory as the root of files of its own.
private struct HostFile: LayerFiles {
    let parent: DirectoryLayer
    let path: ImagePath

    init(parent: DirectoryLayer, name: [UInt8]) { (self.parent, path) = (parent, ImagePath.root.appending(name)) }

    func entry(at path: ImagePath) throws -> LayerEntry? { path.isRoot ? try parent.entry(at: self.path) : nil }
    func access(at path: ImagePath) throws -> FileAccess? { path.isRoot ? try parent.access(at: self.path) : nil }
    func names(in directory: ImagePath) throws -> [[UInt8]] { [] }
    func read(_ path: ImagePath, at offset: Int64, count: Int) throws -> [UInt8] {
        try parent.read(self.path, at: offset, count: count)
    }
}
