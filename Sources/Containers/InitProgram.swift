package import LinuxSystem
import OCI
package import Storage
import SystemPackage

/// A program of this machine that is a container's first process: it starts the container's own, passes signals on, and waits for
/// what others left behind (docker run --init; tini(1), catatonit(1)).
package enum InitProgram {
    /// Static ones, which work in an image that has nothing; the first that is there is taken.
    package static let names = ["tini-static", "catatonit", "docker-init"]

    /// Where a container sees it.
    static let target = ImagePath("/run/distill-init") ?? .root

    /// - Throws: ``ContainerError/noInit``.
    package static func binding(_ environment: HostEnvironment) throws(ContainerError) -> Binding {
        let podman = HostEnvironment(variables: ["PATH": "/usr/libexec/podman:/usr/lib/podman"])
        let found = names.lazy.compactMap { environment.program($0) ?? podman.program($0) }.first
        guard let path = found.flatMap(ProcessFacts.realPath) else { throw .noInit }
        return Binding(source: .host(path.string), target: target, access: .readOnly)
    }

    /// A command line behind the program; all that follows the two dashes is the container's.
    static func starting(_ arguments: [String]) -> [String] { [target.description, "--"] + arguments }
}
