internal import LinuxSystem
package import SystemPackage

/// An OCI runtime that is installed on this machine: crun, runc or youki.
package struct OCIRuntime: ContainerRuntime {
    package let path: FilePath

    /// The names that are looked for on PATH, in this order.
    package static let names = ["crun", "runc", "youki"]

    let filters: FilterCache

    package init(path: FilePath, filters: FilterCache = .none) { (self.path, self.filters) = (path, filters) }

    /// Finds a runtime.
    ///
    /// - Parameter searchPath: the value of PATH. Beside a `bin` of it `sbin` is looked through too, which ordinary users often
    ///   lack there: Debian 12 has runc in it.
    package static func find(searchPath: String, filters: FilterCache = .none) throws(SandboxError) -> OCIRuntime {
        let named = searchPath.split(separator: ":").map { FilePath(String($0)) }
        let beside = named.filter { $0.lastComponent == "bin" }.map { $0.removingLastComponent().appending("sbin") }
        for name in names {
            for directory in named + beside {
                let path = directory.appending(name)
                if ProcessFacts.isExecutable(path) { return OCIRuntime(path: path, filters: filters) }
            }
        }
        throw .noRuntime(searchPath: searchPath)
    }

    /// The program's name, by which its ways are known.
    package var name: String { path.lastComponent?.string ?? path.string }

    var isCrun: Bool { name == "crun" }

    /// crun can leave cgroups alone, which a build does not need and some machines do not allow.
    var globalArguments: [String] { isCrun ? ["--cgroup-manager=disabled"] : [] }
}
